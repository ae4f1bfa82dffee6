//! Reads JSON as it really arrives: encoded twice, cut in the middle, or written by Python.
//!
//! In: text. Out: the value and whether its end is missing, or nothing if the text is no data at all. It is a parser of
//! literals only: nothing is ever evaluated, and what it does not know (`Message(role=…)`) is left to be text.

use std::str::Chars;

use serde_json::{Map, Number, Value as Json};

/// Deeper nesting is no content but an attack on the stack.
const MAX_DEPTH: u32 = 64;

/// JSON inside a JSON string inside a JSON string has been seen; more has not.
const MAX_UNWRAPS: u32 = 2;

/// What could be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Loose {
    pub(crate) value: Json,
    /// The end is missing; `value` is what came before it.
    pub(crate) cut: bool,
}

/// Reads `text` if it is JSON, a Python literal, or the beginning of either.
pub(crate) fn parse(text: &str) -> Option<Loose> {
    unwrap(text, MAX_UNWRAPS)
}

fn unwrap(text: &str, unwraps: u32) -> Option<Loose> {
    let text = text.trim();
    if !text.starts_with(['{', '[', '(', '"', '\'']) {
        return None;
    }
    let read = match serde_json::from_str::<Json>(text) {
        Ok(value) => Loose { value, cut: false },
        Err(_) => read(text)?,
    };
    match &read.value {
        Json::String(inner) if unwraps > 0 => unwrap(inner, unwraps - 1).or(Some(read)),
        _ => Some(read),
    }
}

fn read(text: &str) -> Option<Loose> {
    let mut reader = Reader { rest: text.chars(), cut: false };
    let first = reader.value(0)?;
    let mut values = vec![first];
    // Objects joined by commas without brackets: OpenLIT's tool arguments.
    while !reader.cut && reader.skip_if(',') && reader.peek() == Some('{') {
        values.push(reader.value(0)?);
    }
    let quoted = text.starts_with(['"', '\'']);
    if reader.peek().is_some() || (reader.cut && quoted) {
        return None;
    }
    let value = if values.len() == 1 { values.pop()? } else { Json::Array(values) };
    Some(Loose { value, cut: reader.cut })
}

struct Reader<'a> {
    rest: Chars<'a>,
    cut: bool,
}

impl Reader<'_> {
    /// The next character that is no white space.
    fn peek(&mut self) -> Option<char> {
        while let Some(c) = self.rest.clone().next() {
            if !c.is_whitespace() {
                return Some(c);
            }
            self.rest.next();
        }
        None
    }

    fn skip_if(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.rest.next();
        }
        there
    }

    /// One value. At the end of the text it is whatever was there so far, and `cut` is set.
    fn value(&mut self, depth: u32) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek() {
            None => {
                self.cut = true;
                Some(Json::Null)
            }
            Some('{') => self.object(depth),
            Some('[') => self.list(depth, ']'),
            Some('(') => self.list(depth, ')'),
            Some(quote @ ('"' | '\'')) => {
                self.rest.next();
                Some(Json::String(self.string(quote)))
            }
            Some(_) => self.word(),
        }
    }

    fn object(&mut self, depth: u32) -> Option<Json> {
        self.rest.next();
        let mut map = Map::new();
        loop {
            match self.peek() {
                None => self.cut = true,
                Some('}') => {
                    self.rest.next();
                }
                Some(',') if !map.is_empty() => {
                    self.rest.next();
                    continue;
                }
                Some(quote @ ('"' | '\'')) => {
                    self.rest.next();
                    let key = self.string(quote);
                    if self.cut || (!self.skip_if(':') && self.end()) {
                        return Some(Json::Object(map));
                    }
                    let value = self.value(depth + 1)?;
                    if !(self.cut && value.is_null()) {
                        map.insert(key, value);
                    }
                    if !self.cut {
                        continue;
                    }
                }
                Some(_) => return None,
            }
            return Some(Json::Object(map));
        }
    }

    fn list(&mut self, depth: u32, close: char) -> Option<Json> {
        self.rest.next();
        let mut items = Vec::new();
        loop {
            match self.peek() {
                None => self.cut = true,
                Some(c) if c == close => {
                    self.rest.next();
                }
                Some(',') if !items.is_empty() => {
                    self.rest.next();
                    continue;
                }
                Some(_) => {
                    let item = self.value(depth + 1)?;
                    if !(self.cut && item.is_null()) {
                        items.push(item);
                    }
                    if self.cut {
                        return Some(Json::Array(items));
                    }
                    match self.peek() {
                        Some(c) if c == ',' || c == close => continue,
                        None => continue,
                        Some(_) => return None,
                    }
                }
            }
            return Some(Json::Array(items));
        }
    }

    /// True, and `cut`, if nothing is left.
    fn end(&mut self) -> bool {
        self.cut = self.cut || self.peek().is_none();
        self.cut
    }

    /// The rest of a string whose opening quote was read.
    fn string(&mut self, quote: char) -> String {
        let mut text = String::new();
        loop {
            match self.rest.next() {
                None => {
                    self.cut = true;
                    return text;
                }
                Some(c) if c == quote => return text,
                Some('\\') => self.escape(&mut text),
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        let Some(c) = self.rest.next() else {
            self.cut = true;
            return;
        };
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            '\\' | '/' | '"' | '\'' => text.push(c),
            '\n' => {}
            'x' => text.extend(self.hex(2).map(character)),
            'U' => text.extend(self.hex(8).map(character)),
            'u' => text.extend(self.utf16()),
            other => text.extend(['\\', other]),
        }
    }

    /// A `\uXXXX`, with its second half if it is a surrogate.
    fn utf16(&mut self) -> Option<char> {
        let first = self.hex(4)?;
        if !(0xD800..0xDC00).contains(&first) {
            return Some(character(first));
        }
        let mut ahead = self.rest.clone();
        if ahead.next() == Some('\\') && ahead.next() == Some('u') {
            self.rest = ahead;
            let second = self.hex(4)?;
            let low = second.wrapping_sub(0xDC00);
            return Some(if low < 0x400 {
                character(0x1_0000 + ((first - 0xD800) << 10) + low)
            } else {
                char::REPLACEMENT_CHARACTER
            });
        }
        // Half a character at the end of a cut text is not worth a replacement mark.
        self.rest.clone().next().map(|_| char::REPLACEMENT_CHARACTER)
    }

    /// So many hexadecimal digits; nothing if the text ends before.
    fn hex(&mut self, digits: u32) -> Option<u32> {
        let mut number = 0;
        for _ in 0..digits {
            let Some(digit) = self.rest.clone().next() else {
                self.cut = true;
                return None;
            };
            number = number << 4 | digit.to_digit(16)?;
            self.rest.next();
        }
        Some(number)
    }

    /// A number, or one of the words of JSON and Python.
    fn word(&mut self) -> Option<Json> {
        let mut word = String::new();
        while let Some(c) = self.rest.clone().next() {
            if !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_')) {
                break;
            }
            word.push(c);
            self.rest.next();
        }
        if let Some(quote @ ('"' | '\'')) = self.rest.clone().next()
            && matches!(word.as_str(), "b" | "u" | "r")
        {
            self.rest.next();
            return Some(Json::String(self.string(quote)));
        }
        let number = || -> Option<Json> {
            if let Ok(whole) = word.parse::<i64>() {
                return Some(Json::from(whole));
            }
            word.chars().next().filter(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))?;
            Some(word.parse().ok().and_then(Number::from_f64).map_or(Json::Null, Json::Number))
        };
        match word.as_str() {
            "true" | "True" => Some(Json::Bool(true)),
            "false" | "False" => Some(Json::Bool(false)),
            "null" | "None" | "nan" | "NaN" | "inf" | "Infinity" | "-inf" | "-Infinity" => Some(Json::Null),
            "" => None,
            // A word the cut went through tells nothing.
            _ if self.rest.clone().next().is_none() && number().is_none() => {
                self.cut = true;
                Some(Json::Null)
            }
            _ => number(),
        }
    }
}

