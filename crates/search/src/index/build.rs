//! Documents to the bytes of an index file.
//!
//! Memory is bounded by a part: its terms are written and forgotten when there are many. What stays until the end is
//! where the documents stand, about a byte for each row of each document.

use std::io::{self, Write};

use super::bits::put_varint;
use super::directory::{Directory, Extent, LABEL_BYTES, MAGIC};
use super::part::Terms;
use super::places::PlacesWriter;
use crate::terms::terms;

/// An index in the making, written to `out` from its beginning on.
#[derive(Debug)]
pub struct Builder<W> {
    out: W,
    at: u64,
    directory: Directory,
    terms: Terms,
    places: PlacesWriter,
    /// Finished blocks of places, and their list.
    blocks: Vec<u8>,
    list: Vec<u8>,
}

/// What an index came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of the texts in it.
    pub text_bytes: u64,
    /// Documents.
    pub documents: u32,
}

impl<W: Write> Builder<W> {
    /// Begins the index of a file of so many rows. `label` (at most 255 bytes) says which; who opens the index must say it
    /// as well.
    pub fn new(mut out: W, label: &[u8], rows: u32) -> io::Result<Self> {
        let label = label.get(..label.len().min(LABEL_BYTES)).unwrap_or_default().to_vec();
        out.write_all(MAGIC)?;
        let directory = Directory { label, rows, ..Directory::default() };
        let (terms, places) = (Terms::new(0), PlacesWriter::default());
        Ok(Self { out, at: MAGIC.len() as u64, directory, terms, places, blocks: Vec::new(), list: Vec::new() })
    }

    /// Adds a text to the document in the making.
    pub fn text(&mut self, text: &str) {
        self.directory.text_bytes += text.len() as u64;
        terms(text, |term| self.terms.add(term));
    }

    /// Ends the document: it stands in these rows, ascending and each once. The next one begins.
    pub fn place(&mut self, rows: &[u32]) -> io::Result<()> {
        self.terms.end_document();
        self.directory.documents += 1;
        let block = self.places.add(rows);
        self.end_block(block);
        if self.terms.is_full() { self.end_part() } else { Ok(()) }
    }

    fn end_block(&mut self, block: Option<Vec<u8>>) {
        let Some(block) = block else { return };
        put_varint(&mut self.list, block.len() as u64);
        self.list.extend_from_slice(&crc32c::crc32c(&block).to_le_bytes());
        self.blocks.extend_from_slice(&block);
    }

    fn end_part(&mut self) -> io::Result<()> {
        if self.terms.documents() > 0 {
            let (part, end) = self.terms.write(&mut self.out, self.at)?;
            self.directory.parts.push(part);
            self.at = end;
        }
        self.terms = Terms::new(self.directory.documents);
        Ok(())
    }

    /// Ends the file. Gives what it was written to, not flushed.
    pub fn finish(mut self) -> io::Result<(W, Sizes)> {
        self.end_part()?;
        let last = self.places.finish();
        self.end_block(last);
        self.out.write_all(&self.blocks)?;
        self.out.write_all(&self.list)?;
        let at = self.at + self.blocks.len() as u64;
        let checksum = crc32c::crc32c(&self.list);
        self.directory.places = self.at;
        self.directory.places_list = Extent { at, bytes: self.list.len() as u32, checksum };
        let at = at + self.list.len() as u64;
        let end = self.directory.encode(at);
        self.out.write_all(&end)?;
        let (text_bytes, documents) = (self.directory.text_bytes, self.directory.documents);
        Ok((self.out, Sizes { bytes: at + end.len() as u64, text_bytes, documents }))
    }
}
