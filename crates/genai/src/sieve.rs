//! Which dialects and which of their rows can have anything to say of a span, found in one pass over its keys.
//!
//! In: the tables of all dialects, once. Out: for the keys, the scope and the events of a span, the dialects that may be
//! recognised and the rows that may find something, as bits. A bit too many costs a look, a bit too few would lose a fact:
//! what does not begin with a key, a scope or an event is always in.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use crate::dialects::{ALL, Dialect, LAST, Sign, Source};

/// Bits of dialects, by their place in [`ALL`].
type Dialects = u128;

const WORD_BITS: usize = u64::BITS as usize;

/// Of what something in a span may tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tells {
    dialects: Dialects,
    /// Rows, counted through all dialects and then the last one.
    rows: Box<[u64]>,
}

/// A key that some table names.
struct Key {
    number: usize,
    tells: Tells,
}

/// The tables of all dialects by what stands in a span.
pub(crate) struct Sieve {
    keys: HashMap<&'static str, Key, BuildHasherDefault<Quick>>,
    /// Beginnings of keys, by their first byte.
    prefixes: HashMap<u8, Vec<(&'static str, Tells)>, BuildHasherDefault<Quick>>,
    scopes: Vec<(Need, Dialects)>,
    events: Tells,
    always: Tells,
    /// The number of each dialect's first row.
    offsets: Vec<(&'static Dialect, usize)>,
}

/// What must stand in a span before a sign or a source can be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Key(&'static str),
    Prefix(&'static str),
    Scope(&'static str),
    ScopePrefix(&'static str),
    Events,
    Nothing,
}

static SIEVE: LazyLock<Sieve> = LazyLock::new(Sieve::new);

impl Tells {
    fn nothing(rows: usize) -> Self {
        Self { dialects: 0, rows: vec![0; rows.div_ceil(WORD_BITS)].into() }
    }

    fn add(&mut self, other: &Self) {
        self.dialects |= other.dialects;
        self.rows.iter_mut().zip(&other.rows).for_each(|(word, more)| *word |= more);
    }

    /// The dialects that may be recognised, in the order of [`ALL`].
    pub(crate) fn recognisable(&self) -> impl Iterator<Item = &'static Dialect> {
        let mut left = self.dialects;
        std::iter::from_fn(move || {
            let place = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            ALL.get(place).copied()
        })
    }

    /// Whether a row may find something.
    pub(crate) fn row(&self, number: usize) -> bool {
        self.rows.get(number / WORD_BITS).is_some_and(|word| word >> (number % WORD_BITS) & 1 == 1)
    }

    fn set_row(&mut self, number: usize) {
        if let Some(word) = self.rows.get_mut(number / WORD_BITS) {
            *word |= 1 << (number % WORD_BITS);
        }
    }
}

impl Sieve {
    /// The one of all dialects.
    pub(crate) fn get() -> &'static Self {
        &SIEVE
    }

    fn new() -> Self {
        let mut offsets: Vec<(&'static Dialect, usize)> = Vec::new();
        let mut rows = 0;
        for dialect in ALL.iter().copied().chain([LAST]) {
            offsets.push((dialect, rows));
            rows += dialect.rows.len();
        }
        let nothing = Tells::nothing(rows);
        let mut sieve = Self {
            keys: HashMap::default(),
            prefixes: HashMap::default(),
            scopes: Vec::new(),
            events: nothing.clone(),
            always: nothing.clone(),
            offsets,
        };
        for (place, (dialect, offset)) in sieve.offsets.clone().into_iter().enumerate() {
            // The last one is read of every span and recognised on none.
            let signs = if place < ALL.len() { dialect.signs } else { &[] };
            for need in signs.iter().flat_map(|sign| needs_of(*sign)) {
                match need {
                    Need::Scope(_) | Need::ScopePrefix(_) => sieve.scopes.push((need, 1 << place)),
                    _ => sieve.tells(need, &nothing).dialects |= 1 << place,
                }
            }
            for (index, row) in dialect.rows.iter().enumerate() {
                row.from.iter().for_each(|source| sieve.tells(need_of(*source), &nothing).set_row(offset + index));
            }
        }
        for (key, known) in &mut sieve.keys {
            beginnings(&sieve.prefixes, key).for_each(|tells| known.tells.add(tells));
        }
        sieve
    }

    fn tells(&mut self, need: Need, nothing: &Tells) -> &mut Tells {
        match need {
            Need::Key(key) => {
                let number = self.keys.len();
                &mut self.keys.entry(key).or_insert_with(|| Key { number, tells: nothing.clone() }).tells
            }
            Need::Prefix(prefix) => {
                let first = prefix.bytes().next().unwrap_or_default();
                let list = self.prefixes.entry(first).or_default();
                let place = list.iter().position(|(known, _)| *known == prefix).unwrap_or_else(|| {
                    list.push((prefix, nothing.clone()));
                    list.len() - 1
                });
                &mut list[place].1
            }
            Need::Events => &mut self.events,
            Need::Scope(_) | Need::ScopePrefix(_) | Need::Nothing => &mut self.always,
        }
    }

    /// How many keys have a number.
    pub(crate) fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The number of a key that some table names.
    pub(crate) fn key(&self, key: &str) -> Option<usize> {
        self.keys.get(key).map(|known| known.number)
    }

    /// What is told by a scope and by having events.
    pub(crate) fn begin(&self, scope: &str, has_events: bool) -> Tells {
        let mut told = self.always.clone();
        if has_events {
            told.add(&self.events);
        }
        let is_there = |need: &Need| match need {
            Need::Scope(name) => scope == *name,
            Need::ScopePrefix(start) => scope.starts_with(start),
            _ => false,
        };
        self.scopes.iter().filter(|(need, _)| is_there(need)).for_each(|(_, dialects)| told.dialects |= dialects);
        told
    }

    /// Adds what a key tells; gives its number if some table names it.
    pub(crate) fn sift(&self, key: &str, told: &mut Tells) -> Option<usize> {
        let Some(known) = self.keys.get(key) else {
            beginnings(&self.prefixes, key).for_each(|tells| told.add(tells));
            return None;
        };
        told.add(&known.tells);
        Some(known.number)
    }

    /// The number of a dialect's first row.
    pub(crate) fn offset(&self, dialect: &Dialect) -> Option<usize> {
        self.offsets.iter().find(|(known, _)| std::ptr::eq(*known, dialect)).map(|(_, offset)| *offset)
    }
}

/// What the beginnings of a key tell.
fn beginnings<'a, S: std::hash::BuildHasher>(
    prefixes: &'a HashMap<u8, Vec<(&'static str, Tells)>, S>,
    key: &str,
) -> impl Iterator<Item = &'a Tells> {
    let list = key.bytes().next().and_then(|first| prefixes.get(&first));
    list.into_iter().flatten().filter(move |(prefix, _)| key.starts_with(prefix)).map(|(_, tells)| tells)
}

