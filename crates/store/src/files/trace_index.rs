//! From trace ids to row positions of one data file: a sorted list of fingerprints.
//!
//! Twelve bytes a row. A look-up may name a row of another trace (two ids with one fingerprint): whoever reads the row
//! compares the id. Kept in a side file that can always be built again from the data file.

use std::fs;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute;
use arrow::datatypes::DataType;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::StoreResult;

/// First bytes of a side file: what it is and the version of its format.
const HEADER: &[u8; 8] = b"PELLTIX1";
/// The column that is indexed.
pub(crate) const TRACE_COLUMN: &str = "trace_id";

/// Fingerprints of trace ids in order, each with a row position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TraceIndex {
    prints: Vec<u64>,
    rows: Vec<u32>,
}

impl TraceIndex {
    /// The index of rows in file order. A table without trace ids has an empty one.
    pub(crate) fn build(rows: &RecordBatch) -> StoreResult<Self> {
        let Some(ids) = rows.column_by_name(TRACE_COLUMN) else { return Ok(Self::default()) };
        let ids = compute::cast(ids, &DataType::Utf8)?;
        let ids = ids.as_string::<i32>();
        let mut pairs: Vec<(u64, u32)> =
            (0..ids.len()).filter(|row| ids.is_valid(*row)).map(|row| (print(ids.value(row)), row as u32)).collect();
        pairs.sort_unstable();
        let (prints, rows) = pairs.into_iter().unzip();
        Ok(Self { prints, rows })
    }

    /// Positions of rows that may belong to a trace, ascending. `trace_id` is the hexadecimal form of the column.
    pub(crate) fn find(&self, trace_id: &str) -> &[u32] {
        let print = print(trace_id);
        let start = self.prints.partition_point(|have| *have < print);
        let end = start + self.prints[start..].partition_point(|have| *have == print);
        &self.rows[start..end]
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> u64 {
        (self.prints.len() * 12) as u64
    }

    /// Writes the side file. It is not synced: a broken one is noticed and built again.
    pub(crate) fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut out = Vec::with_capacity(HEADER.len() + 4 + self.prints.len() * 12);
        out.extend_from_slice(HEADER);
        out.extend_from_slice(&[0; 4]);
        self.prints.iter().for_each(|print| out.extend_from_slice(&print.to_le_bytes()));
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
        if header != HEADER || body.len() % 12 != 0 || crc32c::crc32c(body) != sum {
            return None;
        }
        let (prints, rows) = body.split_at(body.len() / 12 * 8);
        let prints = prints.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect();
        let rows = rows.as_chunks::<4>().0.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect();
        Some(Self { prints, rows })
    }
}

fn print(trace_id: &str) -> u64 {
    xxh3_64(trace_id.as_bytes())
}
