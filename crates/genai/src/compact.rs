//! JSON text to compact JSON text in one pass, without a value in between.
//!
//! In: JSON as it came. Out: the bytes that reading it into values and writing these again would give. What would need
//! more than a pass (a key twice, half a surrogate pair, broken syntax) is given up: `None` sends the caller the long way.

use std::ops::Range;

/// Deeper nesting goes the long way, which has limits of its own.
const MAX_DEPTH: u32 = 48;
/// Keys of one object that are compared with each other for doubles.
const MAX_KEYS: usize = 64;
/// Whole numbers of so many digits are written as they are read.
const MAX_DIGITS: usize = 18;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The compact text of an object or a list.
pub(crate) fn compact(text: &str) -> Option<String> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let (mut reader, mut out) = (Compact::new(text), String::with_capacity(text.len()));
    reader.value(&mut out, 0)?;
    reader.is_done().then_some(out)
}

/// The fields of one object: keys, and where their compact values stand.
pub(crate) type Fields<'a> = Vec<(&'a str, Range<usize>)>;

/// Walks a text.
pub(crate) struct Compact<'a> {
    text: &'a str,
    at: usize,
    /// Keys of the objects that are open.
    keys: Vec<&'a str>,
}

impl<'a> Compact<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, keys: Vec::new() }
    }

    /// The next byte that is no white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.at += space;
        rest.get(space).copied()
    }

    /// Steps over a byte that must come next.
    pub(crate) fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// True if nothing is left.
    pub(crate) fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    /// After an item: whether another follows before `close`.
    pub(crate) fn more(&mut self, close: u8) -> Option<bool> {
        let next = self.peek()?;
        self.at += 1;
        if next == close { Some(false) } else { (next == b',').then_some(true) }
    }

    /// Whether the list or object that was just opened holds nothing; if so it is closed.
    pub(crate) fn is_empty(&mut self, close: u8) -> Option<bool> {
        let empty = self.peek()? == close;
        self.at += usize::from(empty);
        Some(empty)
    }

    /// A key and its colon. One with escapes is given up.
    pub(crate) fn key(&mut self) -> Option<&'a str> {
        self.eat(b'"')?;
        let start = self.at;
        let end = self.special()?;
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.eat(b':')?;
        self.text.get(start..end)
    }

    /// An object whose values are appended to `values`.
    pub(crate) fn fields(&mut self, values: &mut String, fields: &mut Fields<'a>) -> Option<()> {
        self.eat(b'{')?;
        fields.clear();
        let mut more = !self.is_empty(b'}')?;
        while more {
            let key = self.key()?;
            if fields.len() >= MAX_KEYS || fields.iter().any(|(known, _)| *known == key) {
                return None;
            }
            let start = values.len();
            self.value(values, 0)?;
            fields.push((key, start..values.len()));
            more = self.more(b'}')?;
        }
        Some(())
    }

    /// Any value.
    pub(crate) fn value(&mut self, out: &mut String, depth: u32) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(out),
            b'{' | b'[' if depth >= MAX_DEPTH => None,
            b'{' => self.object(out, depth),
            b'[' => self.list(out, depth),
            b't' => self.word("true", out),
            b'f' => self.word("false", out),
            b'n' => self.word("null", out),
            _ => self.number(out),
        }
    }

    fn object(&mut self, out: &mut String, depth: u32) -> Option<()> {
        self.eat(b'{')?;
        out.push('{');
        let first = self.keys.len();
        let mut more = !self.is_empty(b'}')?;
        while more {
            let key = self.key()?;
            let known = self.keys.get(first..)?;
            if known.len() >= MAX_KEYS || known.contains(&key) {
                return None;
            }
            self.keys.push(key);
            push_key(out, key);
            self.value(out, depth + 1)?;
            more = self.more(b'}')?;
            if more {
                out.push(',');
            }
        }
        self.keys.truncate(first);
        out.push('}');
        Some(())
    }

    fn list(&mut self, out: &mut String, depth: u32) -> Option<()> {
        self.eat(b'[')?;
        out.push('[');
        let mut more = !self.is_empty(b']')?;
        while more {
            self.value(out, depth + 1)?;
            more = self.more(b']')?;
            if more {
                out.push(',');
            }
        }
        out.push(']');
        Some(())
    }

    fn word(&mut self, word: &str, out: &mut String) -> Option<()> {
        self.text.get(self.at..)?.starts_with(word).then_some(())?;
        self.at += word.len();
        out.push_str(word);
        Some(())
    }

    /// Short whole numbers as they are; all others as the parser of values would write them.
    fn number(&mut self, out: &mut String) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let is_of_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let token = rest.get(..rest.bytes().take_while(is_of_number).count())?;
        self.at += token.len();
        let digits = token.strip_prefix('-').unwrap_or(token);
        let plain = (1..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain && (!digits.starts_with('0') || token == "0") {
            out.push_str(token);
        } else {
            out.push_str(&serde_json::from_str::<serde_json::Value>(token).ok()?.to_string());
        }
        Some(())
    }

    /// A string with its quotes; runs between escapes that change are copied whole.
    fn string(&mut self, out: &mut String) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        self.at += 1;
        loop {
            let end = self.special()?;
            match bytes.get(end)? {
                b'"' => {
                    self.at = end + 1;
                    out.push_str(self.text.get(start..self.at)?);
                    return Some(());
                }
                b'\\' => match bytes.get(end + 1)? {
                    b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f' => self.at = end + 2,
                    b'/' => {
                        out.push_str(self.text.get(start..end)?);
                        (start, self.at) = (end + 1, end + 2);
                    }
                    b'u' => {
                        out.push_str(self.text.get(start..end)?);
                        self.at = end;
                        push_escaped(out, self.unicode()?);
                        start = self.at;
                    }
                    _ => return None,
                },
                // A control character must be escaped.
                _ => return None,
            }
        }
    }

    /// `\uXXXX`, or two of them that are one character.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if (0xD800..0xDC00).contains(&first) {
            let second = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
            return char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + second);
        }
        char::from_u32(first)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 6)?.strip_prefix("\\u")?;
        self.at += 6;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }

    /// The next quote, backslash or control character, eight bytes at a time.
    fn special(&self) -> Option<usize> {
        let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let rest = self.text.as_bytes().get(self.at..)?;
        let (words, tail) = rest.as_chunks::<8>();
        for (place, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let quote = is_zero(word ^ (ONES * u64::from(b'"')));
            let backslash = is_zero(word ^ (ONES * u64::from(b'\\')));
            let control = word.wrapping_sub(ONES * 0x20) & !word;
            let found = (quote | backslash | control) & HIGHS;
            if found != 0 {
                return Some(self.at + place * 8 + found.trailing_zeros() as usize / 8);
            }
        }
        let is_special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
        Some(self.at + words.len() * 8 + tail.iter().position(is_special)?)
    }
}

