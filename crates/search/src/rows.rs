//! A set of row numbers of one file.

/// Bits of a word.
const WORD: u32 = u64::BITS;

/// Some of the rows `0..total`: a bit a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSet {
    total: u32,
    bits: Vec<u64>,
}

impl RowSet {
    /// No row.
    pub fn none(total: u32) -> Self {
        Self { total, bits: vec![0; total.div_ceil(WORD) as usize] }
    }

    /// Every row.
    pub fn all(total: u32) -> Self {
        let mut all = Self { total, bits: vec![u64::MAX; total.div_ceil(WORD) as usize] };
        if let (Some(last), 1..) = (all.bits.last_mut(), total % WORD) {
            *last = (1 << (total % WORD)) - 1;
        }
        all
    }

    /// How many rows there are, in the set or not.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// How many rows are in the set.
    pub fn len(&self) -> usize {
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no row is.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// Whether a row is in the set.
    pub fn contains(&self, row: u32) -> bool {
        self.bits.get((row / WORD) as usize).is_some_and(|word| word >> (row % WORD) & 1 == 1)
    }

    /// Whether one of `count` rows from `first` on is in the set. `first` stands at the beginning of a word.
    pub(crate) fn any(&self, first: u32, count: u32) -> bool {
        let words = self.bits.iter().skip((first / WORD) as usize).take(count.div_ceil(WORD) as usize);
        words.into_iter().any(|word| *word != 0)
    }

    /// Adds a row. One that there is not is not added, which the answer tells.
    pub fn insert(&mut self, row: u32) -> bool {
        let known = row < self.total;
        if let Some(word) = self.bits.get_mut((row / WORD) as usize).filter(|_| known) {
            *word |= 1 << (row % WORD);
        }
        known
    }

    /// Keeps the rows that are in both.
    pub fn keep(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(one, other)| *one &= other);
    }

    /// Adds the rows of another set of the same rows.
    pub fn add(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(one, other)| *one |= other);
    }

    /// Rows of the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.bits.iter().zip(0_u32..).flat_map(|(word, number)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(number * WORD + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sets() {
        for total in [0, 1, 63, 64, 65, 200] {
            assert_eq!(RowSet::all(total).len(), total as usize);
            assert_eq!(RowSet::all(total).iter().collect::<Vec<_>>(), Vec::from_iter(0..total));
        }
        let set = |rows: &[u32]| {
            let mut set = RowSet::none(100);
            assert!(rows.iter().all(|row| set.insert(*row)));
            set
        };
        let (mut both, mut either) = (set(&[0, 64, 99]), set(&[0, 64]));
        both.keep(&set(&[64, 99, 3]));
        either.add(&set(&[3, 64]));
        assert_eq!((both, either), (set(&[64, 99]), set(&[0, 3, 64])));
        let mut full = RowSet::none(100);
        assert!(!full.insert(100) && full.is_empty() && !full.contains(100));
    }
}
