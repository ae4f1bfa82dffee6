//! A block: some neighbouring terms and the documents of each.
//!
//! ```text
//! count of terms, bytes of entries     numbers of seven bits
//! entries    a byte with two lengths (shared with the term before, rest; 15: one more byte follows), the rest of the
//!            term, count of documents, and if these are many the count of bits they take
//! bits       for each term its documents: gaps by Rice's code, whose parameter follows from their count
//! ```

use super::bits::{BitReader, BitWriter, Bytes, put_varint};
use crate::terms::TERM_BYTES;

/// Lists of more documents tell how many bits they take, so that they are passed over at once.
const SHORT_LIST: u32 = 8;
/// A length of this or more has a byte of its own.
const LONG: usize = 15;

/// The documents that a part of an index tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: u32,
    pub(super) count: u32,
}

impl Span {
    /// The parameter of Rice's code for gaps between `count` documents.
    fn rice(self, count: u32) -> u32 {
        // The best one is the binary logarithm of 0.69 times the mean.
        let mean = u64::from(self.count) * 69 / (u64::from(count.max(1)) * 100);
        mean.max(1).ilog2()
    }
}

/// A block in the making.
#[derive(Debug, Default)]
pub(super) struct BlockWriter {
    entries: Vec<u8>,
    bits: BitWriter,
    count: u64,
    first: Vec<u8>,
    last: Vec<u8>,
}

impl BlockWriter {
    /// Adds a term, which comes after those before, with its documents, ascending.
    pub(super) fn add(&mut self, term: &[u8], documents: &[u32], span: Span) {
        if self.count == 0 {
            self.first = term.to_vec();
        }
        let shared = self.last.iter().zip(term).take_while(|(one, other)| one == other).count();
        let rest = term.get(shared..).unwrap_or_default();
        self.entries.push((shared.min(LONG) << 4 | rest.len().min(LONG)) as u8);
        for length in [shared, rest.len()].into_iter().filter(|length| *length >= LONG) {
            self.entries.push(length as u8);
        }
        self.entries.extend_from_slice(rest);
        let count = documents.len() as u32;
        put_varint(&mut self.entries, count.into());
        let (start, k) = (self.bits.len(), span.rice(count));
        let mut next = span.first;
        for document in documents {
            self.bits.rice(document - next, k);
            next = document + 1;
        }
        if count > SHORT_LIST {
            put_varint(&mut self.entries, (self.bits.len() - start) as u64);
        }
        self.last.clear();
        self.last.extend_from_slice(term);
        self.count += 1;
    }

    /// Bytes it has by now.
    pub(super) fn bytes(&self) -> usize {
        self.entries.len() + self.bits.len() / 8
    }

    /// The block's first term and its bytes; nothing if it is empty. A new block begins.
    pub(super) fn finish(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        let block = std::mem::take(self);
        let mut bytes = Vec::with_capacity(block.bytes() + 8);
        put_varint(&mut bytes, block.count);
        put_varint(&mut bytes, block.entries.len() as u64);
        bytes.extend_from_slice(&block.entries);
        bytes.extend_from_slice(&block.bits.finish());
        (block.count > 0).then_some((block.first, bytes))
    }
}

/// A block being read, term by term.
pub(super) struct Terms<'a> {
    entries: Bytes<'a>,
    bits: BitReader<'a>,
    left: u64,
    span: Span,
    term: Vec<u8>,
    /// Documents of the last term, and the bits they take if that is told; they are not read yet.
    pending: Option<(u32, Option<usize>)>,
}

impl<'a> Terms<'a> {
    pub(super) fn new(block: &'a [u8], span: Span) -> Option<Self> {
        let mut bytes = Bytes(block);
        let left = bytes.varint()?;
        let length = usize::try_from(bytes.varint()?).ok()?;
        let entries = Bytes(bytes.take(length)?);
        Some(Self { entries, bits: BitReader::new(bytes.0), left, span, term: Vec::new(), pending: None })
    }