/// A key that needs no escapes, with its colon.
pub(crate) fn push_key(out: &mut String, key: &str) {
    out.push('"');
    out.push_str(key);
    out.push_str("\":");
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    fn compacted(text: &str) -> Option<String> {
        let (mut reader, mut out) = (Compact::new(text), String::new());
        reader.value(&mut out, 0)?;
        reader.is_done().then_some(out)
    }

    #[test]
    fn texts_become_what_values_would_be_written_as() {
        for text in [
            r#" { "a" : [ 1 , -2.50, 1e3, true,false , null ] , "b":{} ,"c":[ ] } "#,
            r#""\/ \u4f60 \ud83e\udd8a \u0000 \u001F \u0022 \u005c \u000a \n\t\r\b\f\\\" ü 你""#,
            "0",
            "-0",
            "123456789012345678",
            "12345678901234567890",
            "-1234567890123456789012",
            r#"["0123456","01234567","012345678\n"]"#,
        ] {
            let value: Json = serde_json::from_str(text).unwrap();
            assert_eq!(compacted(text), Some(value.to_string()), "{text}");
        }
    }

    #[test]
    fn what_needs_more_goes_the_long_way() {
        for text in [
            "",
            "[",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "[1 2]",
            "01",
            "1.",
            "-",
            "+1",
            "nul",
            "tru",
            "[1]]",
            "'a'",
            "\"a",
            "\"\t\"",
            "\"\\x\"",
            "\"\\ud83e\"",
            "\"\\ud83e\\u0041\"",
            "\"\\udd8a\"",
            "\"\\u12\"",
            "{\"a\":1,\"a\":2}",
            "{\"\\u0061\":1}",
        ] {
            assert_eq!(compacted(text), None, "{text}");
        }
        assert_eq!(compacted(&"[".repeat(100_000)), None);
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<u64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            any::<String>().prop_map(Json::from),
            "[\"\\\\/\n\t\u{8}\u{1f}a你🦊]{0,20}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map("[a-z\"é]{0,3}", inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_written_the_same(value in any_json(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            // Numbers may change when they are read.
            let read: Json = serde_json::from_str(&text).unwrap();
            if let Some(out) = compacted(&text) {
                prop_assert_eq!(out, read.to_string());
            } else {
                prop_assert!(text.contains("\\\""), "only a key with escapes is given up: {}", text);
            }
        }

        #[test]
        fn any_text_is_read_as_values_are_or_not_at_all(text in "[\\[\\]{}:,\"\\\\u0-9a-f e.+-]{0,30}") {
            if let Some(out) = compacted(&text) {
                let read: Json = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(out, read.to_string());
            }
        }
    }
}