/// One of these must be there before the sign can be.
fn needs_of(sign: Sign) -> Vec<Need> {
    match sign {
        Sign::Scope(name) => vec![Need::Scope(name)],
        Sign::ScopePrefix(prefix) => vec![Need::ScopePrefix(prefix)],
        Sign::Marker(key) | Sign::MarkerIs(key, _) | Sign::Attr(key) | Sign::In(key, _) => vec![Need::Key(key)],
        Sign::AttrPrefix(prefix) => vec![Need::Prefix(prefix)],
        Sign::Event(_) => vec![Need::Events],
        Sign::AnyOf(signs) => signs.iter().flat_map(|sign| needs_of(*sign)).collect(),
        // All of them are there, so the first that needs anything at all will do.
        Sign::AllOf(signs) => {
            let mut all = signs.iter().map(|sign| needs_of(*sign));
            all.find(|needs| !needs.contains(&Need::Nothing)).unwrap_or_else(|| vec![Need::Nothing])
        }
        Sign::Without(_) | Sign::ResourceIs(..) | Sign::Failed => vec![Need::Nothing],
    }
}

/// What must be there before a source can hold anything.
fn need_of(source: Source) -> Need {
    match source {
        Source::Attr(key) | Source::In(key, _) | Source::TimeIn(key) => Need::Key(key),
        Source::Flat(prefix) => Need::Prefix(prefix),
        Source::EventTime(_) | Source::Event(..) | Source::EachEvent(..) | Source::Events | Source::EventsNamed(_) => {
            Need::Events
        }
        Source::Resource(_) | Source::StatusMessage | Source::Name => Need::Nothing,
    }
}

/// Hashes short texts quickly. Nobody can choose the keys of these tables, so it need not withstand anybody.
#[derive(Default)]
pub(crate) struct Quick(u64);

impl Quick {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(Self::FACTOR);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(byte.into());
    }

    fn finish(&self) -> u64 {
        // The high bits are the well mixed ones, and tables look at the low ones.
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Tells {
        fn may_be(&self, dialect: &Dialect) -> bool {
            self.recognisable().any(|one| one.id == dialect.id)
        }
    }

    #[test]
    fn every_row_can_be_reached_and_every_sign_may_be_seen() {
        let sieve = Sieve::get();
        assert!(ALL.len() <= Dialects::BITS as usize, "{} dialects", ALL.len());
        for dialect in ALL {
            for sign in dialect.signs {
                let sees = needs_of(*sign).into_iter().all(|need| match need {
                    Need::Key(key) => sieve.keys.get(key).is_some_and(|key| key.tells.may_be(dialect)),
                    Need::Prefix(prefix) => {
                        let mut told = Tells::nothing(0);
                        sieve.sift(&format!("{prefix}x"), &mut told);
                        told.may_be(dialect)
                    }
                    Need::Scope(name) => sieve.begin(name, false).may_be(dialect),
                    Need::ScopePrefix(prefix) => sieve.begin(&format!("{prefix}x"), false).may_be(dialect),
                    Need::Events => sieve.events.may_be(dialect),
                    Need::Nothing => sieve.always.may_be(dialect),
                });
                assert!(sees, "{}: {sign:?}", dialect.id);
            }
            let offset = sieve.offset(dialect).expect("a dialect of the table");
            for (index, row) in dialect.rows.iter().enumerate() {
                for source in row.from {
                    let mut told = sieve.begin("", true);
                    if let Source::Attr(key) | Source::In(key, _) | Source::TimeIn(key) = source {
                        assert!(sieve.sift(key, &mut told).is_some());
                    } else if let Source::Flat(prefix) = source {
                        sieve.sift(&format!("{prefix}.0.x"), &mut told);
                    }
                    assert!(told.row(offset + index), "{}: {source:?}", dialect.id);
                }
            }
        }
    }

    #[test]
    fn a_plain_span_concerns_no_dialect_of_models() {
        let sieve = Sieve::get();
        let mut told = sieve.begin("opentelemetry.instrumentation.flask", false);
        for key in ["http.request.method", "url.path", "http.route", "thread.id", "network.protocol.version"] {
            sieve.sift(key, &mut told);
        }
        let concerned: Vec<&str> = told.recognisable().map(|dialect| dialect.id).collect();
        assert!(concerned.len() <= 3, "{concerned:?}");
    }
}
