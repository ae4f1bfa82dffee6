//! Reading the log back after a start.
//!
//! Segments are read oldest first. The end of a segment that holds no whole record is a write nobody was told of: it
//! is cut. Damage with whole records behind it is set aside in a copy, reported, and the rest is replayed.

use std::fs::{self, OpenOptions};
use std::path::Path;

use super::header;
use super::record::{decode, resume};
use super::segment::{list, path};
use crate::error::{StoreError, StoreResult};
use crate::files::sync_dir;
use crate::stages::WalRecord;

/// What a replay found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// Whole records.
    pub(crate) records: u64,
    /// Bytes cut from ends.
    pub(crate) torn_bytes: u64,
    /// Bytes set aside from middles.
    pub(crate) damaged_bytes: u64,
    /// The number the next segment may take.
    pub(crate) next_segment: u64,
    /// Bytes of all segments read.
    pub(crate) bytes: u64,
}

/// Hands every record of the segments from `first` on to `each`, in log order, with the number of its segment.
pub(crate) fn replay(
    dir: &Path,
    first: u64,
    mut each: impl FnMut(u64, WalRecord) -> StoreResult<()>,
) -> StoreResult<Replayed> {
    let mut found = Replayed { next_segment: first.max(1), ..Replayed::default() };
    for (number, _) in list(dir)? {
        found.next_segment = found.next_segment.max(number + 1);
        if number >= first {
            one(dir, number, &mut found, &mut each)?;
        }
    }
    Ok(found)
}

fn one(
    dir: &Path,
    number: u64,
    found: &mut Replayed,
    each: &mut impl FnMut(u64, WalRecord) -> StoreResult<()>,
) -> StoreResult<()> {
    let path = path(dir, number);
    let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
    found.bytes += bytes.len() as u64;
    let Scan { records, damaged_bytes, end } = scan(&bytes, |record| each(number, record))?;
    found.records += records;
    if damaged_bytes > 0 {
        set_aside(&path, &bytes)?;
        found.damaged_bytes += damaged_bytes as u64;
        tracing::error!(
            segment = %path.display(),
            damaged_bytes,
            "write-ahead log: damaged bytes skipped, a copy of the segment lies beside it as *.damaged"
        );
    }
    if end < bytes.len() {
        let torn_bytes = (bytes.len() - end) as u64;
        tracing::warn!(segment = %path.display(), torn_bytes, "write-ahead log: cut an unfinished write");
        let cut = OpenOptions::new().write(true).open(&path).and_then(|file| {
            file.set_len(end as u64)?;
            file.sync_all()
        });
        cut.map_err(StoreError::io("cut", &path))?;
        found.torn_bytes += torn_bytes;
    }
    Ok(())
}

/// What the bytes of a segment hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Whole records.
    pub(crate) records: u64,
    /// Bytes before or between them that belong to none.
    pub(crate) damaged_bytes: usize,
    /// Where the last of them ends.
    pub(crate) end: usize,
}

/// Hands every whole record of a segment's bytes on to `each`, in order.
pub(crate) fn scan(bytes: &[u8], mut each: impl FnMut(WalRecord) -> StoreResult<()>) -> StoreResult<Scan> {
    let header = header::read(bytes);
    let mut at = header.bytes;
    let (mut records, mut damaged_bytes) = (0, if header.damaged { header.bytes } else { 0 });
    while at < bytes.len() {
        if let Some((record, next)) = decode(bytes, at, header.salt) {
            each(record)?;
            records += 1;
            at = next;
        } else if let Some(next) = resume(bytes, at, header.salt) {
            damaged_bytes += next - at;
            at = next;
        } else {
            break;
        }
    }
    Ok(Scan { records, damaged_bytes, end: at })
}

fn set_aside(segment: &Path, bytes: &[u8]) -> StoreResult<()> {
    let copy = segment.with_extension("wal.damaged");
    if copy.exists() {
        return Ok(());
    }
    fs::write(&copy, bytes).map_err(StoreError::io("write", &copy))?;
    let dir = segment.parent().unwrap_or(segment);
    sync_dir(dir).map_err(StoreError::io("sync", dir))
}
