//! What is odd about a row as it was sent: the column `flags`. Odd rows are kept, and say so.

/// One oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// Seconds, milliseconds or microseconds stood where nanoseconds belong; they were read as what they are.
    TimeUnit,
    /// The end lies before the start; the duration is 0.
    EndBeforeStart,
    /// The start cannot be true: no time at all, before there were such programs, or later than the receipt by more than
    /// clocks differ.
    StartImplausible,
    /// The span names itself as its parent; it is taken for a root.
    OwnParent,
    /// A number of tokens or an amount that cannot be: negative, not finite or absurd. It is taken as not told.
    ImpossibleNumber,
    /// Secrets were masked before anything was stored.
    SecretsMasked,
}

impl Flag {
    /// Every flag, in the order of the column.
    pub const ALL: [Self; 6] = [
        Self::TimeUnit,
        Self::EndBeforeStart,
        Self::StartImplausible,
        Self::OwnParent,
        Self::ImpossibleNumber,
        Self::SecretsMasked,
    ];

    /// The word in the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TimeUnit => "time_unit",
            Self::EndBeforeStart => "end_before_start",
            Self::StartImplausible => "start_implausible",
            Self::OwnParent => "own_parent",
            Self::ImpossibleNumber => "impossible_number",
            Self::SecretsMasked => "secrets_masked",
        }
    }

    /// Reads a word of the column back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == word)
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// A set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(u8);

impl Flags {
    /// Adds one.
    pub fn insert(&mut self, flag: Flag) {
        self.0 |= flag.bit();
    }

    /// Adds or takes one away.
    pub fn set(&mut self, flag: Flag, on: bool) {
        if on { self.insert(flag) } else { self.0 &= !flag.bit() }
    }

    /// Whether it is there.
    pub fn contains(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// In the order of the column.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.contains(*flag))
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        let mut all = Self::default();
        flags.into_iter().for_each(|flag| all.insert(flag));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_sets_come_back() {
        for flag in Flag::ALL {
            assert_eq!(Flag::parse(flag.as_str()), Some(flag));
            let mut set: Flags = Flag::ALL.into_iter().filter(|other| *other != flag).collect();
            assert!(!set.contains(flag) && set.iter().count() == Flag::ALL.len() - 1);
            set.insert(flag);
            assert!(set.iter().eq(Flag::ALL));
        }
        assert_eq!(Flag::parse("brand_new"), None);
    }
}
