//! From look-up keys to row positions of one data file: a sorted list of fingerprints.
//!
//! Twelve bytes a key. A look-up may name a row of another key (two things with one fingerprint): whoever reads the row
//! compares. Kept in a side file that can always be built again from the data file.

use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;

use super::read_columns;
use crate::error::{StoreError, StoreResult};
use crate::rows::{LookupKey, lookup_columns, lookup_keys};
use crate::snapshot::Table;

/// First bytes of a side file: what it is and the version of its format.
const HEADER: &[u8; 8] = b"PELLKEY1";
/// Bytes of a key and its position.
const ENTRY_BYTES: usize = 12;
/// Ending of side files.
pub(crate) const INDEX_ENDING: &str = "keys";

/// Keys in order, each with a row position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeyIndex {
    keys: Vec<u64>,
    rows: Vec<u32>,
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

    /// The index of all rows added.
    pub(crate) fn finish(self) -> KeyIndex {
        let mut pairs = self.pairs;
        pairs.sort_unstable();
        let (keys, rows) = pairs.into_iter().unzip();
        KeyIndex { keys, rows }
    }
}

impl KeyIndex {
    /// The index of a table's rows in file order.
    pub(crate) fn build(table: Table, rows: &RecordBatch) -> StoreResult<Self> {
        let mut builder = KeyIndexBuilder::default();
        builder.add(table, rows)?;
        Ok(builder.finish())
    }

    /// The index of a data file: from its side file, else from the rows; then the side file is written anew.
    pub(crate) fn of_file(table: Table, data_file: &Path) -> StoreResult<Self> {
        let side_file = Self::path_of(data_file);
        if let Some(index) = Self::load(&side_file) {
            return Ok(index);
        }
        let index = match read_columns(data_file, lookup_columns(table))? {
            Some(rows) => Self::build(table, &rows)?,
            None => Self::default(),
        };
        index.save(&side_file).map_err(StoreError::io("write", &side_file))?;
        Ok(index)
    }

    /// The side file of a data file.
    pub(crate) fn path_of(data_file: &Path) -> PathBuf {
        data_file.with_extension(INDEX_ENDING)
    }

    /// Positions of rows that may carry a key, ascending.
    pub(crate) fn find(&self, LookupKey(key): LookupKey) -> &[u32] {
        let start = self.keys.partition_point(|have| *have < key);
        let length = self.keys[start..].iter().take_while(|have| **have == key).count();
        &self.rows[start..start + length]
    }

    /// Writes the side file. It is not synced: a broken one is noticed and built again.
    pub(crate) fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut out = Vec::with_capacity(HEADER.len() + 4 + self.keys.len() * ENTRY_BYTES);
        out.extend_from_slice(HEADER);
        out.extend_from_slice(&[0; 4]);
        self.keys.iter().for_each(|key| out.extend_from_slice(&key.to_le_bytes()));
        self.rows.iter().for_each(|row| out.extend_from_slice(&row.to_le_bytes()));
        let sum = crc32c::crc32c(&out[HEADER.len() + 4..]);
        out[HEADER.len()..HEADER.len() + 4].copy_from_slice(&sum.to_le_bytes());
        fs::write(path, out)
    }

    /// Reads the side file; nothing if it is missing or broken.
    pub(crate) fn load(path: &Path) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let (header, rest) = bytes.split_at_checked(HEADER.len())?;
        let (sum, body) = rest.split_at_checked(4)?;
        let sum = u32::from_le_bytes(sum.try_into().ok()?);
        if header != HEADER || body.len() % ENTRY_BYTES != 0 || crc32c::crc32c(body) != sum {
            return None;
        }
        let (keys, rows) = body.split_at(body.len() / ENTRY_BYTES * 8);
        let keys = keys.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect();
        let rows = rows.as_chunks::<4>().0.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect();
        Some(Self { keys, rows })
    }
}
