//! How a store is set up: where it lives and how much it may hold.

use std::path::PathBuf;
use std::time::Duration;

use crate::hook::Hook;

/// Memtable bytes that start a flush: large enough for files of ≥ 10 k rows, small enough to write in about a second.
const FLUSH_BYTES: u64 = 64 << 20;
/// Age that starts a flush: bounds what a restart must replay on a quiet server.
const FLUSH_AGE: Duration = Duration::from_secs(60);
/// Memtable bytes above which writes are refused: one full memtable being flushed, one filling, one of slack.
const MEMTABLE_MAX_BYTES: u64 = 3 * FLUSH_BYTES;
/// Bytes of records accepted and not yet visible: a few of the largest requests a receiver takes.
const QUEUE_MAX_BYTES: u64 = 64 << 20;
/// Log bytes on disk above which writes are refused: reached only if flushes keep failing.
const WAL_MAX_BYTES: u64 = 2 << 30;

/// Files of one size class that are merged: a row is written anew about once a class, of which there are four.
const MERGE_FILES: usize = 4;

/// Data files from this size on have a word index: what is smaller is read in some ten milliseconds and soon merged.
const WORDS_MIN_BYTES: u64 = 1 << 20;

/// Where the store lives and how much it may hold.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data directory; created if missing.
    pub dir: PathBuf,
    /// Memtable bytes that start a flush.
    pub flush_bytes: u64,
    /// Age of the oldest unflushed row that starts a flush.
    pub flush_age: Duration,
    /// Memtable bytes above which writes are refused.
    pub memtable_max_bytes: u64,
    /// Bytes of records accepted and not yet visible above which writes are refused.
    pub queue_max_bytes: u64,
    /// Log bytes on disk above which writes are refused.
    pub wal_max_bytes: u64,
    /// Files of one size and day that make a merge due; at least two.
    pub merge_files: usize,
    /// Bytes from which on a data file has a word index.
    pub words_min_bytes: u64,
    /// Test hook of the durable path.
    pub(crate) hook: Hook,
}

impl Options {
    /// The defaults for a data directory.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            flush_bytes: FLUSH_BYTES,
            flush_age: FLUSH_AGE,
            memtable_max_bytes: MEMTABLE_MAX_BYTES,
            queue_max_bytes: QUEUE_MAX_BYTES,
            wal_max_bytes: WAL_MAX_BYTES,
            merge_files: MERGE_FILES,
            words_min_bytes: WORDS_MIN_BYTES,
            hook: Hook::default(),
        }
    }
}
