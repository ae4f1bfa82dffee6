//! The flush thread: decides when memory becomes files, does it, and drops the log that is no longer needed.
//!
//! seal the log → freeze memory → write files → commit → swap → drop old segments. A step that fails is tried again,
//! later and later; nothing is lost, since the log keeps what no file holds.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::apply::{Pending, Work};
use super::backup::Frozen;
use super::compact::MergeOrder;
use super::disk::{Disk, Late, Merged, Prepared, Sealed};
use super::state::{State, read};
use crate::backup::Copier;
use crate::error::{StoreError, StoreResult};
use crate::options::Options;
use crate::wal::{Wal, drop_before};

/// Waits between tries of a failing flush: doubled each time from the first to the last.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// The part of the log's limit that starts a flush: re-sent rows fill the log without filling memory.
const LOG_SHARE: u64 = 8;

/// What the flush thread is told.
#[derive(Debug)]
pub(super) enum Order {
    /// Something changed: see whether a flush is due.
    Check,
    /// Flush now.
    Flush(oneshot::Sender<StoreResult<()>>),
    /// Make a merge part of the tables, then tell its file's id.
    Adopt(Box<Merged>, Sender<Option<i64>>),
    /// Flush, then copy the catalogue into a backup.
    Freeze(Box<Copier>, oneshot::Sender<StoreResult<Frozen>>),
    /// End.
    Stop,
}

/// How far a flush, or a merge, has come; a failure keeps it there. One of them at a time: a flush names rows in files,
/// and a merge moves them.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    Frozen(Sealed),
    Written(Prepared),
    Merging(Box<(Merged, Late)>, Sender<Option<i64>>),
}

/// Turns memory into files.
pub(super) struct Flusher {
    pub(super) state: Arc<RwLock<State>>,
    pub(super) disk: Disk,
    pub(super) wal: Arc<Wal<Pending>>,
    /// To the apply thread.
    pub(super) work: Sender<Work>,
    /// From the apply thread, after a seal.
    pub(super) sealed: Receiver<StoreResult<Sealed>>,
    /// To the merge thread.
    pub(super) merger: Sender<MergeOrder>,
    pub(super) limits: FlushLimits,
    pub(super) progress: Progress,
}

/// When to flush.
#[derive(Debug, Clone)]
pub(super) struct FlushLimits {
    bytes: u64,
    log_bytes: u64,
    age: Duration,
}

/// The flush under way and how often it failed.
#[derive(Debug, Default)]
pub(super) struct Progress {
    stage: Stage,
    /// A merge that waits until no flush is under way.
    merged: Option<(Merged, Sender<Option<i64>>)>,
    retry: Option<(Instant, Duration)>,
}

impl FlushLimits {
    pub(super) fn of(options: &Options) -> Self {
        Self { bytes: options.flush_bytes, log_bytes: options.wal_max_bytes / LOG_SHARE, age: options.flush_age }
    }
}

impl Flusher {
    /// Works until it is told to end, then closes the catalogue.
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let order = match self.due_in() {
                Some(wait) => orders.recv_timeout(wait),
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(Order::Flush(answer)) => {
                    let outcome = self.attempt(Self::flush);
                    drop(answer.send(outcome));
                }
                Ok(Order::Freeze(copier, answer)) => {
                    let flushed = self.attempt(Self::flush);
                    drop(answer.send(flushed.and_then(|()| self.disk.freeze(&self.state, *copier))));
                }
                Ok(Order::Adopt(merged, done)) => {
                    self.progress.merged = Some((*merged, done));
                    if matches!(self.progress.stage, Stage::Idle) {
                        drop(self.attempt(Self::adopt));
                    }
                }
                Ok(Order::Check) | Err(RecvTimeoutError::Timeout) => {
                    if self.due_in() == Some(Duration::ZERO) {
                        drop(self.attempt(Self::flush));
                    }
                }
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let Disk { catalog, handle, .. } = self.disk;
        if let Err(error) = handle.block_on(catalog.close()) {
            tracing::warn!(%error, "the catalogue did not close");
        }
    }

    /// How long until a flush is due; nothing if there is nothing to flush.
    fn due_in(&self) -> Option<Duration> {
        if let Some((at, _)) = self.progress.retry {
            return Some(at.saturating_duration_since(Instant::now()));
        }
        let state = read(&self.state);
        let age = state.unflushed_since?.elapsed();
        let full = state.memory.active_bytes() as u64 >= self.limits.bytes
            || state.unflushed_log_bytes >= self.limits.log_bytes;
        Some(if full { Duration::ZERO } else { self.limits.age.saturating_sub(age) })
    }

