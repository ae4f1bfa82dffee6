//! What the memtable must know of a row: its identity, its size, where joins look for it, and its columns.

use std::hash::Hash;
use std::sync::Arc;

use arrow::array::RecordBatch;
use pellucid_model::PricedSpan;

use crate::error::StoreResult;
use crate::rows::{
    LogKey, LookupKey, PointKey, SpanKey, SpanRow, StoredLog, StoredPoint, logs_to_batch, points_to_batch,
    spans_to_batch,
};

/// A row of the memtable.
pub(crate) trait Row: Clone + Send + Sync + 'static {
    /// What it is known by.
    type Key: Clone + Eq + Hash + Send + Sync;

    /// What it is known by.
    fn key(&self) -> Self::Key;
    /// Bytes in memory.
    fn heap_bytes(&self) -> usize;
    /// By what joins look for it.
    fn lookups(&self) -> Vec<LookupKey>;
    /// Rows as columns.
    fn batch(rows: &[&Self]) -> StoreResult<RecordBatch>;
}

/// A span in memory: the row, and what it was before its content logs and relatives had their say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MemSpan {
    /// Everything the span itself said. A row read from a file knows no other self than the stored one.
    pub(crate) base: SpanRow,
    /// The row as queries see it.
    pub(crate) row: SpanRow,
}

impl MemSpan {
    /// A span nobody has added to.
    pub(crate) fn new(row: SpanRow) -> Self {
        Self { base: row.clone(), row }
    }

    /// What the span itself said.
    pub(crate) fn said(&self) -> &PricedSpan {
        &self.base.priced
    }
}

impl Row for MemSpan {
    type Key = SpanKey;

    fn key(&self) -> SpanKey {
        SpanKey::of(self.said())
    }

    fn heap_bytes(&self) -> usize {
        let shared = Arc::ptr_eq(&self.base.priced, &self.row.priced);
        self.row.heap_bytes() + if shared { 0 } else { self.base.heap_bytes() }
    }

    fn lookups(&self) -> Vec<LookupKey> {
        let span = &self.said().span;
        let project = span.project.as_str();
        let response = |row: &SpanRow| Some(LookupKey::response(project, row.priced.span.response_id.as_ref()?));
        let mut lookups = vec![LookupKey::trace(project, &span.trace_id.to_string())];
        lookups.extend(response(&self.base));
        // A content record may have told it.
        lookups.extend(response(&self.row).filter(|told| !lookups.contains(told)));
        lookups
    }

    fn batch(rows: &[&Self]) -> StoreResult<RecordBatch> {
        spans_to_batch(&rows.iter().map(|row| &row.row).collect::<Vec<_>>())
    }
}

impl Row for StoredLog {
    type Key = LogKey;

    fn key(&self) -> LogKey {
        self.key()
    }

    fn heap_bytes(&self) -> usize {
        self.heap_bytes()
    }

    /// Only content records are looked for.
    fn lookups(&self) -> Vec<LookupKey> {
        if !self.content {
            return Vec::new();
        }
        let project = self.project.as_str();
        let trace = self.log.trace_id.map(|id| LookupKey::trace(project, &id.to_string()));
        let response = self.response_id.as_ref().map(|id| LookupKey::response(project, id));
        trace.into_iter().chain(response).collect()
    }

    fn batch(rows: &[&Self]) -> StoreResult<RecordBatch> {
        logs_to_batch(rows)
    }
}

impl Row for StoredPoint {
    type Key = PointKey;

    fn key(&self) -> PointKey {
        self.key()
    }

    fn heap_bytes(&self) -> usize {
        self.heap_bytes()
    }

    fn lookups(&self) -> Vec<LookupKey> {
        Vec::new()
    }

    fn batch(rows: &[&Self]) -> StoreResult<RecordBatch> {
        points_to_batch(rows)
    }
}
