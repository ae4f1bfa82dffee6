//! A run of rows that become one record batch together, when somebody asks.
//!
//! The batch is kept until a row of the run changes. A chunk is shared with whoever holds a view: changing a shared
//! chunk copies its list of rows, never the rows.

use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;

use super::row::Row;
use crate::error::StoreResult;

/// Rows a chunk: a query after a write turns at most one unfinished chunk into columns again.
const CHUNK_ROWS: usize = 2048;
/// Bytes a chunk: bounds the same for rows with long texts.
const CHUNK_BYTES: usize = 1 << 20;

/// A run of rows. A slot is empty once its row is gone or a newer version of it stands elsewhere.
pub(super) struct Chunk<R> {
    slots: Vec<Option<Arc<R>>>,
    bytes: usize,
    batch: OnceLock<Kept>,
}

/// A batch and its size: asked for with every write, and slow to count.
struct Kept {
    batch: RecordBatch,
    bytes: usize,
}

/// Rows that can be had as columns.
pub(super) trait AsBatch: Send + Sync {
    /// The rows as columns; kept for the next one who asks.
    fn batch(&self) -> StoreResult<RecordBatch>;
    /// How many there are.
    fn rows(&self) -> usize;
}

impl<R> Default for Chunk<R> {
    fn default() -> Self {
        Self { slots: Vec::new(), bytes: 0, batch: OnceLock::new() }
    }
}

impl<R> Clone for Chunk<R> {
    /// The same rows, to be changed: without the batch.
    fn clone(&self) -> Self {
        Self { slots: self.slots.clone(), bytes: self.bytes, batch: OnceLock::new() }
    }
}

impl<R: Row> Chunk<R> {
    /// Whether another row belongs into the next chunk.
    pub(super) fn is_full(&self) -> bool {
        self.slots.len() >= CHUNK_ROWS || self.bytes >= CHUNK_BYTES
    }

    /// Slots, empty ones included.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Bytes of rows and of the kept batch.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.batch.get().map_or(0, |kept| kept.bytes)
    }

    /// The rows in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<R>> {
        self.slots.iter().flatten()
    }

    /// The row in a slot.
    pub(super) fn get(&self, slot: usize) -> Option<&Arc<R>> {
        self.slots.get(slot)?.as_ref()
    }

    /// Appends a row and tells its slot.
    pub(super) fn push(&mut self, row: Arc<R>) -> usize {
        self.batch = OnceLock::new();
        self.bytes += row.heap_bytes();
        self.slots.push(Some(row));
        self.slots.len() - 1
    }

    /// Puts another row, or none, into a slot.
    pub(super) fn set(&mut self, slot: usize, row: Option<R>) {
        self.batch = OnceLock::new();
        if let Some(place) = self.slots.get_mut(slot) {
            self.bytes -= place.as_ref().map_or(0, |old| old.heap_bytes()).min(self.bytes);
            self.bytes += row.as_ref().map_or(0, Row::heap_bytes);
            *place = row.map(Arc::new);
        }
    }
}

impl<R: Row> AsBatch for Chunk<R> {
    fn batch(&self) -> StoreResult<RecordBatch> {
        if let Some(kept) = self.batch.get() {
            return Ok(kept.batch.clone());
        }
        let rows: Vec<&R> = self.slots.iter().flatten().map(AsRef::as_ref).collect();
        let batch = R::batch(&rows)?;
        // Two readers may both have made it; they made the same.
        let kept = self.batch.get_or_init(|| Kept { bytes: batch.get_array_memory_size(), batch });
        Ok(kept.batch.clone())
    }

    fn rows(&self) -> usize {
        self.slots.iter().flatten().count()
    }
}
