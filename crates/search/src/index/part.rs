//! A part of an index in the making: the terms of some documents, in memory until there are many.

use std::io::{self, Write};

use xxhash_rust::xxh3::xxh3_64;

use super::bits::put_varint;
use super::block::{BlockWriter, Span};
use super::directory::{Extent, Part};

/// Pairs of term and document a part: four bytes each, and four more while it is written.
const PART_PAIRS: usize = 4 << 20;
/// Bytes of distinct terms a part.
const PART_TERM_BYTES: usize = 8 << 20;
/// Bytes of a block, from which on the next one begins: what finding a term reads.
const BLOCK_BYTES: usize = 8 << 10;
/// Slots of the table of terms at the beginning; always a power of two.
const SLOTS: usize = 1 << 12;

/// The terms of documents from `first` on.
#[derive(Debug)]
pub(super) struct Terms {
    first: u32,
    /// Number of a term, from 1 on; 0 is free.
    slots: Vec<u32>,
    bytes: Vec<u8>,
    known: Vec<Known>,
    /// The terms of each document, one document after the other.
    pairs: Vec<u32>,
    /// Where the terms of each document end.
    ends: Vec<u32>,
}

/// A distinct term.
#[derive(Debug, Clone, Copy)]
struct Known {
    hash: u64,
    end: u32,
    documents: u32,
    /// The last document it was seen in, by number in the part, from 1 on.
    last: u32,
}

impl Terms {
    pub(super) fn new(first: u32) -> Self {
        let slots = vec![0; SLOTS];
        Self { first, slots, bytes: Vec::new(), known: Vec::new(), pairs: Vec::new(), ends: Vec::new() }
    }

    /// Adds a term of the document in the making.
    pub(super) fn add(&mut self, term: &[u8]) {
        let document = self.ends.len() as u32 + 1;
        let number = self.number(term);
        let Some(known) = self.known.get_mut(number as usize) else { return };
        if known.last != document {
            known.last = document;
            known.documents += 1;
            self.pairs.push(number);
        }
    }

    fn number(&mut self, term: &[u8]) -> u32 {
        let hash = xxh3_64(term);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                0 => break,
                number if self.is(number - 1, hash, term) => return number - 1,
                _ => slot = (slot + 1) & mask,
            }
        }
        self.bytes.extend_from_slice(term);
        self.known.push(Known { hash, end: self.bytes.len() as u32, documents: 0, last: 0 });
        self.slots[slot] = self.known.len() as u32;
        if self.known.len() * 2 > self.slots.len() {
            self.grow();
        }
        self.known.len() as u32 - 1
    }

    fn is(&self, number: u32, hash: u64, term: &[u8]) -> bool {
        self.known[number as usize].hash == hash && self.term(number) == term
    }

    fn term(&self, number: u32) -> &[u8] {
        let start = number.checked_sub(1).map_or(0, |before| self.known[before as usize].end);
        let end = self.known.get(number as usize).map_or(start, |known| known.end);
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![0; mask + 1];
        for (known, number) in self.known.iter().zip(1..) {
            let mut slot = known.hash as usize & mask;
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = number;
        }
    }

    /// The document has all its terms.
    pub(super) fn end_document(&mut self) {
        self.ends.push(self.pairs.len() as u32);
    }

    /// Whether it is time to write.
    pub(super) fn is_full(&self) -> bool {
        self.pairs.len() >= PART_PAIRS || self.bytes.len() >= PART_TERM_BYTES
    }

    /// Documents in it.
    pub(super) fn documents(&self) -> u32 {
        self.ends.len() as u32
    }

    /// Writes blocks and their list at `start` bytes into the file. Gives the part and where it ends.
    pub(super) fn write(&self, out: &mut impl Write, start: u64) -> io::Result<(Part, u64)> {
        let span = Span { first: self.first, count: self.documents() };
        let (documents, ends) = self.by_term();
        let mut order = Vec::from_iter(0..self.known.len() as u32);
        order.sort_unstable_by(|one, other| self.term(*one).cmp(self.term(*other)));
        let (mut at, mut list, mut block) = (start, Vec::new(), BlockWriter::default());
        for (place, number) in order.iter().enumerate() {
            let end = ends[*number as usize] as usize;
            let of_term = &documents[end - self.known[*number as usize].documents as usize..end];
            block.add(self.term(*number), of_term, span);
            if block.bytes() < BLOCK_BYTES && place + 1 < order.len() {
                continue;
            }
            if let Some((first, bytes)) = block.finish() {
                list.push(first.len() as u8);
                list.extend_from_slice(&first);
                put_varint(&mut list, bytes.len() as u64);
                list.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
                out.write_all(&bytes)?;
                at += bytes.len() as u64;
            }
        }
        out.write_all(&list)?;
        let list_at = Extent { at, bytes: list.len() as u32, checksum: crc32c::crc32c(&list) };
        Ok((Part { start, list: list_at, span }, at + list.len() as u64))
    }

    /// The documents of all terms, those of a term beside each other, and where they end.
    fn by_term(&self) -> (Vec<u32>, Vec<u32>) {
        let mut ends = Vec::with_capacity(self.known.len());
        let mut sum = 0;
        for known in &self.known {
            ends.push(sum);
            sum += known.documents;
        }
        let mut documents = vec![0; self.pairs.len()];
        let mut start = 0;
        for (end, document) in self.ends.iter().zip(self.first..) {
            for number in &self.pairs[start..*end as usize] {
                let place = &mut ends[*number as usize];
                documents[*place as usize] = document;
                *place += 1;
            }
            start = *end as usize;
        }
        (documents, ends)
    }
}
