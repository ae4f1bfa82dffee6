//! Settings of the store: how much it keeps in memory and in its log before files take over.

use std::path::PathBuf;
use std::time::Duration;

use pellucid_model::{Error, ErrorKind, Result};
use pellucid_store::Options;
use serde::{Deserialize, Serialize};

/// How much the store keeps in memory and in its log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreBounds {
    /// Bytes of rows in memory that start a flush to files.
    pub flush_bytes: u64,
    /// Seconds after which the oldest row in memory starts a flush.
    pub flush_seconds: u64,
    /// Bytes of rows in memory above which senders are told to come back.
    pub memory_bytes: u64,
    /// Bytes accepted and not yet visible above which senders are told to come back.
    pub queue_bytes: u64,
    /// Bytes of the write-ahead log above which senders are told to come back: reached only while flushes fail.
    pub log_bytes: u64,
    /// The folder that `pellucid store backup` fills while the server runs. Empty: there is none.
    pub backup_dir: String,
}

impl Default for StoreBounds {
    fn default() -> Self {
        let options = Options::new("");
        Self {
            flush_bytes: options.flush_bytes,
            flush_seconds: options.flush_age.as_secs(),
            memory_bytes: options.memtable_max_bytes,
            queue_bytes: options.queue_max_bytes,
            log_bytes: options.wal_max_bytes,
            backup_dir: String::new(),
        }
    }
}

impl StoreBounds {
    /// Where backups go, if that is set.
    pub(crate) fn backup_dir(&self) -> Option<PathBuf> {
        (!self.backup_dir.is_empty()).then(|| PathBuf::from(&self.backup_dir))
    }

    /// The same for the store.
    pub(crate) fn apply(&self, mut options: Options) -> Options {
        options.flush_bytes = self.flush_bytes;
        options.flush_age = Duration::from_secs(self.flush_seconds);
        options.memtable_max_bytes = self.memory_bytes;
        options.queue_max_bytes = self.queue_bytes;
        options.wal_max_bytes = self.log_bytes;
        options
    }

    /// A bound of nothing would refuse everything, and memory that is full before a flush starts would never empty.
    pub(super) fn validate(&self) -> Result<()> {
        let wrong = |message: &str| Err(Error::new(ErrorKind::Invalid, message));
        let bounds = [self.flush_bytes, self.flush_seconds, self.memory_bytes, self.queue_bytes, self.log_bytes];
        if bounds.contains(&0) {
            return wrong("settings under [store] must be above 0");
        }
        if self.memory_bytes <= self.flush_bytes {
            return wrong("store.memory_bytes must be above store.flush_bytes");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_that_would_stop_everything_are_refused() {
        let fine = StoreBounds::default();
        assert!(fine.validate().is_ok());
        assert!(StoreBounds { queue_bytes: 0, ..fine.clone() }.validate().is_err());
        assert!(StoreBounds { memory_bytes: fine.flush_bytes, ..fine }.validate().is_err());
    }

    #[test]
    fn the_store_gets_what_was_set() {
        let options = StoreBounds { flush_seconds: 3, log_bytes: 7, ..StoreBounds::default() }.apply(Options::new("x"));
        assert_eq!((options.flush_age, options.wal_max_bytes), (Duration::from_secs(3), 7));
        assert_eq!(options.flush_bytes, Options::new("x").flush_bytes);
    }
}
