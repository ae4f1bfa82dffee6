//! The store: rows in through the log, views out, files in the background.
//!
//! Five threads, each with one queue: the log's commit thread makes records durable, the apply thread is the only one
//! that changes what queries see, the flush thread turns memory into files and is the only one that changes the catalogue,
//! the merge thread makes few files of many, the words thread makes their word indexes. A write is answered by the apply thread, so what was acknowledged is durable
//! and in the next view.

mod admission;
mod apply;
mod backup;
mod compact;
mod data_files;
mod delete;
mod disk;
mod flush;
mod inspect;
mod keep;
mod open;
mod purge;
mod retain;
mod rewrite;
mod state;
#[cfg(test)]
mod tests;
mod words;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pellucid_model::Result;
use tokio::sync::oneshot;

use self::admission::Gate;
use self::apply::{Done, Pending, Task};
use self::compact::MergeOrder;
pub use self::compact::MergeReport;
use self::flush::Order;
pub use self::inspect::{Fault, TableStatus};
use self::open::Threads;
pub use self::retain::{Ages, Retention, RetentionReport};
use self::state::{State, read};
use self::words::WordsOrder;
use crate::error::{StoreError, StoreResult};
use crate::metadata::Metadata;
use crate::options::Options;
use crate::snapshot::{Table, TableSnapshot};
use crate::stages::{Batch, Stages, WalRecord};
use crate::wal::encode;

/// Bodies from this size on are packed aside: packing them keeps a core busy for longer than other requests may wait.
const PACK_ASIDE_BYTES: usize = 128 << 10;

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Commit {
    /// Rows that are new.
    pub new: u64,
    /// Rows that were there and changed.
    pub changed: u64,
    /// Rows that were there already.
    pub same: u64,
}

/// Rows of each table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowCounts {
    /// Spans.
    pub spans: u64,
    /// Log records.
    pub logs: u64,
    /// Metric points.
    pub metrics: u64,
}

/// Sizes of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    /// Rows, masked ones left out.
    pub rows: RowCounts,
    /// Data files.
    pub files: u64,
    /// Bytes of data files.
    pub disk_bytes: u64,
    /// Bytes of rows not yet in files.
    pub memory_bytes: u64,
    /// Bytes of the write-ahead log.
    pub wal_bytes: u64,
}

/// A data directory in use.
pub struct Store {
    state: Arc<RwLock<State>>,
    gate: Gate,
    closed: AtomicBool,
    threads: Mutex<Option<Threads>>,
    stages: Arc<dyn Stages>,
    metadata: Metadata,
    dir: PathBuf,
    /// Held by whoever removes deleted rows from the disk.
    purging: tokio::sync::Mutex<()>,
    damaged: Vec<Fault>,
}

impl Store {
    /// Opens a data directory: catalogue, files, then the log is replayed.
    pub async fn open(options: Options, stages: Arc<dyn Stages>) -> Result<Self> {
        Ok(open::open(options, stages).await?)
    }

    /// Stores the rows of a record; returns when they are durable and visible. If it fails nothing was acknowledged, and
    /// the same record may be written again: rows are known by what they say.
    pub async fn write(&self, record: WalRecord, batch: Batch) -> Result<Commit> {
        Ok(self.write_inner(record, batch).await?)
    }

    async fn write_inner(&self, record: WalRecord, batch: Batch) -> StoreResult<Commit> {
        if batch == Batch::default() {
            return Ok(Commit::default());
        }
        Ok(self.submit(record, Task::Batch(batch)).await?.commit)
    }

    /// Logs a record and has its task done.
    async fn submit(&self, record: WalRecord, task: Task) -> StoreResult<Done> {
        let ticket = self.admit(record.body.len() as u64)?;
        let packed = if record.body.len() < PACK_ASIDE_BYTES {
            encode(&record)?
        } else {
            let packing = tokio::task::spawn_blocking(move || encode(&record)).await;
            packing.map_err(|cause| StoreError::Internal(format!("cannot pack a record: {cause}")))??
        };
        let (answer, answered) = oneshot::channel();
        let log_bytes = packed.len() as u64;
        self.with_threads(|threads| threads.wal.append(packed, Pending { task, log_bytes, answer, ticket }))?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Refuses early and before memory grows: the caller is told to come back.
    fn admit(&self, bytes: u64) -> StoreResult<admission::Ticket> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        let wal_bytes = self.with_threads(|threads| Ok(threads.wal.bytes()))?;
        self.gate.admit(bytes, wal_bytes)
    }

