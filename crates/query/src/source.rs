//! Where rows come from: the port between the engine and the store.
//!
//! In: a table's name. Out: one repeatable view of it. The engine asks once per table and question, so that every part
//! of one question reads the same rows.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

/// The stored tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// One row a span.
    Spans,
    /// One row a log record.
    Logs,
    /// One row a metric point.
    Metrics,
}

/// A repeatable view of one table.
#[derive(Debug, Clone)]
pub struct TableSnapshot {
    /// The table's columns.
    pub schema: SchemaRef,
    /// Parquet files.
    pub files: Vec<FileRef>,
    /// Rows not yet in a file.
    pub memory: Vec<RecordBatch>,
}

/// One Parquet file.
#[derive(Debug, Clone)]
pub struct FileRef {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its rows, masked ones included.
    pub rows: u64,
    /// Smallest value of the time column, nanoseconds.
    pub min_time: i64,
    /// Largest value of the time column, nanoseconds.
    pub max_time: i64,
    /// Sorted positions of rows masked by newer versions.
    pub deleted: Arc<Vec<u32>>,
}

/// Gives snapshots; the store does, and tests do.
pub trait Source: Send + Sync + 'static {
    /// A view of `table` that later writes do not change.
    fn snapshot(&self, table: Table) -> TableSnapshot;
}
