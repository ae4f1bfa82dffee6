//! Who may write now: bytes accepted and not yet visible are reserved, and full is said before memory grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{StoreError, StoreResult};
use crate::options::Options;

/// Bytes in use, shared by those who add to them.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage {
    queue_bytes: Arc<AtomicU64>,
    memory_bytes: Arc<AtomicU64>,
}

impl Usage {
    /// Tells how large the memtable is; the apply thread does after every change.
    pub(super) fn set_memory_bytes(&self, bytes: usize) {
        self.memory_bytes.store(bytes as u64, Ordering::Relaxed);
    }
}

/// The limits, and how near they are.
#[derive(Debug)]
pub(super) struct Gate {
    usage: Usage,
    queue_max_bytes: u64,
    memtable_max_bytes: u64,
    wal_max_bytes: u64,
}

/// A place in the queue, given back when dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    queue_bytes: Arc<AtomicU64>,
    bytes: u64,
}

impl Gate {
    pub(super) fn new(options: &Options, usage: Usage) -> Self {
        Self {
            usage,
            queue_max_bytes: options.queue_max_bytes,
            memtable_max_bytes: options.memtable_max_bytes,
            wal_max_bytes: options.wal_max_bytes,
        }
    }

    /// Reserves `bytes` of the queue; a record larger than the whole queue is let in when the queue is empty.
    pub(super) fn admit(&self, bytes: u64, wal_bytes: u64) -> StoreResult<Ticket> {
        let full = |what, limit_bytes| Err(StoreError::Full { what, limit_bytes });
        if self.usage.memory_bytes.load(Ordering::Relaxed) > self.memtable_max_bytes {
            return full("memory for rows not yet in files", self.memtable_max_bytes);
        }
        if wal_bytes > self.wal_max_bytes {
            return full("write-ahead log", self.wal_max_bytes);
        }
        let queue = &self.usage.queue_bytes;
        let fits = |queued: u64| (queued == 0 || queued + bytes <= self.queue_max_bytes).then_some(queued + bytes);
        if queue.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
            return full("write queue", self.queue_max_bytes);
        }
        Ok(Ticket { queue_bytes: Arc::clone(queue), bytes })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.queue_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
