//! The apply thread: in log order, each batch becomes a change, the change becomes visible, the writer is answered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, RwLock};

use tokio::sync::oneshot;

use super::Commit;
use super::admission::{Ticket, Usage};
use super::disk::{Adopted, Persisted, Sealed};
use super::flush::Order;
use super::state::{State, read, write};
use crate::deletion::{Deleted, DeletionChunk};
use crate::error::{StoreError, StoreResult};
use crate::join::Joiner;
use crate::memtable::Retired;
use crate::rewrite::{Chunk, RewriteReport};
use crate::stages::{Batch, Stages};
use crate::wal::Event;

/// What a record of the log asks for.
#[derive(Debug)]
pub(super) enum Task {
    /// Rows to be stored.
    Batch(Batch),
    /// Stored rows to be made again.
    Rewrite(Chunk),
    /// Stored rows to be deleted.
    Delete(DeletionChunk),
}

/// What became of a task.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Done {
    /// Of a batch's rows.
    pub(super) commit: Commit,
    /// Of rows made again.
    pub(super) report: RewriteReport,
    /// Of rows deleted.
    pub(super) deleted: Deleted,
}

/// A write on its way through the log.
#[derive(Debug)]
pub(super) struct Pending {
    /// What is to be done.
    pub(super) task: Task,
    /// Bytes it takes in the log.
    pub(super) log_bytes: u64,
    /// Who waits.
    pub(super) answer: oneshot::Sender<StoreResult<Done>>,
    /// Its place in the queue.
    pub(super) ticket: Ticket,
}

/// What the apply thread is told.
pub(super) enum Work {
    /// By the log.
    Log(Event<Pending>),
    /// By the flush thread: swap memory for files, then give back what is to be let go of.
    Flushed(Persisted, Sender<Vec<Retired>>),
    /// By the flush thread: swap files for the one they became, then say so.
    Merged(Adopted, Sender<()>),
}

/// The only one who changes the state.
pub(super) struct Applier {
    state: Arc<RwLock<State>>,
    joiner: Joiner,
    usage: Usage,
    flush_bytes: u64,
}

impl Applier {
    pub(super) fn new(state: Arc<RwLock<State>>, stages: Arc<dyn Stages>, usage: Usage, flush_bytes: u64) -> Self {
        Self { state, joiner: Joiner::new(stages), usage, flush_bytes }
    }

    /// Makes what a task changes visible. A task that nobody can make sense of changes nothing.
    pub(super) fn apply(&mut self, task: Task, log_bytes: u64) -> StoreResult<Done> {
        let planned = {
            let (state, joiner) = (read(&self.state), &mut self.joiner);
            catch_unwind(AssertUnwindSafe(|| match task {
                Task::Batch(batch) => {
                    let change = joiner.plan(&state.memory, &state.files, batch)?;
                    let done = Done { commit: change.commit, ..Done::default() };
                    Ok((change, done))
                }
                Task::Rewrite(chunk) => {
                    let (change, report) = joiner.rewrite(&state.memory, &state.files, &chunk)?;
                    Ok((change, Done { report, ..Done::default() }))
                }
                Task::Delete(chunk) => {
                    let (change, deleted) = joiner.delete(&state.memory, &state.files, &chunk)?;
                    Ok((change, Done { deleted, ..Done::default() }))
                }
            }))
        };
        let planned = planned.unwrap_or_else(|_| {
            self.joiner.files_changed();
            Err(StoreError::Internal("the rows of a record cannot be joined with what is stored".to_owned()))
        });
        let mut state = write(&self.state);
        state.logged(log_bytes);
        let (change, done) = planned?;
        state.apply(change);
        self.usage.set_memory_bytes(state.memory.bytes());
        Ok(done)
    }

    /// Hands everything in memory over to a flush; the log goes on in segment `wal_first_segment`.
    pub(super) fn freeze(&mut self, wal_first_segment: u64) -> Sealed {
        Sealed { tables: write(&self.state).freeze(), wal_first_segment }
    }

    /// Swaps memory for files. Gives the rows that left memory: writers wait for this thread, so others let go of them.
    pub(super) fn finish(&mut self, persisted: Persisted) -> Vec<Retired> {
        let mut state = write(&self.state);
        let gone = state.finish(persisted);
        self.usage.set_memory_bytes(state.memory.bytes());
        drop(state);
        self.joiner.files_changed();
        gone
    }

    /// Swaps files for the one they became.
    pub(super) fn adopt(&mut self, adopted: Adopted) {
        let gone = write(&self.state).adopt(adopted);
        self.joiner.files_changed();
        // Their last holder removes them from the disk: not under the lock.
        drop(gone);
    }

    /// Whether so much is in memory that a flush should take it.
    pub(super) fn is_full(&self) -> bool {
        read(&self.state).memory.active_bytes() as u64 >= self.flush_bytes
    }

    /// Works until nobody is left who could tell of more.
    pub(super) fn run(mut self, work: &Receiver<Work>, orders: &Sender<Order>, sealed: &Sender<StoreResult<Sealed>>) {
        let mut was_idle = read(&self.state).unflushed_since.is_none();
        for item in work {
            match item {
                Work::Log(Event::Durable(pending)) => {
                    let outcome = self.apply(pending.task, pending.log_bytes);
                    if let Err(error) = &outcome {
                        tracing::error!(%error, "a record is in the log, but its rows cannot be applied");
                    }
                    // First the place in the queue, so that whoever is answered finds it free. It may have gone: the rows
                    // are stored all the same.
                    drop(pending.ticket);
                    drop(pending.answer.send(outcome));
                    if was_idle || self.is_full() {
                        was_idle = false;
                        drop(orders.send(Order::Check));
                    }
                }
                Work::Log(Event::Failed(pending, cause)) => {
                    let cause = std::io::Error::new(cause.kind(), cause.to_string());
                    drop(pending.ticket);
                    drop(pending.answer.send(Err(StoreError::Wal(cause))));
                }
                Work::Log(Event::Sealed(Ok(segment))) => {
                    was_idle = true;
                    drop(sealed.send(Ok(self.freeze(segment))));
                }
                Work::Log(Event::Sealed(Err(cause))) => drop(sealed.send(Err(StoreError::Wal(cause)))),
                Work::Merged(adopted, done) => {
                    self.adopt(adopted);
                    done.send(()).unwrap_or_default();
                }
                Work::Flushed(persisted, done) => {
                    let gone = self.finish(persisted);
                    // The flush thread may have gone.
                    done.send(gone).unwrap_or_default();
                }
            }
        }
    }
}
