//! The bytes of a side file: a head that says where its blocks begin, a filter, blocks of keys with row positions.
//!
//! ```text
//! "PELLKEY3" | bytes of the head u32 | its checksum u32 |
//! head: bytes of the filter u32, its checksum u32, entries u64, for each block: first key u64, checksum u32 |
//! filter | blocks: for each entry the upper 40 bits of its key, and its row u32
//! ```
//! Numbers are little-endian. Two keys that agree in 40 bits are taken for one: whoever reads the row compares anyway.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use super::filter::Filter;

/// First bytes: what it is and the version of its format. A file of another version is made anew.
const MAGIC: &[u8; 8] = b"PELLKEY3";
/// Bytes before the head.
const LEAD_BYTES: usize = MAGIC.len() + 8;
/// Bytes of the head before its blocks.
const FIXED_BYTES: usize = 16;
/// Bytes of the head for a block.
const PLACE_BYTES: usize = 12;
/// Entries of a block: two kilobytes, read at once.
const BLOCK_ENTRIES: usize = 256;
/// Bytes kept of a key.
const KEY_BYTES: usize = 5;
/// Bits left out of a key.
const CUT_BITS: u32 = 64 - 8 * KEY_BYTES as u32;
/// Bytes of an entry.
const ENTRY_BYTES: usize = KEY_BYTES + 4;

/// What memory holds of a side file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    entries: u64,
    filter: Range<u64>,
    filter_sum: u32,
    /// First key and checksum of each block.
    blocks: Vec<(u64, u32)>,
}

/// The bytes of a side file with these pairs of key and row, sorted.
pub(super) fn to_bytes(pairs: &[(u64, u32)]) -> Vec<u8> {
    let distinct = || pairs.chunk_by(|one, next| one.0 == next.0).filter_map(|run| Some(run.first()?.0));
    let filter = Filter::of(distinct(), distinct().count()).to_bytes();
    let mut blocks = Vec::with_capacity(pairs.len() * ENTRY_BYTES);
    let mut head = Vec::new();
    head.extend_from_slice(&(filter.len() as u32).to_le_bytes());
    head.extend_from_slice(&crc32c::crc32c(&filter).to_le_bytes());
    head.extend_from_slice(&(pairs.len() as u64).to_le_bytes());
    for block in pairs.chunks(BLOCK_ENTRIES) {
        let start = blocks.len();
        for (key, row) in block {
            blocks.extend_from_slice(&key.to_be_bytes()[..KEY_BYTES]);
            blocks.extend_from_slice(&row.to_le_bytes());
        }
        head.extend_from_slice(&block.first().map_or(0, |(key, _)| *key).to_le_bytes());
        head.extend_from_slice(&crc32c::crc32c(&blocks[start..]).to_le_bytes());
    }
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&(head.len() as u32).to_le_bytes());
    out.extend_from_slice(&crc32c::crc32c(&head).to_le_bytes());
    [out, head, filter, blocks].concat()
}

impl Head {
    /// Reads the head; an error of kind `InvalidData` if it is broken or of another version.
    pub(super) fn read(file: &File) -> io::Result<Self> {
        let mut lead = [0; LEAD_BYTES];
        file.read_exact_at(&mut lead, 0)?;
        let (magic, numbers) = lead.split_at(MAGIC.len());
        let (bytes, sum) = numbers.split_at(4);
        let bytes = u32_of(bytes).filter(|_| magic == MAGIC).ok_or_else(broken)?;
        let there = file.metadata()?.len();
        if u64::from(bytes) > there {
            return Err(broken());
        }
        let mut head = vec![0; bytes as usize];
        file.read_exact_at(&mut head, LEAD_BYTES as u64)?;
        let head = Self::of(&head, u32_of(sum).unwrap_or(0)).ok_or_else(broken)?;
        if head.end() == there { Ok(head) } else { Err(broken()) }
    }

    fn of(head: &[u8], sum: u32) -> Option<Self> {
        let (fixed, places) = head.split_at_checked(FIXED_BYTES)?;
        if crc32c::crc32c(head) != sum || places.len() % PLACE_BYTES != 0 {
            return None;
        }
        let number = |at: usize| u32_of(fixed.get(at..at + 4)?);
        let (start, bytes) = ((LEAD_BYTES + head.len()) as u64, u64::from(number(0)?));
        let block = |place: &[u8; PLACE_BYTES]| Some((u64_of(place.get(..8)?)?, u32_of(place.get(8..)?)?));
        Some(Self {
            entries: u64_of(fixed.get(8..16)?)?,
            filter: start..start + bytes,
            filter_sum: number(4)?,
            blocks: places.as_chunks().0.iter().map(block).collect::<Option<_>>()?,
        })
    }

    fn end(&self) -> u64 {
        self.filter.end + self.entries * ENTRY_BYTES as u64
    }

    /// Reads the filter.
    pub(super) fn filter(&self, file: &File) -> io::Result<Filter> {
        let mut bytes = vec![0; (self.filter.end - self.filter.start) as usize];
        file.read_exact_at(&mut bytes, self.filter.start)?;
        if crc32c::crc32c(&bytes) == self.filter_sum { Ok(Filter::from_bytes(&bytes)) } else { Err(broken()) }
    }

    /// Adds the rows of a key, read from the one or two blocks that can have it; more if many rows have it.
    pub(super) fn rows(&self, file: &File, key: u64, rows: &mut Vec<u32>) -> io::Result<()> {
        let wanted = key >> CUT_BITS;
        let first = self.blocks.partition_point(|(first, _)| first >> CUT_BITS < wanted).saturating_sub(1);
        let end = self.blocks.partition_point(|(first, _)| first >> CUT_BITS <= wanted);
        if first >= end {
            return Ok(());
        }
        let start = (first * BLOCK_ENTRIES) as u64;
        let last = ((end * BLOCK_ENTRIES) as u64).min(self.entries);
        let mut bytes = vec![0; (last.saturating_sub(start)) as usize * ENTRY_BYTES];
        file.read_exact_at(&mut bytes, self.filter.end + start * ENTRY_BYTES as u64)?;
        let blocks = bytes.chunks(BLOCK_ENTRIES * ENTRY_BYTES);
        if blocks.zip(&self.blocks[first..end]).any(|(block, (_, sum))| crc32c::crc32c(block) != *sum) {
            return Err(broken());
        }
        let key = key.to_be_bytes();
        let wanted = &key[..KEY_BYTES];
        let entries = bytes.as_chunks::<ENTRY_BYTES>().0;
        let found = entries.iter().map(|entry| entry.split_at(KEY_BYTES)).filter(|(key, _)| *key == wanted);
        rows.extend(found.filter_map(|(_, row)| u32_of(row)));
        Ok(())
    }
}

/// What a side file that is not what it should be is reported as.
pub(super) fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the key index is broken")
}

fn u32_of(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_le_bytes)
}

fn u64_of(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}
