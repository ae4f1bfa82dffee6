//! One repeatable view of a table: what a query reads.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use crate::files::{KeyIndex, WordIndex, remove_data_file};

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
    /// Where it lies, for as long as somebody holds this.
    pub path: FilePath,
    /// Its size.
    pub bytes: u64,
    /// The file of its long texts, if it has one.
    pub texts: Option<PathBuf>,
    /// Which of its rows may hold words; nothing if it has no index, or none yet.
    pub words: Option<Arc<WordIndex>>,
    /// Its rows, masked ones included.
    pub rows: u64,
    /// Smallest value of the time column, nanoseconds.
    pub min_time: i64,
    /// Largest value of the time column, nanoseconds.
    pub max_time: i64,
    /// Sorted positions of rows masked by newer versions.
    pub deleted: Arc<Vec<u32>>,
    /// From look-up keys to positions; without it every row must be looked at.
    pub keys: Option<Arc<KeyIndex>>,
    /// Whose rows it has, if that is known.
    pub projects: Option<Projects>,
}

/// The projects of a file's rows: those in order of name from the first to the last, both of them there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projects {
    /// The first.
    pub first: Arc<str>,
    /// The last.
    pub last: Arc<str>,
}

impl Projects {
    /// Whether a project may be among them.
    pub fn may_have(&self, project: &str) -> bool {
        *self.first <= *project && *project <= *self.last
    }

    /// Whether there is no other than this one.
    pub fn are_only(&self, project: &str) -> bool {
        *self.first == *project && *self.last == *project
    }

    /// These and others.
    pub(crate) fn and(&self, others: &Self) -> Self {
        Self { first: Arc::clone((&self.first).min(&others.first)), last: Arc::clone((&self.last).max(&others.last)) }
    }
}

/// The path of a data file that others may still read: a file that is no longer part of its table is removed when the
/// last holder of its path lets go.
#[derive(Debug, Clone)]
pub struct FilePath(Arc<Held>);

#[derive(Debug)]
struct Held {
    path: PathBuf,
    /// Set when the file has left its table.
    gone: AtomicBool,
}

impl FilePath {
    /// The file has left its table: its last holder removes it.
    pub(crate) fn give_up(&self) {
        self.0.gone.store(true, Ordering::Release);
    }
}

impl From<PathBuf> for FilePath {
    fn from(path: PathBuf) -> Self {
        Self(Arc::new(Held { path, gone: AtomicBool::new(false) }))
    }
}

impl Deref for FilePath {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0.path
    }
}

impl AsRef<Path> for FilePath {
    fn as_ref(&self) -> &Path {
        &self.0.path
    }
}

impl Drop for Held {
    /// Best effort: what stays is removed by the next open, since the catalogue does not know it.
    fn drop(&mut self) {
        if *self.gone.get_mut() {
            remove_data_file(&self.path);
        }
    }
}
