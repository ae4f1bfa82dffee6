//! From look-up keys to row positions of one data file, without being in memory.
//!
//! In: keys. Out: positions of rows that may carry them; whoever reads the row compares. Memory holds where the blocks of
//! the side file begin (one key in 256), so a look-up reads two kilobytes; while rows come that may be of this file, also
//! a filter, so that a key which is not here costs nothing. The side file can always be built again from the data file,
//! and is when a checksum says that it is broken.

mod filter;
mod side_file;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use arrow::array::RecordBatch;
use pellucid_model::Result as Edge;

use self::filter::Filter;
use self::side_file::{Head, to_bytes};
use super::read_columns;
use crate::error::{StoreError, StoreResult};
use crate::rows::{LookupKey, lookup_columns, lookup_keys};
use crate::snapshot::Table;

/// Ending of side files.
pub(crate) const INDEX_ENDING: &str = "keys";
/// The key index of one data file.
#[derive(Debug)]
pub struct KeyIndex {
    table: Table,
    data_file: PathBuf,
    open: RwLock<Open>,
    used: AtomicU64,
}

/// What is in memory of it.
#[derive(Debug, Clone)]
struct Open {
    head: Arc<Head>,
    filter: Option<Arc<Filter>>,
}

/// An index in the making, batch by batch in file order.
#[derive(Debug, Default)]
pub(crate) struct KeyIndexBuilder {
    pairs: Vec<(u64, u32)>,
    rows: u32,
}

impl KeyIndexBuilder {
    /// Adds the rows that follow.
    pub(crate) fn add(&mut self, table: Table, rows: &RecordBatch) -> StoreResult<()> {
        let keys = lookup_keys(table, rows)?.into_iter();
        self.pairs.extend(keys.map(|(LookupKey(key), row)| (key, self.rows + row)));
        self.rows += rows.num_rows() as u32;
        Ok(())
    }

    /// The side file of all rows added.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        self.pairs.sort_unstable();
        to_bytes(&self.pairs)
    }

    /// Writes the side file of a data file; it survives a crash once this returns, its name when the folder is synced.
    pub(crate) fn finish(mut self, table: Table, data_file: &Path) -> StoreResult<KeyIndex> {
        write(&KeyIndex::path_of(data_file), &self.bytes())?;
        KeyIndex::open_file(table, data_file)
    }
}

impl KeyIndex {
    /// The index of a data file: its side file, made anew from the data file if it is missing, broken or of another version.
    pub fn open(table: Table, data_file: &Path) -> Edge<Self> {
        Ok(Self::open_file(table, data_file)?)
    }

    /// The same inside the crate.
    pub(crate) fn open_file(table: Table, data_file: &Path) -> StoreResult<Self> {
        let head = match read_head(data_file) {
            Ok(head) => head,
            Err(_) => build(table, data_file)?,
        };
        let open = RwLock::new(Open { head: Arc::new(head), filter: None });
        Ok(Self { table, data_file: data_file.to_owned(), open, used: AtomicU64::new(0) })
    }

    /// An index without keys, of no file.
    #[cfg(test)]
    pub(crate) fn blank() -> Self {
        let open = Open { head: Arc::default(), filter: None };
        Self { table: Table::Spans, data_file: PathBuf::new(), open: RwLock::new(open), used: AtomicU64::new(0) }
    }

    /// The side file of a data file.
    pub(crate) fn path_of(data_file: &Path) -> PathBuf {
        data_file.with_extension(INDEX_ENDING)
    }

    /// Positions of rows that may carry one of the keys, ascending, no repeats.
    pub fn find(&self, keys: &[LookupKey]) -> Edge<Vec<u32>> {
        Ok(self.rows(keys)?)
    }

    /// The same inside the crate.
    pub(crate) fn rows(&self, keys: &[LookupKey]) -> StoreResult<Vec<u32>> {
        self.healing(|open| {
            let here = |key: &&LookupKey| open.filter.as_ref().is_none_or(|filter| filter.may_have(key.0));
            let mut keys = keys.iter().filter(here).peekable();
            if keys.peek().is_none() {
                return Ok(Vec::new());
            }
            let (file, mut rows) = (File::open(Self::path_of(&self.data_file))?, Vec::new());
            keys.try_for_each(|LookupKey(key)| open.head.rows(&file, *key, &mut rows))?;
            rows.sort_unstable();
            rows.dedup();
            Ok(rows)
        })
    }

    /// Has the filter in memory, for keys that come one by one. `now` counts such uses: see [`Self::forget_filter`].
    pub(crate) fn hold_filter(&self, now: u64) -> StoreResult<Held> {
        self.used.store(now, Ordering::Relaxed);
        if self.state().filter.is_some() {
            return Ok(Held::Already);
        }
        let filter = self.healing(|open| open.head.filter(&File::open(Self::path_of(&self.data_file))?))?;
        self.open.write().unwrap_or_else(PoisonError::into_inner).filter = Some(Arc::new(filter));
        Ok(Held::Now)
    }

    /// Bytes of the filter in memory, and when it was used last.
    pub(crate) fn filter_use(&self) -> (usize, u64) {
        (self.state().filter.as_ref().map_or(0, |filter| filter.bytes()), self.used.load(Ordering::Relaxed))
    }

    /// Lets the filter go.
    pub(crate) fn forget_filter(&self) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).filter = None;
    }

    fn state(&self) -> Open {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the side file; if that fails, once more from one that is made anew.
    fn healing<T>(&self, read: impl Fn(&Open) -> io::Result<T>) -> StoreResult<T> {
        match read(&self.state()) {
            Ok(read) => Ok(read),
            Err(cause) => {
                let side_file = Self::path_of(&self.data_file);
                tracing::warn!(file = %side_file.display(), %cause, "a key index is made again");
                let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
                *open = Open { head: Arc::new(build(self.table, &self.data_file)?), filter: None };
                read(&open).map_err(StoreError::io("read", &side_file))
            }
        }
    }
}

/// Whether a filter had to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// It was in memory.
    Already,
    /// It was read.
    Now,
}

fn read_head(data_file: &Path) -> io::Result<Head> {
    Head::read(&File::open(KeyIndex::path_of(data_file))?)
}

/// Makes the side file from the rows.
fn build(table: Table, data_file: &Path) -> StoreResult<Head> {
    let mut builder = KeyIndexBuilder::default();
    read_columns(data_file, lookup_columns(table))?.iter().try_for_each(|rows| builder.add(table, rows))?;
    let side_file = KeyIndex::path_of(data_file);
    write(&side_file, &builder.bytes())?;
    read_head(data_file).map_err(StoreError::io("read", &side_file))
}

fn write(side_file: &Path, bytes: &[u8]) -> StoreResult<()> {
    let written = File::create(side_file).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()
    });
    written.map_err(StoreError::io("write", side_file))
}
