//! Distinct pieces of texts, numbered as they come.
//!
//! In: pieces. Out: for each its number; equal pieces have one number. Equality is decided by the bytes, so that no two
//! texts are ever taken for one, whoever made them.

use xxhash_rust::xxh3::xxh3_64;

use crate::rows::KeyMap;

/// Distinct pieces. What is held in memory is each of them once.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// From a hash to the first piece that has it.
    known: KeyMap<u64, u32>,
    bodies: String,
    ends: Vec<usize>,
    /// Which texts of rows use a piece: a bit for each place.
    uses: Vec<i64>,
}

impl Pieces {
    /// The number of a piece; `uses` are the bits of the texts that it stands in.
    pub(super) fn add(&mut self, piece: &str, uses: i64) -> u32 {
        let next = self.len() as u32;
        let known = *self.known.entry(xxh3_64(piece.as_bytes())).or_insert(next);
        if known != next && self.body(known) == piece {
            self.uses[known as usize] |= uses;
            return known;
        }
        // New, or another piece has its hash: then it is stored as often as it comes, which is right and hardly dear.
        self.bodies.push_str(piece);
        self.ends.push(self.bodies.len());
        self.uses.push(uses);
        next
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A piece; nothing for a number that was not given.
    pub(super) fn body(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        self.bodies.get(start..end).unwrap_or_default()
    }

    /// The texts that a piece stands in, a bit for each place.
    pub(super) fn uses(&self, number: u32) -> i64 {
        self.uses.get(number as usize).copied().unwrap_or(0)
    }
}
