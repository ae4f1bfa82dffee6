//! Rows of all tables since the last flush.
//!
//! In: rows that joins decided on. Out: views for queries, rows for flushes, and look-ups for the next joins. Plain data:
//! the caller holds the lock, and holds it shortly, since views turn into record batches only after it is released.

mod chunk;
mod layers;
mod part;
mod row;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::array::RecordBatch;

use self::chunk::AsBatch;
use self::layers::Layers;
use crate::error::StoreResult;
use crate::join::{Change, Gone, RowRef};
use crate::rows::{LogKey, LookupKey, PointKey, SpanKey, StoredLog, StoredPoint};
use crate::snapshot::Table;

pub(crate) use layers::{FrozenTable, Retired};
pub(crate) use row::{MemSpan, Row};

/// Rows of all tables since the last flush.
#[derive(Default)]
pub(crate) struct Memtable {
    spans: Layers<MemSpan>,
    logs: Layers<StoredLog>,
    points: Layers<StoredPoint>,
}

/// Rows as they were at one moment.
#[derive(Clone, Default)]
pub(crate) struct MemoryView {
    chunks: Vec<Arc<dyn AsBatch>>,
}

impl MemoryView {
    fn new(chunks: impl Iterator<Item = Arc<dyn AsBatch>>) -> Self {
        Self { chunks: chunks.collect() }
    }

    /// The rows as columns, in the order of their row numbers; no batch is empty. Costs time: hold no lock.
    pub(crate) fn batches(&self) -> StoreResult<Vec<RecordBatch>> {
        self.each().collect()
    }

    /// The same one after the other.
    pub(crate) fn each(&self) -> impl Iterator<Item = StoreResult<RecordBatch>> {
        let filled = |batch: &StoreResult<RecordBatch>| batch.as_ref().map_or(true, |batch| batch.num_rows() > 0);
        self.chunks.iter().map(|chunk| chunk.batch()).filter(filled)
    }

    /// Whether there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.rows() == 0)
    }
}

impl std::fmt::Debug for MemoryView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryView({} chunks)", self.chunks.len())
    }
}

impl Memtable {
    /// Makes a change visible.
    pub(crate) fn apply(&mut self, change: Change) {
        change.spans.into_iter().for_each(|upsert| self.spans.put(upsert.row, upsert.replaces));
        change.logs.into_iter().for_each(|upsert| self.logs.put(upsert.row, upsert.replaces));
        change.points.into_iter().for_each(|upsert| self.points.put(upsert.row, upsert.replaces));
        let Gone { spans, logs, in_files, .. } = change.gone;
        let of = |table: Table| in_files.iter().filter(move |(owner, _)| *owner == table).map(|(_, row)| *row);
        self.spans.remove(&spans, of(Table::Spans));
        self.logs.remove(&logs, of(Table::Logs));
    }

    /// Whether rows of a table were removed that a flush under way writes: its file has them, masked.
    pub(crate) fn removed_in_flush(&self, table: Table) -> bool {
        match table {
            Table::Spans => self.spans.removed_in_flush(),
            Table::Logs => self.logs.removed_in_flush(),
            Table::Metrics => self.points.removed_in_flush(),
        }
    }

    /// The rows of a table as of now.
    pub(crate) fn view(&self, table: Table) -> MemoryView {
        match table {
            Table::Spans => self.spans.view(),
            Table::Logs => self.logs.view(),
            Table::Metrics => self.points.view(),
        }
    }

    /// Rows of a table.
    pub(crate) fn len(&self, table: Table) -> usize {
        match table {
            Table::Spans => self.spans.len(),
            Table::Logs => self.logs.len(),
            Table::Metrics => self.points.len(),
        }
    }

    /// Bytes of all rows and kept batches, about.
    pub(crate) fn bytes(&self) -> usize {
        self.spans.bytes() + self.logs.bytes() + self.points.bytes()
    }

    /// Bytes of what the next flush would take.
    pub(crate) fn active_bytes(&self) -> usize {
        self.spans.active_bytes() + self.logs.active_bytes() + self.points.active_bytes()
    }

    /// Hands the rows of every table over to a flush, in the order of [`Table::ALL`]; they stay visible. Until every
    /// table is finished, a second call hands over the same rows.
    pub(crate) fn freeze(&mut self) -> [FrozenTable; 3] {
        [self.spans.freeze(), self.logs.freeze(), self.points.freeze()]
    }

    /// A table's frozen rows are in `file` now, row number `n` at `positions[n]`: they leave memory. Gives rows of that
    /// file which have newer versions in memory already and must be masked before anybody sees both.
    pub(crate) fn finish(&mut self, table: Table, file: i64, positions: &[u32]) -> (Vec<RowRef>, Retired) {
        match table {
            Table::Spans => self.spans.finish(file, positions),
            Table::Logs => self.logs.finish(file, positions),
            Table::Metrics => self.points.finish(file, positions),
        }
    }

    /// Rows in files of a table have moved: `to` tells where. Not while a flush runs.
    pub(crate) fn moved(&mut self, table: Table, to: impl Fn(RowRef) -> Option<RowRef>) {
        match table {
            Table::Spans => self.spans.moved(&to),
            Table::Logs => self.logs.moved(&to),
            Table::Metrics => self.points.moved(&to),
        }
    }

    pub(crate) fn span(&self, key: &SpanKey) -> Option<&Arc<MemSpan>> {
        self.spans.get(key)
    }

    pub(crate) fn log(&self, key: &LogKey) -> Option<&Arc<StoredLog>> {
        self.logs.get(key)
    }

    pub(crate) fn point(&self, key: &PointKey) -> Option<&Arc<StoredPoint>> {
        self.points.get(key)
    }

    /// Spans that carry a key, and perhaps others.
    pub(crate) fn find_spans(&self, lookup: LookupKey) -> impl Iterator<Item = &Arc<MemSpan>> {
        self.spans.find(lookup)
    }

    /// How many spans carry a key, at most.
    pub(crate) fn count_spans(&self, lookup: LookupKey) -> usize {
        self.spans.count(lookup)
    }

    /// Content records that carry a key, and perhaps others.
    pub(crate) fn find_logs(&self, lookup: LookupKey) -> impl Iterator<Item = &Arc<StoredLog>> {
        self.logs.find(lookup)
    }
}
