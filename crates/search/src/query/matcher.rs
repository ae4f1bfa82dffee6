//! Whether a row's texts answer a question, and where.

use std::ops::Range;

use super::{Node, Pattern};

/// Places that are marked in one text; a text with more has its first ones marked.
pub const MAX_RANGES: usize = 1000;

/// A question that is ready to be put to texts.
#[derive(Debug, Clone)]
pub struct Matcher {
    root: Node,
}

impl Matcher {
    pub(super) fn new(root: &Node) -> Self {
        Self { root: root.clone() }
    }

    /// Whether a row answers, of which these are all texts. Words may stand in different ones, a phrase stands in one.
    pub fn matches<T: AsRef<str>>(&self, texts: &[T]) -> bool {
        answers(&self.root, texts)
    }

    /// The places of a text that are asked for, in order, none in another. What must not be there is not marked.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut patterns = Vec::new();
        wanted(&self.root, &mut patterns);
        let mut found: Vec<Range<usize>> = Vec::new();
        for pattern in patterns {
            let mut from = 0;
            for _ in 0..MAX_RANGES {
                let Some(range) = pattern.find(text, from) else { break };
                from = range.end;
                found.push(range);
            }
        }
        found.sort_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged.truncate(MAX_RANGES);
        merged
    }
}

fn answers<T: AsRef<str>>(node: &Node, texts: &[T]) -> bool {
    match node {
        Node::Is(pattern) => texts.iter().any(|text| pattern.find(text.as_ref(), 0).is_some()),
        Node::Not(part) => !answers(part, texts),
        Node::All(parts) => parts.iter().all(|part| answers(part, texts)),
        Node::Any(parts) => parts.iter().any(|part| answers(part, texts)),
    }
}

fn wanted<'a>(node: &'a Node, patterns: &mut Vec<&'a Pattern>) {
    match node {
        Node::Is(pattern) => patterns.push(pattern),
        Node::Not(_) => {}
        Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| wanted(part, patterns)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;

    fn found(query: &str, text: &str) -> Vec<String> {
        let ranges = Query::parse(query).unwrap().matcher().ranges(text);
        ranges.into_iter().map(|range| text.get(range).unwrap().to_owned()).collect()
    }

    #[test]
    fn words_stand_where_they_are_whole() {
        for (query, text, want) in [
            ("退款", "我要退款流程，退 款", "退款"),
            ("退", "我要退款", "退"),
            ("chat", "POST /v1/chat chats Chat", "chat|Chat"),
            ("/v1/chat", r"POST \/v1\/chat/x /v1/chats", r"\/v1\/chat"),
            ("gpt-4o", "ＧＰＴ－４ｏ gpt-4o-mini gpt 4o", "ＧＰＴ－４ｏ|gpt-4o"),
            ("4o", "gpt-4o", "4o"),
            ("c++", "C+ C++ c++11", "C++|c++"),
            ("foo_bar", "foo_bar foo_bars xfoo_bar foo-bar", "foo_bar"),
            ("foo_b*", "foo_bars", "foo_b"),
            ("refun*", "Refunds refund unrefund", "Refun|refun"),
            ("foo", r"one\nfoo\\tfoo xnfoo", "foo|foo"),
            ("new", r"C:\new ew", "new"),
            (r"C:\new", r"C:\\new", r"C:\\new"),
            ("カタカナ", "ｶﾀｶﾅ", "ｶﾀｶﾅ"),
            ("手机", "用iPhone手机", "手机"),
            ("iphone", "用iPhone手机", "iPhone"),
            ("ünï", "ÜNÏ ünïs", "ÜNÏ"),
        ] {
            assert_eq!(found(query, text).join("|"), want, "{query} in {text}");
        }
    }

    #[test]
    fn phrases_stand_side_by_side() {
        for (query, text, want) in [
            (
                "\"not found\"",
                r"Not found, not-found not\n\n  found not was found nots found",
                r"Not found|not-found|not\n\n  found",
            ),
            ("\"not fou\"*", "not founded", "not fou"),
            ("\"退款 流程\"", "退款流程 退款，流程", "退款，流程"),
            ("\"foo (bar)\"", "foo: (bar) foo bar", "foo: (bar)"),
            ("\"say \\\"x\\\"\"", r#"say \"x\" say x"#, r#"say \"x\""#),
            ("\"a nb\"", r"a\nb", r"a\nb"),
            ("\"a b\"", r"a\nb", r"a\nb"),
            ("\"a b\"", &format!("a{}b", " ".repeat(MAX_RANGES)), ""),
        ] {
            assert_eq!(found(query, text).join("|"), want, "{query} in {text}");
        }
    }

    #[test]
    fn a_row_answers_with_all_its_texts() {
        let answers = |query: &str, texts: &[&str]| Query::parse(query).unwrap().matcher().matches(texts);
        assert!(answers("a b", &["a", "b"]));
        assert!(!answers("\"a b\"", &["a", "b"]));
        assert!(!answers("a -b", &["a", "b"]));
        assert!(answers("a -b", &["a", "c"]) && answers("-b", &[]) && !answers("b", &[]));
        assert!(answers("(x OR b) a", &["a b"]) && !answers("x OR (a c)", &["a b"]));
    }

    #[test]
    fn the_shape_of_messages_is_not_what_was_said() {
        let said = |content: &str| format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{content}"}}]}}]"#);
        for word in ["role", "user", "parts", "type", "text", "content", "rol*", "user*"] {
            assert_eq!(found(word, &said("hello")), Vec::<String>::new(), "{word}");
            let word_alone = word.trim_end_matches('*');
            assert_eq!(found(word, &said(&format!("the {word_alone}"))), [word_alone], "{word}");
            let quoted = format!(r#"{{\"role\":\"{word_alone}\",\"{word_alone}\":1}}"#);
            assert!(!found(word, &said(&quoted)).is_empty(), "{word}: what was pasted was said");
        }
        assert_eq!(found("\"role\\\":\\\"user\"", &said("x")).len(), 1, "and who asks for the shape finds it");
        assert_eq!(found("city", r#"{"city":"user"}"#), ["city"]);
        assert_eq!(found("user", r#"{"city":"user"}"#), ["user"]);
    }

    #[test]
    fn places_are_marked_once() {
        assert_eq!(found("ab OR \"ab cd\" -ef", "ab cd ef ab"), ["ab cd", "ab"]);
        assert_eq!(found("退款 OR 款流", "退款流"), ["退款流"]);
        let many = "a ".repeat(2 * MAX_RANGES);
        assert_eq!(found("a", &many).len(), MAX_RANGES);
    }
}
