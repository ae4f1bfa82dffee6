//! One record as bytes: marker, length, checksum, payload.
//!
//! The payload is a fixed header (version, signal, encoding, codec, received_at, project) and the body. A marker in
//! front lets the reader find the next record behind a damaged one. The checksum is sealed with the segment's salt, which nobody
//! who sends can know: bytes in a body that look like a record are never taken for one.

use bytes::Bytes;
use pellucid_model::{ProjectId, Timestamp};

use crate::error::{StoreError, StoreResult};
use crate::stages::WalRecord;

/// In front of every record: the place where reading can start again after damage.
const MARKER: [u8; 4] = *b"\xF1PWr";
/// Marker, payload length, checksum.
const FRAME_BYTES: usize = 12;
/// Where the checksum stands.
const SUM_AT: usize = 8;
/// Version of the payload header.
const VERSION: u8 = 1;
/// Version, signal, encoding, codec, received_at, project length.
const HEADER_BYTES: usize = 1 + 1 + 1 + 1 + 8 + 2;
/// Body as given.
const CODEC_PLAIN: u8 = 0;
/// Body as one zstd frame.
const CODEC_ZSTD: u8 = 1;
/// Bodies below this gain less than the call costs.
const COMPRESS_MIN_BYTES: usize = 512;
/// The log lives for a minute, and whoever sends waits for it: a level that keeps up with a disk.
const ZSTD_LEVEL: i32 = -3;
/// Of a larger body a part from its middle tells whether packing it is worth the time.
const SAMPLE_BYTES: usize = 16 << 10;
/// Worth it is what saves a quarter.
const WORTH: (usize, usize) = (3, 4);
/// A record above this is not one of ours: receivers cap inflated bodies well below.
const PAYLOAD_MAX_BYTES: usize = 256 << 20;

/// What the checksums of a segment's records are sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Salt(pub(super) u32);

/// A record as it goes to the log: what stands before the body, and the body, which is not copied on its way.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    head: Vec<u8>,
    body: Bytes,
}

impl Encoded {
    /// Its bytes, in order.
    pub(crate) fn parts(&self) -> [&[u8]; 2] {
        [&self.head, &self.body]
    }

    /// Seals the checksum with the salt of the segment that it goes to; once.
    pub(super) fn seal(&mut self, salt: Salt) {
        let salt = salt.0.to_le_bytes();
        self.head.iter_mut().skip(SUM_AT).zip(salt).for_each(|(byte, salt)| *byte ^= salt);
    }

