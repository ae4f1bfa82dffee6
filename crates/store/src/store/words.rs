//! The words thread: makes the word indexes of data files, when nothing else is to do.
//!
//! It looks every few seconds for files without an index, takes up what lies beside them or makes it, and rests three times as
//! long as it works. Nobody waits for it: rows of files without an index are read. Small files have none: reading them is cheap, and
//! they are soon part of a larger one.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::state::{State, read, write};
use crate::error::{StoreError, StoreResult};
use crate::files::{WordIndex, make_words};
use crate::snapshot::{FilePath, Table};

/// How often the thread looks for files without an index.
const LOOK: Duration = Duration::from_secs(5);
/// Pauses as a multiple of work: a quarter of a core, since senders and merges want the rest.
const REST_FACTOR: u32 = 3;
/// The longest pause: the machine may have slept while the thread worked.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// What the words thread is told.
#[derive(Debug)]
pub(super) enum WordsOrder {
    /// Make every index that is missing, without pauses.
    Everything(oneshot::Sender<StoreResult<u64>>),
    /// End.
    Stop,
}

/// Makes word indexes.
pub(super) struct Indexer {
    pub(super) state: Arc<RwLock<State>>,
    /// Smaller files have none.
    pub(super) min_bytes: u64,
    /// Set when the store closes: an index under way is given up.
    pub(super) stop: Arc<AtomicBool>,
    /// Files that no index could be made of: nobody tries again before a restart or an order.
    pub(super) refused: HashSet<i64>,
}

/// A file without an index. It is not removed as long as this is held.
struct Due {
    table: Table,
    id: i64,
    path: FilePath,
    has_texts: bool,
    rows: u64,
    /// There is one, and it is damaged.
    broken: bool,
}

impl Indexer {
    /// Works until it is told to end.
    pub(super) fn run(mut self, orders: &Receiver<WordsOrder>) {
        let mut wait = Duration::ZERO;
        loop {
            match orders.recv_timeout(wait) {
                Err(RecvTimeoutError::Timeout) => drop(self.everything(REST_FACTOR)),
                Ok(WordsOrder::Everything(answer)) => {
                    self.refused.clear();
                    let outcome = self.everything(0);
                    // Whoever asked may have gone.
                    drop(answer.send(outcome));
                }
                Ok(WordsOrder::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
            wait = LOOK;
        }
    }

    /// Gives how many files have an index that had none.
    fn everything(&mut self, rest: u32) -> StoreResult<u64> {
        let mut done = 0;
        while let Some(due) = self.due() {
            match self.index(&due, rest) {
                Ok(()) => done += 1,
                Err(_) if self.stopping() => break,
                Err(error) => {
                    tracing::warn!(%error, file = %due.path.display(), "no word index can be made: rows are read instead");
                    self.refused.insert(due.id);
                }
            }
        }
        if self.stopping() { Err(StoreError::Closed) } else { Ok(done) }
    }

    /// The newest file that needs an index.
    fn due(&self) -> Option<Due> {
        let state = read(&self.state);
        let files = Table::ALL.into_iter().filter(|table| !crate::files::searched_columns(*table).is_empty());
        let due = files.flat_map(|table| state.files.all(table).map(move |file| (table, file))).filter(|(_, file)| {
            let whole = file.words.as_ref().is_some_and(|words| !words.is_broken());
            let small = file.bytes + file.texts_bytes.unwrap_or(0) < self.min_bytes;
            !whole && !small && !self.refused.contains(&file.id)
        });
        let (table, file) = due.max_by_key(|(_, file)| file.max_time).filter(|_| !self.stopping())?;
        Some(Due {
            table,
            id: file.id,
            path: file.path.clone(),
            has_texts: file.texts_bytes.is_some(),
            rows: file.rows,
            broken: file.words.is_some(),
        })
    }

    fn index(&self, due: &Due, rest: u32) -> StoreResult<()> {
        let open = || WordIndex::open(due.table, &due.path, due.rows);
        let there = if due.broken { None } else { open().ok() };
        let words = match there {
            Some(words) => words,
            None => {
                self.make(due, rest)?;
                open().map_err(|error| damaged(&due.path, &error))?
            }
        };
        write(&self.state).files.set_words(due.table, due.id, Arc::new(words));
        Ok(())
    }

    fn make(&self, due: &Due, rest: u32) -> StoreResult<()> {
        let (started, mut worked_since) = (Instant::now(), Instant::now());
        let sizes = make_words(due.table, &due.path, due.has_texts, due.rows, &mut || {
            if self.stopping() {
                return Err(StoreError::Closed);
            }
            thread::sleep((worked_since.elapsed() * rest).min(LONGEST_REST));
            worked_since = Instant::now();
            Ok(())
        })?;
        tracing::debug!(file = %due.path.display(), ?sizes, took = ?started.elapsed(), "made a word index");
        Ok(())
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

fn damaged(path: &Path, error: &pellucid_search::WordsError) -> StoreError {
    StoreError::Internal(format!("the word index of {} was not read back: {error}", path.display()))
}
