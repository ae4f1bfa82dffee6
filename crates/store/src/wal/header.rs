//! What stands at the start of a segment: what it is, the version of its form, and the salt of its records.
//!
//! The salt stands there three times, so that one damaged byte does not cost a segment. A segment whose header is gone altogether is
//! read by what its first two records agree on. Segments of version 1 have no salt.

use uuid::Uuid;

use super::record::{Salt, decode, salt_of};

/// First bytes of a segment of version 1, which has nothing else.
const FIRST: &[u8; 8] = b"PELLWAL1";
/// First bytes of a segment of version 2; the salt follows, [`COPIES`] times, little endian.
const SECOND: &[u8; 8] = b"PELLWAL2";
const COPIES: usize = 3;
/// Of version 1.
const NO_SALT: Salt = Salt(0);
const SALT_BYTES: usize = size_of::<u32>();
/// Bytes of the header of a new segment.
pub(super) const BYTES: usize = SECOND.len() + COPIES * SALT_BYTES;

/// The header of a segment as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Where the first record starts.
    pub(super) bytes: usize,
    pub(super) salt: Salt,
    pub(super) damaged: bool,
}

/// A salt that nobody can foresee: the last bytes of a UUID are random. Never none.
pub(super) fn new_salt() -> Salt {
    let [.., a, b, c, d] = *Uuid::now_v7().as_bytes();
    Salt(u32::from_le_bytes([a, b, c, d]).max(1))
}

/// The header of a new segment.
pub(super) fn write(salt: Salt) -> Vec<u8> {
    [&SECOND[..], &salt.0.to_le_bytes().repeat(COPIES)].concat()
}

/// The header of a segment; of one that is damaged, the likeliest.
pub(super) fn read(segment: &[u8]) -> Header {
    if segment.starts_with(FIRST) {
        return Header { bytes: FIRST.len(), salt: NO_SALT, damaged: false };
    }
    let copies: Vec<Salt> = (0..COPIES).filter_map(|copy| salt_at(segment, copy)).collect();
    let twice = |one: &&Salt| **one != NO_SALT && copies.iter().filter(|other| other == one).count() > 1;
    let agreed = copies.iter().find(twice).copied();
    let whole = segment.starts_with(SECOND) && copies.iter().all(|copy| Some(*copy) == agreed);
    let second = |salt| Header { bytes: BYTES, salt, damaged: !whole };
    if whole || segment.len() < BYTES {
        // A segment shorter than a header was never finished: it has no record.
        return Header { damaged: false, ..second(agreed.unwrap_or(NO_SALT)) };
    }
    // Of version 1 only what starts with a whole record: without a salt, one inside a body would do.
    let first = Header { bytes: FIRST.len(), salt: NO_SALT, damaged: true };
    let first = decode(segment, first.bytes, first.salt).map(|_| first);
    let found = first.or_else(|| agreed.or_else(|| from_records(segment)).map(second));
    // A salt that nothing was sealed with finds nothing.
    found.unwrap_or_else(|| second(new_salt()))
}

fn salt_at(segment: &[u8], copy: usize) -> Option<Salt> {
    let start = SECOND.len() + copy * SALT_BYTES;
    Some(Salt(u32::from_le_bytes(segment.get(start..start + SALT_BYTES)?.try_into().ok()?)))
}

/// The salt that the first two records were sealed with: one alone could be damaged itself.
fn from_records(segment: &[u8]) -> Option<Salt> {
    let (salt, next) = salt_of(segment, BYTES)?;
    decode(segment, next, salt).map(|_| salt)
}