    fn with_threads<T>(&self, f: impl FnOnce(&Threads) -> StoreResult<T>) -> StoreResult<T> {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        f(threads.as_ref().ok_or(StoreError::Closed)?)
    }

    /// A repeatable view of a table.
    pub fn snapshot(&self, table: Table) -> Result<TableSnapshot> {
        let (memory, files) = {
            let state = read(&self.state);
            (state.memory.view(table), state.files.views(table))
        };
        // Rows become columns after the lock is released: nobody waits for it.
        Ok(TableSnapshot { schema: crate::schema::schema(table), files, memory: memory.batches()? })
    }

    /// Writes everything that is in memory to files.
    pub async fn flush(&self) -> Result<()> {
        Ok(self.flush_inner().await?)
    }

    async fn flush_inner(&self) -> StoreResult<()> {
        let (answer, answered) = oneshot::channel();
        self.with_threads(|threads| threads.orders.send(Order::Flush(answer)).map_err(|_| StoreError::Closed))?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes everything that is in memory to files, makes few large files of many small ones, and leaves masked rows out
    /// for good. Reads and writes go on.
    pub async fn compact(&self) -> Result<MergeReport> {
        Ok(self.compact_inner().await?)
    }

    async fn compact_inner(&self) -> StoreResult<MergeReport> {
        self.flush_inner().await?;
        self.order_merge()?.await.map_err(|_| StoreError::Closed)?
    }

    /// Orders a merge of all that is in files.
    fn order_merge(&self) -> StoreResult<oneshot::Receiver<StoreResult<MergeReport>>> {
        let (answer, answered) = oneshot::channel();
        let order = MergeOrder::Everything(answer);
        self.with_threads(|threads| threads.merges.send(order).map_err(|_| StoreError::Closed))?;
        Ok(answered)
    }

    /// Makes the word indexes that are missing or damaged, without pauses; gives how many. They are made by themselves, in
    /// time.
    pub async fn index_words(&self) -> Result<u64> {
        let (answer, answered) = oneshot::channel();
        let order = WordsOrder::Everything(answer);
        self.with_threads(|threads| threads.words.send(order).map_err(|_| StoreError::Closed))?;
        Ok(answered.await.map_err(|_| StoreError::Closed)??)
    }

    /// Flushes and stops; later writes are refused. What a failing flush leaves in the log is replayed by the next open.
    pub async fn close(&self) -> Result<()> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let flushed = self.flush_inner().await;
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        let stopped = tokio::task::spawn_blocking(move || threads.into_iter().for_each(Threads::stop)).await;
        let closed = self.metadata.close().await;
        flushed?;
        closed?;
        Ok(stopped.map_err(|cause| StoreError::Internal(format!("the store's threads did not stop: {cause}")))?)
    }

    /// Sizes.
    pub fn stats(&self) -> StoreStats {
        let wal_bytes = self.with_threads(|threads| Ok(threads.wal.bytes())).unwrap_or_default();
        let state = read(&self.state);
        let rows = |table| state.files.rows(table) + state.memory.len(table) as u64;
        StoreStats {
            rows: RowCounts { spans: rows(Table::Spans), logs: rows(Table::Logs), metrics: rows(Table::Metrics) },
            files: state.files.count(),
            disk_bytes: state.files.bytes(),
            memory_bytes: state.memory.bytes() as u64,
            wal_bytes,
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Drop for Store {
    /// Without a flush, as after a crash: the log has everything.
    fn drop(&mut self) {
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        threads.into_iter().for_each(Threads::stop);
    }
}
