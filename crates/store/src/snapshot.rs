//! One repeatable view of a table: what a query reads.

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

impl Table {
    /// Every table.
    pub const ALL: [Self; 3] = [Self::Spans, Self::Logs, Self::Metrics];
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
