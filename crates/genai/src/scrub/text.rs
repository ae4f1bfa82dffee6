//! Secrets inside texts: found by a part of their name or form, then looked at closely.
//!
//! In: any text: a message, JSON once or twice encoded, a Python literal, a header line, an address, a command line. Out:
//! the byte ranges of the secrets in it. Prose that only speaks of passwords has none.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::places::{FORMS, HINTS, SCHEMES, is_secret_name, is_secret_parameter};

/// In a shorter text no secret has room beside its name.
const MIN_TEXT_BYTES: usize = 8;
/// Shorter values are words or placeholders.
const MIN_CHARS: usize = 6;
/// A value that stands neither in quotes nor behind a scheme is a secret only if it looks like one: long, with digits.
const MIN_BARE_CHARS: usize = 16;
/// Nobody has a longer secret: what goes on is a text.
const MAX_CHARS: usize = 4_096;
/// Names are not longer than this: what surrounds a hint is not searched further.
const MAX_NAME_CHARS: usize = 64;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let forms = FORMS.iter().map(|(begins, ..)| *begins);
    // Of the kinds of matching only this one searches sixteen bytes at a time.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(HINTS.iter().copied().chain(forms)).ok()
});

/// Where secrets stand in a text, in order, none within another.
pub(super) fn secrets_in(text: &str) -> Vec<Range<usize>> {
    let Some(finder) = FINDER.as_ref().filter(|_| text.len() >= MIN_TEXT_BYTES) else { return Vec::new() };
    let mut found: Vec<Range<usize>> = Vec::new();
    for hit in finder.find_iter(text) {
        let at = hit.start();
        let Some(hint) = text.get(hit.range()) else { continue };
        match hint {
            "://" => found.extend(in_address(text, hit.end())),
            _ if FORMS.iter().any(|(begins, ..)| *begins == hint) => {
                found.extend(by_form(text, at, hint).or_else(|| by_name(text, at)))
            }
            _ => found.extend(by_name(text, at)),
        }
    }
    found.sort_unstable_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, kept| {
        let inside = next.start < kept.end;
        if inside {
            kept.end = kept.end.max(next.end);
        }
        inside
    });
    found
}

/// A key of a known form that begins here.
fn by_form(text: &str, at: usize, begins: &str) -> Option<Range<usize>> {
    let (_, chars, _) = FORMS.iter().find(|(known, ..)| *known == begins)?;
    if text.get(..at)?.chars().next_back().is_some_and(is_name_char) {
        return None;
    }
    let start = at + begins.len();
    let end = start + length(text, start, |c| is_name_char(c) || c == '*');
    let key = text.get(start..end)?;
    let looks = key.len() >= *chars && key.chars().any(|c| c.is_ascii_digit() || c == '*');
    looks.then_some(start..end)
}

/// The value behind a name that surrounds this place.
fn by_name(text: &str, at: usize) -> Option<Range<usize>> {
    let before: usize =
        text.get(..at)?.chars().rev().take(MAX_NAME_CHARS).take_while(|c| is_name_char(*c)).map(char::len_utf8).sum();
    let end = at + length(text, at, is_name_char);
    let name = text.get(at - before..end)?;
    // `Bearer` is followed by its secret at once.
    if name.eq_ignore_ascii_case("bearer") {
        return bare(text, end + length(text, end, |c| c == ' '), MIN_BARE_CHARS, true);
    }
    is_secret_name(name).then(|| value(text, end))?
}

/// The value behind a name that ends here: `": "…"`, `\": \"…\"`, `': '…'`, `=…`, `: …`, ` …` of a command line.
fn value(text: &str, name_end: usize) -> Option<Range<usize>> {
    let quotes = length(text, name_end, |c| matches!(c, '"' | '\'' | '\\' | ']'));
    let mut at = name_end + quotes;
    at += length(text, at, char::is_whitespace);
    let between = text.get(at..)?.chars().next()?;
    if matches!(between, ':' | '=') {
        at += 1;
        at += length(text, at, |c| c.is_whitespace() || matches!(c, '['));
    } else if at == name_end + quotes {
        return None;
    }
    let opened = length(text, at, |c| matches!(c, '"' | '\'' | '\\'));
    at += opened;
    let word = length(text, at, |c| c.is_ascii_alphabetic());
    let scheme = text.get(at..at + word)?;
    let has_scheme = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if has_scheme {
        at += word;
        at += length(text, at, |c| c == ' ');
    }
    if opened > 0 {
        return quoted(text, at);
    }
    if has_scheme { bare(text, at, MIN_CHARS, false) } else { bare(text, at, MIN_BARE_CHARS, true) }
}

/// Up to the closing quote, or to the backslash before it.
fn quoted(text: &str, at: usize) -> Option<Range<usize>> {
    let end = at + length(text, at, |c| !matches!(c, '"' | '\'' | '\\' | '\n'));
    (MIN_CHARS..=MAX_CHARS).contains(&(end - at)).then_some(at..end)
}

/// Up to the first character that no key has.
fn bare(text: &str, at: usize, least: usize, must_look_like_one: bool) -> Option<Range<usize>> {
    let end = at + length(text, at, is_secret_char);
    let secret = text.get(at..end)?;
    let looks = !must_look_like_one || secret.chars().any(|c| c.is_ascii_digit() || c == '*');
    (secret.len() >= least && looks).then_some(at..end)
}

/// The password and the secret parameters of an address whose host begins here.
pub(super) fn in_address(text: &str, host: usize) -> Vec<Range<usize>> {
    let end = host + length(text, host, |c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`'));
    let Some(address) = text.get(host..end) else { return Vec::new() };
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let password = user.and_then(|user| user.split_once(':')).map(|(name, password)| {
        let start = host + name.len() + 1;
        start..start + password.len()
    });
    password.into_iter().filter(|range| !range.is_empty()).chain(parameters(text, host..end)).collect()
}

/// The secret parameters of an address or of the end of one.
pub(super) fn parameters(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let Some(address) = text.get(within.clone()) else { return Vec::new() };
    let mut found = Vec::new();
    let mut at = within.start;
    for part in address.split(['?', '&', ';', '#']) {
        if let Some((name, secret)) = part.split_once('=')
            && is_secret_parameter(name)
            && secret.len() >= MIN_CHARS
        {
            let start = at + name.len() + 1;
            found.push(start..start + secret.len());
        }
        at += part.len() + 1;
    }
    found
}

fn length(text: &str, from: usize, is: impl Fn(char) -> bool) -> usize {
    text.get(from..).unwrap_or_default().chars().take(MAX_CHARS + 1).take_while(|c| is(*c)).map(char::len_utf8).sum()
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn is_secret_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '+' | '/' | '=' | '*' | '%')
}