    /// Does some work; what fails goes on where it stopped, later.
    fn attempt(&mut self, work: fn(&mut Self) -> StoreResult<()>) -> StoreResult<()> {
        let outcome = work(self);
        match &outcome {
            Ok(()) => self.progress.retry = None,
            Err(error) => {
                let wait = self.progress.retry.map_or(FIRST_RETRY, |(_, wait)| (wait * 2).min(LAST_RETRY));
                self.progress.retry = Some((Instant::now() + wait, wait));
                tracing::error!(%error, cause = ?std::error::Error::source(error), retry_in = ?wait, "flush failed, the log keeps its rows");
            }
        }
        outcome
    }

    /// Flushes what there is, after what is under way.
    fn flush(&mut self) -> StoreResult<()> {
        self.adopt()?;
        let mut was_under_way = self.is_under_way();
        while self.is_under_way() || read(&self.state).unflushed_since.is_some() {
            self.step()?;
            if matches!(self.progress.stage, Stage::Idle) {
                drop(self.merger.send(MergeOrder::Check));
                // One that failed before took what there was then.
                if !std::mem::take(&mut was_under_way) {
                    break;
                }
            }
        }
        self.adopt()
    }

    /// Commits the merge that waits, if no flush is under way.
    fn adopt(&mut self) -> StoreResult<()> {
        while matches!(self.progress.stage, Stage::Merging(..))
            || (matches!(self.progress.stage, Stage::Idle) && self.progress.merged.is_some())
        {
            self.step()?;
        }
        Ok(())
    }

    fn is_under_way(&self) -> bool {
        !matches!(self.progress.stage, Stage::Idle)
    }

    /// One step; one that fails leaves everything as it was.
    fn step(&mut self) -> StoreResult<()> {
        let (stage, outcome) = match std::mem::take(&mut self.progress.stage) {
            Stage::Idle => match self.progress.merged.take() {
                Some((merged, done)) => match self.disk.prepare_merge(&self.state, &merged) {
                    Ok(late) => (Stage::Merging(Box::new((merged, late)), done), Ok(())),
                    Err(cause) => {
                        self.progress.merged = Some((merged, done));
                        (Stage::Idle, Err(cause))
                    }
                },
                None => match self.seal() {
                    Ok(sealed) => (Stage::Frozen(sealed), Ok(())),
                    Err(cause) => (Stage::Idle, Err(cause)),
                },
            },
            Stage::Frozen(sealed) => match self.disk.prepare(&self.state, &sealed) {
                Ok(prepared) => (Stage::Written(prepared), Ok(())),
                Err(cause) => (Stage::Frozen(sealed), Err(cause)),
            },
            Stage::Written(prepared) => match self.disk.commit(&prepared) {
                Ok(ids) => (Stage::Idle, self.swap(prepared, ids)),
                Err(cause) => (Stage::Written(prepared), Err(cause)),
            },
            Stage::Merging(merging, done) => match self.disk.commit_merge(&merging.0, &merging.1) {
                Ok(id) => (Stage::Idle, self.swap_merged(*merging, id, &done)),
                Err(cause) => (Stage::Merging(merging, done), Err(cause)),
            },
        };
        self.progress.stage = stage;
        outcome
    }

    fn swap_merged(
        &self,
        (merged, late): (Merged, Late),
        id: Option<i64>,
        done: &Sender<Option<i64>>,
    ) -> StoreResult<()> {
        let table = merged.table;
        let adopted = merged.adopted(late.masked, id);
        let (swap, swapped) = channel();
        self.work.send(Work::Merged(adopted, swap)).map_err(|_| StoreError::Closed)?;
        swapped.recv().map_err(|_| StoreError::Closed)?;
        self.disk.remove_deletes(table, &late.delete_files);
        // The merge thread may have gone.
        done.send(id).unwrap_or_default();
        Ok(())
    }

    fn seal(&self) -> StoreResult<Sealed> {
        self.wal.seal()?;
        self.sealed.recv().map_err(|_| StoreError::Closed)?
    }

    fn swap(&self, prepared: Prepared, ids: Vec<i64>) -> StoreResult<()> {
        let persisted = prepared.persisted(ids);
        let first = persisted.wal_first_segment;
        let (done, swapped) = channel();
        self.work.send(Work::Flushed(persisted, done)).map_err(|_| StoreError::Closed)?;
        drop(swapped.recv().map_err(|_| StoreError::Closed)?);
        // The rows are in files: a segment that cannot be removed now is removed by the next open.
        match drop_before(&self.wal_dir(), first, &self.disk.hook) {
            Ok(freed_bytes) => self.wal.freed(freed_bytes),
            Err(error) => tracing::warn!(%error, "old segments of the write-ahead log stay"),
        }
        Ok(())
    }

    fn wal_dir(&self) -> PathBuf {
        super::open::wal_dir(&self.disk.dir)
    }
}