fn character(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn whole(text: &str) -> Option<Json> {
        parse(text).filter(|read| !read.cut).map(|read| read.value)
    }

    #[test]
    fn json_comes_once_or_twice_encoded() {
        assert_eq!(whole(r#"{"a":"\u4f60\ud83e\udd8a"}"#), Some(json!({"a": "你🦊"})));
        assert_eq!(whole(r#""[{\"a\":1}]""#), Some(json!([{"a": 1}])));
        assert_eq!(whole(r#""just a text""#), Some(json!("just a text")));
    }

    #[test]
    fn python_literals_are_read_and_nothing_else_is_run() {
        assert_eq!(
            whole("{'a': None, 'b': True, 'c': (1, 2.5), 'd': 'it\\'s \\x41', 'e': nan}"),
            Some(json!({"a": null, "b": true, "c": [1, 2.5], "d": "it's A", "e": null}))
        );
        assert_eq!(whole("['a', 'b']"), Some(json!(["a", "b"])));
        assert_eq!(whole("{'city': 'Paris'}, {'city': 'Rome'}"), Some(json!([{"city": "Paris"}, {"city": "Rome"}])));
        for text in ["[ChatMessage(role='user')]", "[INST] hi", "{name} hello", "(note) x", "'tis", "[1] see", "hello"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn of_a_cut_text_the_beginning_stays() {
        for (text, value) in [
            (
                r#"[{"role":"user","parts":[{"type":"text","content":"Hel"#,
                json!([{"role": "user", "parts": [{"type": "text", "content": "Hel"}]}]),
            ),
            (r#"[{"a":1},{"b""#, json!([{"a": 1}, {}])),
            (r#"[{"a":1},{"b":"#, json!([{"a": 1}, {}])),
            (r#"[{"a":tru"#, json!([{}])),
            (r#"["\u4f6"#, json!([""])),
            (r#"["🦊\ud83e"#, json!(["🦊"])),
            ("[1, 2", json!([1, 2])),
        ] {
            assert_eq!(parse(text), Some(Loose { value, cut: true }), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(parse(&"[".repeat(100_000)), None);
        let deep = format!("{}'x'{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(&deep), None);
    }

    proptest::proptest! {
        #[test]
        fn any_prefix_of_json_is_read_without_a_fault(cut in 0_usize..200) {
            let text = json!([{"role": "user", "parts": [{"type": "text", "content": "你好 \"x\" \\ \n 🦊", "n": [1, -2.5, true, null]}]}]).to_string();
            let head: String = text.chars().take(cut).collect();
            let read = parse(&head);
            proptest::prop_assert!(read.is_some() || head.is_empty());
        }

        #[test]
        fn any_text_is_survived(text in ".*") {
            let _read = parse(&text);
        }
    }
}
