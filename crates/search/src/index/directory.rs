//! What an index file says of itself, at its end.
//!
//! ```text
//! "PELLWRD1"   parts   places   directory   trailer: directory's place (8 bytes), length (4), checksum (4), "PELLWRD1"
//! part         blocks of terms, then the list of its blocks: first term, bytes, checksum
//! places       blocks of documents' rows, then the list of its blocks: bytes, checksum
//! ```
//! Every byte that is read was checked: of a block by its list, of a list by the directory, of that by the trailer.

use super::bits::{Bytes, put_varint};
use super::block::Span;

/// What the file is, and the version of its format. Another version of the words or of the format is another magic.
pub(super) const MAGIC: &[u8; 8] = b"PELLWRD1";
/// Bytes of the trailer.
pub(super) const TRAILER_BYTES: usize = 24;
/// Bytes of a label, at most.
pub(super) const LABEL_BYTES: usize = 255;

/// Where some bytes lie, and their checksum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) checksum: u32,
}

/// Some documents, their terms, where those lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Its first block.
    pub(super) start: u64,
    /// The list of its blocks.
    pub(super) list: Extent,
    pub(super) span: Span,
}

/// The directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) label: Vec<u8>,
    pub(super) rows: u32,
    pub(super) documents: u32,
    pub(super) text_bytes: u64,
    pub(super) parts: Vec<Part>,
    /// The first block of places.
    pub(super) places: u64,
    /// The list of the blocks of places.
    pub(super) places_list: Extent,
}

impl Directory {
    /// As it lies in the file, `at` so many bytes from its beginning, with the trailer.
    pub(super) fn encode(&self, at: u64) -> Vec<u8> {
        let mut bytes = vec![self.label.len() as u8];
        bytes.extend_from_slice(&self.label);
        for number in [self.rows.into(), self.documents.into(), self.text_bytes, self.places] {
            put_varint(&mut bytes, number);
        }
        self.places_list.encode(&mut bytes);
        put_varint(&mut bytes, self.parts.len() as u64);
        for part in &self.parts {
            for number in [part.start, part.span.first.into(), part.span.count.into()] {
                put_varint(&mut bytes, number);
            }
            part.list.encode(&mut bytes);
        }
        let (length, checksum) = (bytes.len() as u32, crc32c::crc32c(&bytes));
        bytes.extend_from_slice(&at.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes.extend_from_slice(MAGIC);
        bytes
    }

    /// The directory; its checksum was compared.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let length = usize::from(bytes.byte()?);
        let mut directory = Self { label: bytes.take(length)?.to_vec(), ..Self::default() };
        (directory.rows, directory.documents) = (bytes.number()?, bytes.number()?);
        (directory.text_bytes, directory.places) = (bytes.varint()?, bytes.varint()?);
        directory.places_list = Extent::decode(&mut bytes)?;
        for _ in 0..bytes.varint()? {
            let start = bytes.varint()?;
            let span = Span { first: bytes.number()?, count: bytes.number()? };
            directory.parts.push(Part { start, span, list: Extent::decode(&mut bytes)? });
        }
        bytes.0.is_empty().then_some(directory)
    }
}

impl Extent {
    fn encode(self, bytes: &mut Vec<u8>) {
        put_varint(bytes, self.at);
        put_varint(bytes, self.bytes.into());
        bytes.extend_from_slice(&self.checksum.to_le_bytes());
    }

    fn decode(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self { at: bytes.varint()?, bytes: bytes.number()?, checksum: bytes.fixed()? })
    }
}

/// Where the directory lies, by the trailer; nothing if that is not one of this format.
pub(super) fn trailer(bytes: &[u8; TRAILER_BYTES]) -> Option<Extent> {
    let mut bytes = Bytes(bytes);
    let at = u64::from_le_bytes(*bytes.take(8)?.first_chunk()?);
    let extent = Extent { at, bytes: bytes.fixed()?, checksum: bytes.fixed()? };
    (bytes.0 == MAGIC).then_some(extent)
}
