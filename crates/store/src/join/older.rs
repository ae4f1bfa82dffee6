//! Rows that lie in files already, as the joins see them: the port that the durable half implements.

use std::ops::RangeInclusive;

use arrow::array::RecordBatch;

use crate::error::StoreResult;
use crate::rows::LookupKey;
use crate::snapshot::Table;

/// One row of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowRef {
    /// The file's id in the catalogue.
    pub(crate) file: i64,
    /// The row's position in it.
    pub(crate) position: u32,
}

/// Rows found in one file.
#[derive(Debug, Clone)]
pub(crate) struct OlderRows {
    /// The file's id in the catalogue.
    pub(crate) file: i64,
    /// Their positions, ascending.
    pub(crate) positions: Vec<u32>,
    /// The rows in this order, every column the file has.
    pub(crate) rows: RecordBatch,
}

/// Rows in files. Called with nobody else changing files: the one who applies batches also finishes flushes.
pub(crate) trait Older {
    /// How many rows of `table` carry `key` in files that overlap `times`, masked ones included: an upper bound that
    /// is cheap, since it is asked for every row that comes.
    fn count(&self, table: Table, key: LookupKey, times: &RangeInclusive<i64>) -> StoreResult<usize>;

    /// The rows of `table` that carry one of `keys`, in files that overlap `times`, masked rows left out. May give more:
    /// the caller compares.
    fn find(&self, table: Table, keys: &[LookupKey], times: &RangeInclusive<i64>) -> StoreResult<Vec<OlderRows>>;

    /// The same rows with these columns only; more columns do no harm.
    fn find_columns(
        &self,
        table: Table,
        _columns: &[&str],
        keys: &[LookupKey],
        times: &RangeInclusive<i64>,
    ) -> StoreResult<Vec<OlderRows>> {
        self.find(table, keys, times)
    }
}

/// The keys that rows in files carry.
pub(super) fn those_in_files(
    older: &dyn Older,
    table: Table,
    keys: impl Iterator<Item = LookupKey>,
    times: &RangeInclusive<i64>,
) -> StoreResult<Vec<LookupKey>> {
    let mut there = Vec::new();
    for key in keys {
        if older.count(table, key, times)? > 0 {
            there.push(key);
        }
    }
    Ok(there)
}
