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
use super::disk::{Disk, Prepared, Sealed};
use super::state::{State, read};
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
    /// End.
    Stop,
}

/// How far a flush has come; a failure keeps it there.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    Frozen(Sealed),
    Written(Prepared),
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
                    let outcome = self.flush();
                    drop(answer.send(outcome));
                }
                Ok(Order::Check) | Err(RecvTimeoutError::Timeout) => {
                    if self.due_in() == Some(Duration::ZERO) {
                        drop(self.flush());
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

    /// Flushes what there is; a flush that failed goes on where it stopped.
    fn flush(&mut self) -> StoreResult<()> {
        let outcome = self.step_through();
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

    fn step_through(&mut self) -> StoreResult<()> {
        loop {
            self.progress.stage = match std::mem::take(&mut self.progress.stage) {
                Stage::Idle if read(&self.state).unflushed_since.is_none() => return Ok(()),
                Stage::Idle => Stage::Frozen(self.seal()?),
                Stage::Frozen(sealed) => match self.disk.prepare(&self.state, &sealed) {
                    Ok(prepared) => Stage::Written(prepared),
                    Err(cause) => {
                        self.progress.stage = Stage::Frozen(sealed);
                        return Err(cause);
                    }
                },
                Stage::Written(prepared) => match self.disk.commit(&prepared) {
                    Ok(ids) => return self.swap(prepared, ids),
                    Err(cause) => {
                        self.progress.stage = Stage::Written(prepared);
                        return Err(cause);
                    }
                },
            };
        }
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
        swapped.recv().map_err(|_| StoreError::Closed)?;
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
