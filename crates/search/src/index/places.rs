//! Documents to rows: for each document the rows it stands in.
//!
//! A piece of a conversation is one document and stands in every row whose history it is part of. Documents come in the
//! order of the rows that use them, so that a document's first row is near that of the one before. A block has the lists of
//! [`BLOCK_DOCUMENTS`] documents: count, first row from that of the document before, gaps; all in Elias' gamma code.

use super::bits::{BitReader, BitWriter};

/// Documents a block.
pub(super) const BLOCK_DOCUMENTS: u32 = 128;

/// A block in the making.
#[derive(Debug, Default)]
pub(super) struct PlacesWriter {
    bits: BitWriter,
    documents: u32,
    last: u32,
}

impl PlacesWriter {
    /// Adds the rows of the next document, ascending. Gives the block's bytes when it is full.
    pub(super) fn add(&mut self, rows: &[u32]) -> Option<Vec<u8>> {
        self.bits.gamma(rows.len() as u32 + 1);
        let mut rows = rows.iter().copied();
        if let Some(first) = rows.next() {
            self.bits.gamma(1 + zigzag(i64::from(first) - i64::from(self.last)));
            self.last = first;
            let mut before = first;
            for row in rows {
                self.bits.gamma(row - before);
                before = row;
            }
        }
        self.documents += 1;
        if self.documents == BLOCK_DOCUMENTS { self.finish() } else { None }
    }

    /// The block's bytes; nothing if it is empty. A new block begins.
    pub(super) fn finish(&mut self) -> Option<Vec<u8>> {
        let block = std::mem::take(self);
        (block.documents > 0).then(|| block.bits.finish())
    }
}

/// Gives document (by number in the block) and row of each pair of a block with `documents` documents; nothing if it makes
/// no sense.
pub(super) fn pairs(block: &[u8], documents: u32, mut take: impl FnMut(u32, u32) -> Option<()>) -> Option<()> {
    let mut bits = BitReader::new(block);
    let mut last = 0_u32;
    for document in 0..documents {
        let count = bits.gamma()? - 1;
        if count == 0 {
            continue;
        }
        let first = i64::from(last) + unzigzag(bits.gamma()? - 1);
        last = u32::try_from(first).ok()?;
        take(document, last)?;
        let mut row = last;
        for _ in 1..count {
            row = row.checked_add(bits.gamma()?)?;
            take(document, row)?;
        }
    }
    Some(())
}

fn zigzag(difference: i64) -> u32 {
    ((difference << 1) ^ (difference >> 63)) as u32
}

fn unzigzag(number: u32) -> i64 {
    i64::from(number >> 1) ^ -i64::from(number & 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_come_back(
            lists in prop::collection::vec(prop::collection::btree_set(prop_oneof![0_u32..50, 0_u32..1 << 30], 0..9), 1..100),
            byte in any::<u8>(),
        ) {
            let mut writer = PlacesWriter::default();
            for list in &lists {
                prop_assert!(writer.add(&Vec::from_iter(list.iter().copied())).is_none());
            }
            let mut block = writer.finish().unwrap();
            let mut found = vec![BTreeSet::new(); lists.len()];
            pairs(&block, lists.len() as u32, |document, row| found[document as usize].insert(row).then_some(())).unwrap();
            prop_assert_eq!(found, lists.clone());
            let at = byte as usize % block.len();
            block[at] ^= byte;
            pairs(&block, lists.len() as u32, |_, _| Some(()));
        }
    }

    #[test]
    fn a_block_is_full_at_its_bound() {
        let mut writer = PlacesWriter::default();
        let full = (0..BLOCK_DOCUMENTS).map(|row| writer.add(&[row])).position(|block| block.is_some());
        assert_eq!(full, Some(BLOCK_DOCUMENTS as usize - 1));
        assert!(writer.finish().is_none());
    }
}
