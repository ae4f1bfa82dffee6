//! Questions to an index file. Of the file only what a question needs is read; nothing is kept but the directory.

use std::io;

use super::WordsError;
use super::bits::Bytes;
use super::block::Terms;
use super::build::Sizes;
use super::directory::{Directory, Extent, Part, TRAILER_BYTES, trailer};
use super::places::{BLOCK_DOCUMENTS, pairs};
use crate::query::Query;
use crate::rows::RowSet;
use crate::terms::Probe;

type Result<T> = std::result::Result<T, WordsError>;

/// Bytes that can be read at any place.
pub trait ReadAt {
    /// Fills `into` from `at` on, or fails.
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()>;
    /// How many bytes there are.
    fn bytes(&self) -> io::Result<u64>;
}

#[cfg(unix)]
impl ReadAt for std::fs::File {
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, into, at)
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let end = start.saturating_add(into.len());
        into.copy_from_slice(self.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

/// An index, open.
#[derive(Debug)]
pub struct Words<F> {
    file: F,
    bytes: u64,
    directory: Directory,
}

/// A block of a list.
struct Listed {
    /// Its first term; empty for places.
    first: Vec<u8>,
    place: Extent,
}

impl<F: ReadAt> Words<F> {
    /// Opens an index that was made with this label.
    pub fn open(file: F, label: &[u8]) -> Result<Self> {
        let bytes = file.bytes()?;
        let at = bytes.checked_sub(TRAILER_BYTES as u64).ok_or(WordsError::Damaged("it is too short"))?;
        let mut end = [0; TRAILER_BYTES];
        file.read_at(at, &mut end)?;
        let place = trailer(&end).ok_or(WordsError::Other)?;
        let mut words = Self { file, bytes, directory: Directory::default() };
        let directory = words.read(place)?;
        words.directory = Directory::decode(&directory).ok_or(WordsError::Damaged("its directory"))?;
        if words.directory.label == label { Ok(words) } else { Err(WordsError::Other) }
    }

    /// Rows of the file that it is of.
    pub fn rows(&self) -> u32 {
        self.directory.rows
    }

    /// What the index came to.
    pub fn sizes(&self) -> Sizes {
        let Directory { text_bytes, documents, .. } = self.directory;
        Sizes { bytes: self.bytes, text_bytes, documents }
    }

    /// The rows that may answer a question; those that it does not give do not answer.
    pub fn candidates(&self, query: &Query) -> Result<RowSet> {
        let (lists, places) = (self.lists()?, self.places()?);
        query.rows(self.directory.rows, |probe| self.rows_of(probe, &lists, &places))
    }

    /// Reads everything there is and says how much of it is wrong: nothing, or an error.
    pub fn check(&self) -> Result<()> {
        let everything = Probe::Prefix(Vec::new());
        self.rows_of(&everything, &self.lists()?, &self.places()?)?;
        Ok(())
    }

    fn lists(&self) -> Result<Vec<(Part, Vec<Listed>)>> {
        let list = |part: &Part| Ok((*part, self.list(part.list, part.start, true)?));
        self.directory.parts.iter().map(list).collect()
    }

    fn places(&self) -> Result<Vec<Listed>> {
        self.list(self.directory.places_list, self.directory.places, false)
    }

    fn list(&self, list: Extent, start: u64, with_terms: bool) -> Result<Vec<Listed>> {
        let bytes = self.read(list)?;
        let (mut rest, mut at, mut listed) = (Bytes(&bytes), start, Vec::new());
        let mut next = || {
            let length = if with_terms { usize::from(rest.byte()?) } else { 0 };
            let first = rest.take(length)?.to_vec();
            let place = Extent { at, bytes: rest.number()?, checksum: rest.fixed()? };
            at = at.checked_add(place.bytes.into())?;
            Some((Listed { first, place }, rest.0.is_empty()))
        };
        let mut done = bytes.is_empty();
        while !done {
            let block;
            (block, done) = next().ok_or(WordsError::Damaged("a list of blocks"))?;
            listed.push(block);
        }
        Ok(listed)
    }

    /// Bytes whose checksum was compared.
    fn read(&self, place: Extent) -> Result<Vec<u8>> {
        let end = place.at.checked_add(place.bytes.into()).filter(|end| *end <= self.bytes);
        end.ok_or(WordsError::Damaged("it is cut, or names places that it does not have"))?;
        let mut bytes = vec![0; place.bytes as usize];
        self.file.read_at(place.at, &mut bytes)?;
        if crc32c::crc32c(&bytes) == place.checksum { Ok(bytes) } else { Err(WordsError::Damaged("a checksum")) }
    }

    /// The rows of the documents that have what is asked for.
    fn rows_of(&self, probe: &Probe, lists: &[(Part, Vec<Listed>)], places: &[Listed]) -> Result<RowSet> {
        let mut documents = RowSet::none(self.directory.documents);
        for (part, list) in lists {
            self.documents(probe, part, list, &mut documents)?;
        }
        let mut rows = RowSet::none(self.directory.rows);
        for (block, first) in places.iter().zip((0..).step_by(BLOCK_DOCUMENTS as usize)) {
            let count = self.directory.documents.saturating_sub(first).min(BLOCK_DOCUMENTS);
            if !documents.any(first, count) {
                continue;
            }
            let bytes = self.read(block.place)?;
            let found = pairs(&bytes, count, |document, row| {
                let here = !documents.contains(first + document) || rows.insert(row);
                here.then_some(())
            });
            found.ok_or(WordsError::Damaged("the places of documents"))?;
        }
        Ok(rows)
    }

    fn documents(&self, probe: &Probe, part: &Part, list: &[Listed], found: &mut RowSet) -> Result<()> {
        let damaged = || WordsError::Damaged("a block of terms");
        let start = match probe {
            Probe::Term(term) | Probe::Prefix(term) => term.as_slice(),
        };
        // The block before the first one that begins behind the start may have it.
        let first = list.partition_point(|block| block.first.as_slice() <= start).saturating_sub(1);
        for block in list.iter().skip(first) {
            if block.first.as_slice() > start && !probe.takes(&block.first) {
                break;
            }
            let bytes = self.read(block.place)?;
            let mut terms = Terms::new(&bytes, part.span).ok_or_else(damaged)?;
            while let Some(term) = terms.next().ok_or_else(damaged)? {
                if probe.takes(term) {
                    let mut known = true;
                    terms.documents(|document| known &= found.insert(document)).ok_or_else(damaged)?;
                    known.then_some(()).ok_or_else(damaged)?;
                } else if term > start {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl Probe {
    /// Whether it asks for a term.
    fn takes(&self, term: &[u8]) -> bool {
        match self {
            Self::Term(wanted) => term == wanted.as_slice(),
            Self::Prefix(start) => term.starts_with(start),
        }
    }
}
