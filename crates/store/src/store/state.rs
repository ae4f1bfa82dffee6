//! What queries see: rows in memory and in files. Changed by one thread, one change at a time.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use super::data_files::{DataFile, DataFiles};
use super::disk::{Adopted, Persisted};
use crate::join::{Change, RowRef};
use crate::memtable::{FrozenTable, Memtable, Retired};
use crate::snapshot::Table;

/// Stands for the id of a file that no flush wrote.
const NO_FILE: i64 = -1;

/// What queries see, and how much of it no flush has taken yet.
#[derive(Default)]
pub(super) struct State {
    /// Rows in memory.
    pub(super) memory: Memtable,
    /// Rows in files.
    pub(super) files: DataFiles,
    /// When the first record came that no flush has taken; nothing if there is none.
    pub(super) unflushed_since: Option<Instant>,
    /// Log bytes of those records: re-sent rows fill the log and not the memory.
    pub(super) unflushed_log_bytes: u64,
}

impl State {
    /// Makes a change visible: new versions in, older ones out.
    pub(super) fn apply(&mut self, change: Change) {
        self.files.mask(change.masked());
        self.files.want_purged(&change.gone.keys);
        self.memory.apply(change);
    }

    /// Counts a record that the log holds.
    pub(super) fn logged(&mut self, log_bytes: u64) {
        self.unflushed_since.get_or_insert_with(Instant::now);
        self.unflushed_log_bytes += log_bytes;
    }

    /// Hands everything in memory over to a flush.
    pub(super) fn freeze(&mut self) -> [FrozenTable; 3] {
        self.unflushed_since = None;
        self.unflushed_log_bytes = 0;
        self.memory.freeze()
    }

    /// A flush is done: its rows are in files and leave memory. Gives what is to be let go of after the lock.
    #[must_use]
    pub(super) fn finish(&mut self, persisted: Persisted) -> Vec<Retired> {
        let mut gone = Vec::new();
        for masked in persisted.masked {
            self.files.committed(masked.table, masked.file_id, masked.positions);
        }
        let without_file =
            Table::ALL.into_iter().filter(|table| !persisted.files.iter().any(|file| file.table == *table));
        for table in without_file {
            // Rows in files were masked, that is all.
            gone.push(self.memory.finish(table, NO_FILE, &[]).1);
        }
        for file in persisted.files {
            let (table, written, id) = (file.table, file.written, file.id);
            let purge = self.memory.removed_in_flush(table);
            let (outdated, retired) = self.memory.finish(table, id, &written.positions);
            gone.push(retired);
            self.files.add(table, DataFile { purge, ..DataFile::new(id, written) });
            // Replaced while the flush ran: the new versions are in memory, and the next commit tells the catalogue.
            self.files.mask(outdated.into_iter().map(|row| (table, row)));
        }
        gone
    }

    /// A merge is done: one file stands for others, and rows in memory that replace rows of those replace rows of it.
    /// Gives the files that are gone: let go of them after the lock.
    #[must_use]
    pub(super) fn adopt(&mut self, adopted: Adopted) -> Vec<DataFile> {
        let Adopted { table, moves, new } = adopted;
        let id = new.as_ref().map(|file| file.id);
        let gone = self.files.replace(table, &moves, new);
        self.memory.moved(table, |row| match moves.concerns(row) {
            true => moves.position(row).zip(id).map(|(position, file)| RowRef { file, position }),
            false => Some(row),
        });
        gone
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("files", &self.files.count()).finish_non_exhaustive()
    }
}

/// The state to read. A reader that panicked has changed nothing.
pub(super) fn read(state: &RwLock<State>) -> RwLockReadGuard<'_, State> {
    state.read().unwrap_or_else(PoisonError::into_inner)
}

/// The state to change.
pub(super) fn write(state: &RwLock<State>) -> RwLockWriteGuard<'_, State> {
    state.write().unwrap_or_else(PoisonError::into_inner)
}