    /// Goes to the next term: `Some(None)` behind the last one, nothing if the block makes no sense.
    pub(super) fn next(&mut self) -> Option<Option<&[u8]>> {
        match self.pending.take() {
            Some((_, Some(bits))) => self.bits.skip(bits)?,
            Some((count, None)) => self.read(count, |_| {})?,
            None => {}
        }
        if self.left == 0 {
            return Some(None);
        }
        self.left -= 1;
        let lengths = usize::from(self.entries.byte()?);
        let mut length = |short: usize| if short < LONG { Some(short) } else { self.entries.byte().map(usize::from) };
        let (shared, rest) = (length(lengths >> 4)?, length(lengths & LONG)?);
        if shared > self.term.len() || shared + rest > TERM_BYTES {
            return None;
        }
        self.term.truncate(shared);
        self.term.extend_from_slice(self.entries.take(rest)?);
        let count = self.entries.number()?;
        let bits = if count > SHORT_LIST { Some(usize::try_from(self.entries.varint()?).ok()?) } else { None };
        self.pending = Some((count, bits));
        Some(Some(&self.term))
    }

    /// Gives the documents of the last term, ascending.
    pub(super) fn documents(&mut self, take: impl FnMut(u32)) -> Option<()> {
        let (count, _) = self.pending.take()?;
        self.read(count, take)
    }

    fn read(&mut self, count: u32, mut take: impl FnMut(u32)) -> Option<()> {
        let k = self.span.rice(count);
        let end = self.span.first.checked_add(self.span.count)?;
        let mut next = self.span.first;
        for _ in 0..count {
            let document = next.checked_add(self.bits.rice(k)?).filter(|document| *document < end)?;
            take(document);
            next = document + 1;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn read(block: &[u8], span: Span, wanted: impl Fn(&[u8]) -> bool) -> Option<BTreeMap<Vec<u8>, BTreeSet<u32>>> {
        let mut terms = Terms::new(block, span)?;
        let mut found = BTreeMap::new();
        while let Some(term) = terms.next()?.map(<[u8]>::to_vec) {
            if wanted(&term) {
                let mut documents = BTreeSet::new();
                terms.documents(|document| {
                    documents.insert(document);
                })?;
                found.insert(term, documents);
            }
        }
        Some(found)
    }

    fn lists() -> impl Strategy<Value = BTreeMap<Vec<u8>, BTreeSet<u32>>> {
        let documents = prop_oneof![
            prop::collection::btree_set(1000_u32..11_000, 1..6),
            prop::collection::btree_set(1000_u32..1400, 1..200),
        ];
        let term = prop::collection::vec(prop::sample::select(vec![b'a', b'b', 0xe9]), 1..TERM_BYTES);
        prop::collection::btree_map(term, documents, 0..30)
    }

    proptest! {
        #[test]
        fn lists_come_back_all_or_some(lists in lists(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
            let span = Span { first: 1000, count: 10_000 };
            let mut writer = BlockWriter::default();
            for (term, documents) in &lists {
                writer.add(term, &Vec::from_iter(documents.iter().copied()), span);
            }
            let Some((first, mut block)) = writer.finish() else { prop_assert!(lists.is_empty()); return Ok(()) };
            prop_assert_eq!(Some(&first), lists.keys().next());
            prop_assert_eq!(read(&block, span, |_| true), Some(lists.clone()));
            let some = |term: &[u8]| term.len().is_multiple_of(2);
            let want = lists.into_iter().filter(|(term, _)| some(term)).collect();
            prop_assert_eq!(read(&block, span, some), Some(want));
            for (at, byte) in damage {
                let at = at.index(block.len());
                block[at] = byte;
            }
            // Whatever it gives: it ends and stays within its bounds.
            read(&block, span, |_| true);
        }
    }
}
