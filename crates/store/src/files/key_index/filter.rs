//! Whether a file may have a key at all: a Bloom filter in lines of 64 bytes.
//!
//! Ten bits a key in one line of the processor's cache: one key in eighty that is not there seems to be.

/// Words of a line.
const LINE_WORDS: usize = 8;
/// Bits of a line.
const LINE_BITS: usize = LINE_WORDS * 64;
/// Bits spent on a key.
const BITS_A_KEY: usize = 10;
/// Bits of a line that a key sets.
const PROBES: u32 = 6;
/// Bits that choose one of a line's.
const PROBE_BITS: u32 = LINE_BITS.trailing_zeros();
/// Odd, to spread a key anew: its upper half chose the line already.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The keys of one file, about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter(Vec<[u64; LINE_WORDS]>);

impl Filter {
    /// A filter of keys that differ.
    pub(super) fn of(keys: impl Iterator<Item = u64>, count: usize) -> Self {
        let mut lines = vec![[0; LINE_WORDS]; (count * BITS_A_KEY).div_ceil(LINE_BITS)];
        for key in keys {
            let line = place(key, lines.len());
            if let Some(line) = lines.get_mut(line) {
                bits(key).for_each(|bit| line[bit / 64] |= 1 << (bit % 64));
            }
        }
        Self(lines)
    }

    /// False if the file does not have the key.
    pub(super) fn may_have(&self, key: u64) -> bool {
        let line = self.0.get(place(key, self.0.len()));
        line.is_some_and(|line| bits(key).all(|bit| line[bit / 64] & (1 << (bit % 64)) != 0))
    }

    /// Its size.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * LINE_WORDS * 8
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flatten().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect::<Vec<_>>();
        Self(words.as_chunks::<LINE_WORDS>().0.to_vec())
    }
}

/// The line of a key: no division, every line alike.
fn place(key: u64, lines: usize) -> usize {
    ((u128::from(key) * lines as u128) >> 64) as usize
}

fn bits(key: u64) -> impl Iterator<Item = usize> {
    let spread = key.wrapping_mul(SPREAD);
    (1..=PROBES).map(move |probe| (spread >> (64 - probe * PROBE_BITS)) as usize % LINE_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_little_else() {
        let key = |number: u64| xxhash_rust::xxh3::xxh3_64(&number.to_le_bytes());
        let filter = Filter::of((0..10_000).map(key), 10_000);
        let filter = Filter::from_bytes(&filter.to_bytes());
        assert!((0..10_000).all(|number| filter.may_have(key(number))));
        let wrong = (10_000..30_000).filter(|number| filter.may_have(key(*number))).count();
        assert!(wrong < 600, "{wrong} of 20000");
        assert!(!Filter::default().may_have(1));
    }
}