    /// How many they are.
    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// The bytes of a record.
pub(crate) fn encode(record: &WalRecord) -> StoreResult<Encoded> {
    let project = record.project.as_str().as_bytes();
    let project_len =
        u16::try_from(project.len()).map_err(|_| StoreError::Internal("project name over 64 kB".to_owned()))?;
    let (codec, body) = match packed(&record.body) {
        Some(packed) => (CODEC_ZSTD, Bytes::from(packed)),
        None => (CODEC_PLAIN, record.body.clone()),
    };
    let mut head = Vec::with_capacity(FRAME_BYTES + HEADER_BYTES + project.len() + 8);
    head.extend_from_slice(&[0; FRAME_BYTES]);
    head.extend_from_slice(&[VERSION, record.signal, record.encoding, codec]);
    head.extend_from_slice(&record.received_at.as_nanos().to_le_bytes());
    head.extend_from_slice(&project_len.to_le_bytes());
    head.extend_from_slice(project);
    if codec == CODEC_ZSTD {
        head.extend_from_slice(&(record.body.len() as u64).to_le_bytes());
    }
    let payload_len = head.len() - FRAME_BYTES + body.len();
    if payload_len > PAYLOAD_MAX_BYTES || record.body.len() > PAYLOAD_MAX_BYTES {
        return Err(StoreError::Internal(format!("record of {} bytes is too large for the log", record.body.len())));
    }
    let payload_len = (payload_len as u32).to_le_bytes();
    let sum = crc32c::crc32c_append(checksum(payload_len, &head[FRAME_BYTES..]), &body);
    head[..4].copy_from_slice(&MARKER);
    head[4..8].copy_from_slice(&payload_len);
    head[8..FRAME_BYTES].copy_from_slice(&sum.to_le_bytes());
    Ok(Encoded { head, body })
}

/// The body packed, if that makes it much smaller.
fn packed(body: &[u8]) -> Option<Vec<u8>> {
    let shrunk = |plain: &[u8]| {
        let packed = zstd::bulk::compress(plain, ZSTD_LEVEL).ok()?;
        (packed.len() <= plain.len() / WORTH.1 * WORTH.0).then_some(packed)
    };
    if body.len() < COMPRESS_MIN_BYTES {
        return None;
    }
    let middle = body.len().saturating_sub(SAMPLE_BYTES) / 2;
    if let Some(sample) = body.get(middle..middle + SAMPLE_BYTES).filter(|sample| sample.len() * 4 < body.len()) {
        shrunk(sample)?;
    }
    shrunk(body)
}

/// The record that starts at `at`, and where the next one starts; nothing if there is none in one piece.
pub(crate) fn decode(bytes: &[u8], at: usize, salt: Salt) -> Option<(WalRecord, usize)> {
    let (payload, found) = frame(bytes, at)?;
    (found == salt).then_some(())?;
    Some((parse(payload)?, at + FRAME_BYTES + payload.len()))
}

/// The salt with which what starts at `at` would be a whole record, and where the next one would start.
pub(super) fn salt_of(bytes: &[u8], at: usize) -> Option<(Salt, usize)> {
    let (payload, salt) = frame(bytes, at)?;
    Some((salt, at + FRAME_BYTES + payload.len()))
}

/// The payload that a frame at `at` speaks of, and the salt that its checksum is sealed with if it is whole.
fn frame(bytes: &[u8], at: usize) -> Option<(&[u8], Salt)> {
    let frame = bytes.get(at..at.checked_add(FRAME_BYTES)?)?;
    if frame[..4] != MARKER {
        return None;
    }
    let length: [u8; 4] = frame[4..SUM_AT].try_into().ok()?;
    let sum: [u8; 4] = frame[SUM_AT..].try_into().ok()?;
    let start = at + FRAME_BYTES;
    let payload = bytes.get(start..start.checked_add(u32::from_le_bytes(length) as usize)?)?;
    Some((payload, Salt(u32::from_le_bytes(sum) ^ checksum(length, payload))))
}

/// The next place behind `at` where a whole record starts.
pub(crate) fn resume(bytes: &[u8], at: usize, salt: Salt) -> Option<usize> {
    let mut from = at + 1;
    while let Some(found) = find(bytes, from) {
        if decode(bytes, found, salt).is_some() {
            return Some(found);
        }
        from = found + 1;
    }
    None
}

fn find(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(MARKER.len()).position(|window| window == MARKER).map(|found| from + found)
}

fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&length), payload)
}

fn parse(payload: &[u8]) -> Option<WalRecord> {
    let (header, rest) = payload.split_at_checked(HEADER_BYTES)?;
    let [VERSION, signal, encoding, codec] = header[..4] else { return None };
    let received_at = i64::from_le_bytes(header[4..12].try_into().ok()?);
    let project_len = u16::from_le_bytes(header[12..14].try_into().ok()?);
    let (project, body) = rest.split_at_checked(project_len.into())?;
    let body = match codec {
        CODEC_PLAIN => Bytes::copy_from_slice(body),
        CODEC_ZSTD => {
            let (size, packed) = body.split_at_checked(8)?;
            let size = usize::try_from(u64::from_le_bytes(size.try_into().ok()?)).ok()?;
            Bytes::from(zstd::bulk::decompress(packed, size.min(PAYLOAD_MAX_BYTES)).ok()?)
        }
        _ => return None,
    };
    Some(WalRecord {
        project: ProjectId::new(std::str::from_utf8(project).ok()?),
        signal,
        encoding,
        received_at: Timestamp::from_nanos(received_at),
        body,
    })
}
