//! What a batch changes.

use std::ops::Add;

use super::RowRef;
use crate::memtable::MemSpan;
use crate::rows::{LogKey, LookupKey, SpanKey, StoredLog, StoredPoint};
use crate::snapshot::Table;
use crate::store::Commit;

/// A row to be put into the memtable.
#[derive(Debug, Clone)]
pub(crate) struct Upsert<R> {
    /// The row.
    pub(crate) row: R,
    /// Its older version in a file.
    pub(crate) replaces: Option<RowRef>,
}

/// What a batch changes: to be applied at once, the masks together with the rows.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) spans: Vec<Upsert<MemSpan>>,
    pub(crate) logs: Vec<Upsert<StoredLog>>,
    pub(crate) points: Vec<Upsert<StoredPoint>>,
    /// Rows that go without a newer version.
    pub(crate) gone: Gone,
    /// What became of the batch's rows.
    pub(crate) commit: Commit,
}

/// Rows to be removed. Whoever has them in memory goes by the key, files by the place.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    pub(crate) spans: Vec<SpanKey>,
    pub(crate) logs: Vec<LogKey>,
    pub(crate) in_files: Vec<(Table, RowRef)>,
    /// By which files are found that hold a version of such a row, even one that is masked: they must be written anew.
    pub(crate) keys: Vec<(Table, LookupKey)>,
}

/// One table's part of a change.
pub(super) struct TableChange<R> {
    pub(super) upserts: Vec<Upsert<R>>,
    pub(super) commit: Commit,
}

impl<R> Default for TableChange<R> {
    fn default() -> Self {
        Self { upserts: Vec::new(), commit: Commit::default() }
    }
}

impl Change {
    /// Rows in files that views must not show any more.
    pub(crate) fn masked(&self) -> Vec<(Table, RowRef)> {
        fn of<R>(table: Table, upserts: &[Upsert<R>]) -> impl Iterator<Item = (Table, RowRef)> {
            upserts.iter().filter_map(move |upsert| Some((table, upsert.replaces?)))
        }
        of(Table::Spans, &self.spans)
            .chain(of(Table::Logs, &self.logs))
            .chain(of(Table::Metrics, &self.points))
            .chain(self.gone.in_files.iter().copied())
            .collect()
    }
}

impl Add for Commit {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { new: self.new + other.new, changed: self.changed + other.changed, same: self.same + other.same }
    }
}

impl Commit {
    /// Counts one row of a batch.
    pub(super) fn count(&mut self, known: bool, changed: bool) {
        match (known, changed) {
            (false, _) => self.new += 1,
            (true, true) => self.changed += 1,
            (true, false) => self.same += 1,
        }
    }
}
