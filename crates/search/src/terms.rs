//! A text's terms: what an index is made of.
//!
//! In: any text. Out: folded terms, in order, with repeats. A run of letters is one term. A run of characters written
//! without spaces gives every two neighbours, and its last character alone: then each of its characters begins a term, and
//! one character is found as a beginning. `c++` and `c#` are terms beside `c`. A long run (a key, base64) is known by its
//! beginning only. What stands behind an escape is taken with and without the escape's letter.

use crate::fold::{Class, class, fold, is_escape};

/// Longer terms are known by their beginning. Digests and ids of 128 bits fit as they are.
const MAX_TERM_BYTES: usize = 32;
/// What is kept of longer ones.
const LONG_PREFIX_BYTES: usize = 6;
/// Ends a term that is known by its beginning: no letter.
const LONG_MARK: u8 = b'~';
/// The longest possible term.
pub(crate) const TERM_BYTES: usize = MAX_TERM_BYTES + 2;
/// Words before `++` or `#` that make a term with it: names of languages are short.
const SIGNED_WORD_BYTES: usize = 3;

/// Gives every term of a text.
pub(crate) fn terms(text: &str, mut take: impl FnMut(&[u8])) {
    let mut word = Word::default();
    let mut script: Option<char> = None;
    let mut backslash = false;
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        let c = fold(next);
        match class(c) {
            Class::Letter => {
                end_script(&mut script, &mut take);
                if word.bytes.is_empty() {
                    word.escaped = backslash && is_escape(c);
                }
                push(&mut word.bytes, c);
            }
            Class::Script => {
                word.end("", &mut take);
                if let Some(before) = script.replace(c) {
                    pair(before, c, &mut take);
                }
            }
            Class::Gap => {
                end_script(&mut script, &mut take);
                let sign = match c {
                    '#' => "#",
                    '+' if rest.clone().next().map(fold) == Some('+') => "++",
                    _ => "",
                };
                word.end(sign, &mut take);
            }
        }
        backslash = c == '\\';
    }
    end_script(&mut script, &mut take);
    word.end("", &mut take);
}

/// A run of letters in the making.
#[derive(Default)]
struct Word {
    bytes: Vec<u8>,
    /// Its first letter may belong to an escape.
    escaped: bool,
}

impl Word {
    fn end(&mut self, sign: &str, take: &mut impl FnMut(&[u8])) {
        if self.bytes.is_empty() {
            return;
        }
        // The letter of an escape is one byte.
        for start in 0..=usize::from(self.escaped) {
            let (word, length) = (self.bytes.get(start..).unwrap_or_default(), self.bytes.len() - start);
            if word.is_empty() {
                continue;
            }
            stored(word, take);
            if !sign.is_empty() && length <= SIGNED_WORD_BYTES {
                self.bytes.extend_from_slice(sign.as_bytes());
                take(self.bytes.get(start..).unwrap_or_default());
                self.bytes.truncate(start + length);
            }
        }
        self.bytes.clear();
        self.escaped = false;
    }
}

