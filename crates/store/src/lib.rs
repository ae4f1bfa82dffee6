//! Priced spans to durable, columnar, queryable tables.
//!
//! In: records with their rows. Out: views of tables. What [`Store::write`] acknowledged is on disk and in the next
//! view. The store knows nothing of providers or wire formats: it is given the [`Stages`] above it.

mod backup;
mod catalog;
mod deletion;
mod error;
mod files;
mod hook;
mod join;
mod memtable;
mod metadata;
mod options;
mod rewrite;
mod rows;
mod schema;
mod snapshot;
mod stages;
mod store;
mod wal;

pub use backup::{BackupReport, RestoreReport, check as check_backup, restore};
pub use deletion::{Deletion, DeletionOrder, DeletionState, Subject, SubjectKind, subject_hash};
pub use files::{
    KeyIndex, PIECES, TextsFile, WordIndex, pieces_field, put_back, searched_columns, set_apart, text_columns,
};
pub use join::TRACE_REACH_NS;
pub use metadata::{Document, JournalEntry, JournalLine};
pub use options::Options;
pub use rewrite::{RewriteOrder, RewriteReport, Sums};
pub use rows::{LookupKey, logs_of, spans_of};
pub use schema::{ColumnInfo, columns, schema};
pub use snapshot::{FilePath, FileRef, Projects, Table, TableSnapshot};
pub use stages::{Batch, LogRow, PointRow, Rewrite, Stages, WalRecord};
pub use store::{
    Ages, Commit, Fault, MergeReport, Retention, RetentionReport, RowCounts, Store, StoreStats, TableStatus,
};

/// Whole records in the bytes of a segment of the log, however damaged: for the fuzzer.
#[doc(hidden)]
pub fn records_in(segment: &[u8]) -> u64 {
    wal::scan(segment, |_| Ok(())).map_or(0, |scan| scan.records)
}
