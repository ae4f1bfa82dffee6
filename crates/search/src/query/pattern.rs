//! A word or a phrase, and where it stands in a text.

use std::cmp::Reverse;
use std::fmt;
use std::ops::Range;

use super::shape::is_shape;
use crate::fold::{Class, class, fold, is_escape};
use crate::terms::{Probe, probes};

/// Characters between two words of a phrase, at most.
const MAX_GAP: usize = 64;

/// Pieces that stand in a text one after the other, signs or spaces between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Folded characters, at least one a piece.
    pieces: Vec<Vec<char>>,
    /// The last word may go on.
    open: bool,
    /// Bytes with which a place begins where the pattern may stand; none if that is not simply told.
    starts: Vec<u8>,
}

impl Pattern {
    /// Nothing if there is no character but spaces.
    pub(super) fn new(words: &str, open: bool) -> Option<Self> {
        let pieces: Vec<Vec<char>> = words.split_whitespace().map(|word| word.chars().map(fold).collect()).collect();
        let first = *pieces.first()?.first()?;
        Some(Self { pieces, open, starts: starts(first) })
    }

    /// What an index must have for the pattern: of each list one.
    pub(super) fn probes(&self) -> Vec<Vec<Probe>> {
        let last = self.pieces.len() - 1;
        let of_piece = |(number, piece): (usize, &Vec<char>)| probes(piece, self.open && number == last);
        let mut needed: Vec<Vec<Probe>> = self.pieces.iter().enumerate().flat_map(of_piece).collect();
        needed.sort();
        needed.dedup();
        needed.sort_by_key(|choice| Reverse(choice.first().map(Probe::length)));
        needed
    }

    /// The first place from `from` on where the pattern stands.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let mut at = from;
        loop {
            at = self.next_start(text, at)?;
            let place = self.stands(text, at).map(|end| at..end);
            if let Some(place) = place.filter(|place| !is_shape(text, place)) {
                return Some(place);
            }
            at = step(text, at)?.1;
        }
    }

    /// The next place at which the first character may stand.
    fn next_start(&self, text: &str, from: usize) -> Option<usize> {
        let rest = text.as_bytes().get(from..)?;
        let found = match self.starts[..] {
            [] => (!rest.is_empty()).then_some(0),
            [one] => memchr::memchr(one, rest),
            [one, two] => memchr::memchr2(one, two, rest),
            [one, two, three, ..] => memchr::memchr3(one, two, three, rest),
        };
        found.map(|found| from + found)
    }

    /// Where the pattern ends that begins at `start`.
    fn stands(&self, text: &str, start: usize) -> Option<usize> {
        let mut end = self.piece_at(text, start, 0)?;
        for number in 1..self.pieces.len() {
            end = self.behind_gap(text, end, number)?;
        }
        Some(end)
    }

    /// Where a piece ends that begins at `start`, its first and last word whole.
    fn piece_at(&self, text: &str, start: usize, number: usize) -> Option<usize> {
        let piece = self.pieces.get(number)?;
        let end = literal(text, start, piece)?;
        let (first, last) = (*piece.first()?, *piece.last()?);
        let goes_on = || step(text, end).is_some_and(|(c, _)| class(c) == Class::Letter);
        let open = self.open && number + 1 == self.pieces.len();
        let whole = (class(first) != Class::Letter || word_starts(text, start))
            && (open || class(last) != Class::Letter || !goes_on());
        whole.then_some(end)
    }

    /// Where a piece ends that begins at the first place behind signs and spaces from `from` on.
    fn behind_gap(&self, text: &str, from: usize, number: usize) -> Option<usize> {
        let before = self.pieces.get(number.checked_sub(1)?)?.last()?;
        let sign = |c: &char| class(*c) == Class::Gap;
        let close = sign(before) || self.pieces.get(number)?.first().is_some_and(sign);
        if let Some(end) = self.piece_at(text, from, number).filter(|_| close) {
            return Some(end);
        }
        let (mut at, mut backslash) = (from, false);
        for _ in 0..MAX_GAP {
            let (c, next) = step(text, at)?;
            if class(c) != Class::Gap && !(backslash && is_escape(c)) {
                return None;
            }
            if let Some(end) = self.piece_at(text, next, number) {
                return Some(end);
            }
            (at, backslash) = (next, c == '\\');
        }
        None
    }
}

/// Where folded characters end that stand at `start`. Quotes and slashes may be escaped, once or more often.
fn literal(text: &str, start: usize, piece: &[char]) -> Option<usize> {
    let mut at = start;
    for want in piece.iter().copied() {
        let (mut have, mut next) = step(text, at)?;
        if matches!(want, '"' | '/') {
            while have == '\\' {
                (have, next) = step(text, next)?;
            }
        }
        if have != want {
            return None;
        }
        at = next;
        if want == '\\' {
            while let Some(('\\', behind)) = step(text, at) {
                at = behind;
            }
        }
    }
    Some(at)
}

/// Whether no word goes on at `at`: before it is no letter, or one that belongs to an escape.
fn word_starts(text: &str, at: usize) -> bool {
    let mut before = text.get(..at).unwrap_or_default().chars().rev().map(fold);
    match before.next() {
        Some(c) if class(c) == Class::Letter => is_escape(c) && before.next() == Some('\\'),
        _ => true,
    }
}

/// The folded character at `at`, and where the next one begins.
fn step(text: &str, at: usize) -> Option<(char, usize)> {
    let c = text.get(at..)?.chars().next()?;
    Some((fold(c), at + c.len_utf8()))
}

/// The first bytes of all characters that are folded to this one.
fn starts(first: char) -> Vec<u8> {
    /// Of full-width and half-width forms.
    const WIDE: u8 = 0xef;
    match first {
        // A slash or a quote may have a backslash before it.
        '"' | '/' => vec![first as u8, WIDE, b'\\'],
        c if c.is_ascii_alphabetic() => vec![c as u8, c.to_ascii_uppercase() as u8, WIDE],
        c if c.is_ascii() => vec![c as u8, WIDE],
        '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' => {
            first.encode_utf8(&mut [0; 4]).bytes().next().into_iter().collect()
        }
        _ => Vec::new(),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces = self.pieces.iter().map(|piece| piece.iter().collect::<String>());
        write!(f, "[{}{}]", pieces.collect::<Vec<_>>().join(" "), if self.open { "*" } else { "" })
    }
}