fn push(bytes: &mut Vec<u8>, c: char) {
    if c.is_ascii() {
        bytes.push(c as u8);
    } else {
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn pair(one: char, two: char, take: &mut impl FnMut(&[u8])) {
    let mut buffer = [0; 8];
    let first = one.encode_utf8(&mut buffer).len();
    let second = two.encode_utf8(buffer.get_mut(first..).unwrap_or_default()).len();
    take(buffer.get(..first + second).unwrap_or_default());
}

fn end_script(script: &mut Option<char>, take: &mut impl FnMut(&[u8])) {
    if let Some(last) = script.take() {
        take(last.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Gives a word as it stands in an index.
fn stored(word: &[u8], take: &mut impl FnMut(&[u8])) {
    if word.len() <= MAX_TERM_BYTES {
        return take(word);
    }
    let mut short = [LONG_MARK; LONG_PREFIX_BYTES + 1];
    let kept = beginning(word);
    if let Some(place) = short.get_mut(..kept.len()) {
        place.copy_from_slice(kept);
    }
    take(short.get(..=kept.len()).unwrap_or_default());
}

/// What is kept of a long word: whole characters.
fn beginning(word: &[u8]) -> &[u8] {
    let starts = |at: &usize| word.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    let end = (0..=LONG_PREFIX_BYTES.min(word.len())).rev().find(starts).unwrap_or(0);
    word.get(..end).unwrap_or_default()
}

/// What an index is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Probe {
    /// A term.
    Term(Vec<u8>),
    /// All terms that begin so.
    Prefix(Vec<u8>),
}

/// What an index must have for a piece of a question that stands in a text as it is: for every alternative of the outer
/// list one of the inner. `open`: the piece's last word may go on in the text.
pub(crate) fn probes(piece: &[char], open: bool) -> Vec<Vec<Probe>> {
    let mut needed: Vec<Vec<Probe>> = Vec::new();
    let mut single = None;
    for run in piece.chunk_by(|one, next| class(*one) == class(*next)) {
        let text: String = run.iter().collect();
        match run.first().map(|c| class(*c)) {
            // Pairs only: in the text the run may go on.
            Some(Class::Script) if run.len() > 1 => {
                needed.extend(run.windows(2).map(|two| vec![Probe::Term(two.iter().collect::<String>().into_bytes())]));
            }
            Some(Class::Script) => single = Some(vec![Probe::Prefix(text.into_bytes())]),
            _ => {}
        }
    }
    let mut words: Vec<Vec<u8>> = Vec::new();
    let text: String = piece.iter().collect();
    terms(&text, |term| words.push(term.to_vec()));
    words.retain(|word| {
        std::str::from_utf8(word).is_ok_and(|word| !word.starts_with(|c: char| class(c) == Class::Script))
    });
    let last = open.then(|| last_word(piece)).flatten();
    if let Some(last) = &last {
        // With and without an escape's letter: neither is the whole word.
        let unfinished: Vec<Vec<u8>> = tail_terms(piece, last);
        words.retain(|word| !unfinished.contains(word));
        needed.push(going_on(last));
    }
    needed.extend(words.into_iter().map(|word| vec![Probe::Term(word)]));
    // The many terms that begin with one character say least: only asked for where there is nothing else.
    if needed.is_empty() {
        needed.extend(single);
    }
    needed.sort_by_key(|choice| std::cmp::Reverse(choice.first().map(Probe::length)));
    needed.dedup();
    needed
}

/// The run of letters at the end of a piece.
fn last_word(piece: &[char]) -> Option<Vec<u8>> {
    let run = piece.chunk_by(|one, next| class(*one) == class(*next)).next_back()?;
    (class(*run.first()?) == Class::Letter).then(|| run.iter().collect::<String>().into_bytes())
}

/// The terms that the last word alone gives.
fn tail_terms(piece: &[char], last: &[u8]) -> Vec<Vec<u8>> {
    let length = std::str::from_utf8(last).map_or(0, |word| word.chars().count());
    // With the character before, which may be a backslash.
    let tail: String = piece.iter().skip(piece.len().saturating_sub(length + 1)).collect();
    let mut found = Vec::new();
    terms(&tail, |term| found.push(term.to_vec()));
    found
}

/// Terms that a word may be the beginning of.
fn going_on(word: &[u8]) -> Vec<Probe> {
    let mut short = Vec::new();
    if word.len() > LONG_PREFIX_BYTES {
        short.extend_from_slice(beginning(word));
        short.push(LONG_MARK);
    }
    match (short.is_empty(), word.len() > MAX_TERM_BYTES) {
        (true, _) => vec![Probe::Prefix(word.to_vec())],
        (false, false) => vec![Probe::Prefix(word.to_vec()), Probe::Term(short)],
        (false, true) => vec![Probe::Term(short)],
    }
}

impl Probe {
    /// Bytes: what is longer is likely to be rarer.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Term(term) => term.len(),
            Self::Prefix(start) => start.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        terms(text, |term| found.push(String::from_utf8(term.to_vec()).unwrap()));
        found
    }

    #[test]
    fn terms_are_words_pairs_and_signed_names() {
        for (text, want) in [
            ("Foo_bar, /v1/chat gpt-4o", "foo bar v1 chat gpt 4o"),
            ("我要退款流程", "我要 要退 退款 款流 流程 程"),
            ("用iPhone手机。", "用 iphone 手机 机"),
            ("C++ c# ＦＯＯ＃ verylong# a+b", "c c++ c c# foo foo# verylong a b"),
            (r#""content":"one\nfoo\"bar\\\t退""#, "content one nfoo foo bar t 退"),
            (r"C:\new", "c new ew"),
            ("한국어를", "한국 국어 어를 를"),
            ("", ""),
        ] {
            assert_eq!(of(text).join(" "), want, "{text}");
        }
    }

    #[test]
    fn long_words_are_known_by_their_beginning() {
        let fits = "0123456789abcdef0123456789abcdef";
        assert_eq!(of(fits), [fits]);
        assert_eq!(of(&format!("{fits}0")), ["012345~"]);
        assert_eq!(of(&"жэ".repeat(20)), ["жэж~"]);
        assert!(of(&"x".repeat(9999)).iter().all(|term| term.len() <= TERM_BYTES));
    }

    fn asked(piece: &str, open: bool) -> String {
        let probe = |probe: &Probe| match probe {
            Probe::Term(term) => String::from_utf8(term.clone()).unwrap(),
            Probe::Prefix(start) => format!("{}*", String::from_utf8(start.clone()).unwrap()),
        };
        let needed = probes(&Vec::from_iter(piece.chars()), open);
        needed.iter().map(|choice| choice.iter().map(probe).collect::<Vec<_>>().join("|")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_asked_for_is_what_a_text_with_the_piece_must_have() {
        for (piece, open, want) in [
            ("/v1/chat", false, "chat v1"),
            ("foo_ba", true, "foo ba*"),
            ("退款流", false, "退款 款流"),
            ("退", false, "退*"),
            ("iphone手", false, "iphone"),
            ("c++", false, "c++ c"),
            ("=>", false, ""),
            (r"c:\ne", true, "ne* c"),
            ("internat", true, "internat*|intern~"),
        ] {
            assert_eq!(asked(piece, open), want, "{piece}");
        }
        assert_eq!(asked(&"ab".repeat(20), true), "ababab~");
    }
}
