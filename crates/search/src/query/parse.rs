//! A question's characters to its parts: recursive descent, with the place of what is not understood.

use super::{Node, Pattern};
use crate::fold::fold;

/// A longer question is refused.
pub const MAX_QUERY_BYTES: usize = 2048;
/// Words and phrases of one question: each costs a look at every text.
const MAX_PATTERNS: usize = 64;
/// Parentheses and negations in each other.
const MAX_DEPTH: usize = 16;

/// A question that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {}", .character + 1)]
pub struct QueryError {
    /// Where, in bytes of the question.
    pub position: usize,
    /// Where, in characters.
    pub character: usize,
    /// What is wrong.
    pub message: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// What is wrong and what to do.
type Wrong = (&'static str, &'static str);

const EMPTY: Wrong = ("there is nothing to search for", "write a word, or a \"phrase\"");
const TOO_LONG: Wrong = ("the question is too long", "ask for fewer or shorter words");
const TOO_MANY: Wrong = ("the question has too many words", "ask for at most 64 words and phrases");
const TOO_DEEP: Wrong = ("too many parentheses or minus signs in each other", "use fewer");
const OPEN_QUOTE: Wrong = ("a quote is not closed", "write a second \" at the phrase's end");
const OPEN_PAREN: Wrong = ("a parenthesis is not closed", "write ) at the end of the group, or put the ( in quotes");
const STRAY_PAREN: Wrong = ("a parenthesis closes nothing", "remove it, or put it in quotes");
const NO_OPERAND: Wrong = ("a word is missing", "write a word here, or put OR, AND, NOT in quotes to search for them");
const EMPTY_PHRASE: Wrong = ("a phrase is empty", "write words between the quotes");
const EMPTY_GROUP: Wrong = ("a group is empty", "write words between the parentheses, or put them in quotes");
const LONE_STAR: Wrong =
    ("a * must stand behind the beginning of a word", "write the word's first letters, as in refun*");
const LONE_MINUS: Wrong = ("a minus must stand before a word", "write -word, or put the minus in quotes");

pub(super) fn parse(text: &str) -> Result<Node, QueryError> {
    let chars = text.char_indices().map(|(at, c)| (at, folded(c))).collect();
    let mut parser = Parser { text, chars, at: 0, patterns: 0 };
    if text.len() > MAX_QUERY_BYTES {
        return Err(parser.wrong(0, TOO_LONG));
    }
    parser.skip_spaces();
    if parser.peek().is_none() {
        return Err(parser.wrong(0, EMPTY));
    }
    let node = parser.any(0)?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.wrong(parser.at, STRAY_PAREN)),
    }
}

/// Quotes that an editor or a Chinese keyboard makes are quotes. Case is kept: `OR` is not `or`.
fn folded(c: char) -> char {
    match c {
        '“' | '”' | '„' | '＂' => '"',
        c if c.is_whitespace() => ' ',
        c if c.is_ascii() => c,
        c => Some(fold(c)).filter(char::is_ascii).unwrap_or(c),
    }
}

struct Parser<'a> {
    text: &'a str,
    chars: Vec<(usize, char)>,
    at: usize,
    patterns: usize,
}

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("OR") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.one(depth)?];
        loop {
            self.skip_spaces();
            let and = self.keyword("AND");
            match self.peek() {
                None | Some(')') if !and => break,
                _ if !and && self.is_keyword("OR") => break,
                _ => parts.push(self.one(depth)?),
            }
        }
        Ok(one_or(parts, Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Node, QueryError> {
        self.skip_spaces();
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(self.wrong(start, TOO_DEEP));
        }
        if self.keyword("NOT") {
            return Ok(Node::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.is_keyword("OR") || self.is_keyword("AND") {
            return Err(self.wrong(start, NO_OPERAND));
        }
        match self.peek() {
            None => Err(self.wrong(start, NO_OPERAND)),
            Some('-') => {
                self.at += 1;
                match self.peek() {
                    None | Some(' ' | ')') => Err(self.wrong(start, LONE_MINUS)),
                    Some(_) => Ok(Node::Not(Box::new(self.one(depth + 1)?))),
                }
            }
            Some('(') => self.group(depth),
            Some(')') if depth == 0 => Err(self.wrong(start, STRAY_PAREN)),
            Some(')') => Err(self.wrong(start, NO_OPERAND)),
            Some('"') => self.phrase(),
            Some(_) => self.word(),
        }
    }

    fn group(&mut self, depth: usize) -> Result<Node, QueryError> {
        let start = self.at;
        self.at += 1;
        self.skip_spaces();
        if self.peek() == Some(')') {
            return Err(self.wrong(start, EMPTY_GROUP));
        }
        let node = self.any(depth + 1)?;
        if self.peek() != Some(')') {
            return Err(self.wrong(start, OPEN_PAREN));
        }
        self.at += 1;
        Ok(node)
    }

    fn phrase(&mut self) -> Result<Node, QueryError> {
        let start = self.at;
        let mut words = String::new();
        loop {
            self.at += 1;
            match (self.peek(), self.chars.get(self.at + 1)) {
                (None, _) => return Err(self.wrong(start, OPEN_QUOTE)),
                (Some('"'), _) => break,
                (Some('\\'), Some((_, '"'))) => {
                    self.at += 1;
                    words.push('"');
                }
                (Some(c), _) => words.push(c),
            }
        }
        self.at += 1;
        let open = self.peek() == Some('*');
        self.at += usize::from(open);
        self.pattern(start, &words, open, EMPTY_PHRASE)
    }

    /// Up to a space, or a parenthesis that the word itself did not open.
    fn word(&mut self) -> Result<Node, QueryError> {
        let start = self.at;
        let (mut word, mut opened) = (String::new(), 0_usize);
        while let Some(c) = self.peek() {
            match c {
                ' ' => break,
                ')' if opened == 0 => break,
                '(' => opened += 1,
                ')' => opened -= 1,
                _ => {}
            }
            word.push(c);
            self.at += 1;
        }
        let open = word.ends_with('*');
        if word.starts_with('*') {
            return Err(self.wrong(start, LONE_STAR));
        }
        let word = word.strip_suffix('*').unwrap_or(&word).to_owned();
        self.pattern(start, &word, open, LONE_STAR)
    }

    fn pattern(&mut self, start: usize, words: &str, open: bool, empty: Wrong) -> Result<Node, QueryError> {
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS {
            return Err(self.wrong(start, TOO_MANY));
        }
        let pattern = Pattern::new(words, open).ok_or_else(|| self.wrong(start, empty))?;
        Ok(Node::Is(Box::new(pattern)))
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|(_, c)| *c)
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    /// Whether a keyword stands here, and not a word that begins like it.
    fn is_keyword(&self, keyword: &str) -> bool {
        let here = self.chars.iter().skip(self.at).map(|(_, c)| *c);
        let mut behind = here.clone().skip(keyword.len());
        keyword.chars().eq(here.take(keyword.len())) && matches!(behind.next(), None | Some(' ' | '(' | ')'))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        if found {
            self.at += keyword.len();
            self.skip_spaces();
        }
        found
    }

    fn wrong(&self, character: usize, (message, hint): Wrong) -> QueryError {
        let position = self.chars.get(character).map_or(self.text.len(), |(at, _)| *at);
        QueryError { position, character, message, hint }
    }
}

fn one_or(mut parts: Vec<Node>, many: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            many(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(node: &Node) -> String {
        let list = |parts: &[Node], with: &str| parts.iter().map(shown).collect::<Vec<_>>().join(with);
        match node {
            Node::Is(pattern) => pattern.to_string(),
            Node::Not(part) => format!("-{}", shown(part)),
            Node::All(parts) => format!("({})", list(parts, " ")),
            Node::Any(parts) => format!("({})", list(parts, " | ")),
        }
    }

    #[test]
    fn questions_are_understood() {
        for (text, want) in [
            ("refund", "[refund]"),
            ("退款 流程", "([退款] [流程])"),
            ("a b OR c -d", "(([a] [b]) | ([c] -[d]))"),
            ("a AND (b OR NOT c)", "([a] ([b] | -[c]))"),
            ("“not  found”* or", "([not found*] [or])"),
            (r#""say \"x\"""#, r#"[say "x"]"#),
            ("refun* （a OR b）", "([refun*] ([a] | [b]))"),
            ("main() (print(x) OR f(g(y)))", "([main()] ([print(x)] | [f(g(y))]))"),
            ("C++ /v1/chat - gpt-4o ORder", ""),
            ("C++ /v1/chat gpt-4o ORder -(a b)", "([c++] [/v1/chat] [gpt-4o] [order] -([a] [b]))"),
            ("a　b", "([a] [b])"),
        ] {
            match parse(text) {
                Ok(node) => assert_eq!(shown(&node), want, "{text}"),
                Err(error) => assert_eq!("", want, "{text}: {error}"),
            }
        }
    }

    #[test]
    fn what_is_not_understood_has_a_place() {
        for (text, position, wrong) in [
            ("  ", 0, EMPTY),
            ("退款 \"a", 7, OPEN_QUOTE),
            ("退款 (a OR b", 7, OPEN_PAREN),
            ("a )", 2, STRAY_PAREN),
            ("a OR", 4, NO_OPERAND),
            ("OR a", 0, NO_OPERAND),
            ("a OR OR b", 5, NO_OPERAND),
            ("a AND", 5, NO_OPERAND),
            ("(a OR )", 6, NO_OPERAND),
            ("a \"\"", 2, EMPTY_PHRASE),
            ("a ()", 2, EMPTY_GROUP),
            ("a *", 2, LONE_STAR),
            ("*a", 0, LONE_STAR),
            ("a -", 2, LONE_MINUS),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.position, (error.message, error.hint)), (position, wrong), "{text}");
        }
        assert_eq!(parse("退款 )").unwrap_err().to_string(), "a parenthesis closes nothing at character 4");
        assert_eq!(parse(&"(".repeat(50)).unwrap_err().message, TOO_DEEP.0);
        assert_eq!(parse(&"-".repeat(50)).unwrap_err().message, TOO_DEEP.0);
        assert_eq!(parse(&"a ".repeat(65)).unwrap_err().message, TOO_MANY.0);
        assert_eq!(parse(&"a".repeat(2049)).unwrap_err().message, TOO_LONG.0);
    }

    proptest! {
        #[test]
        fn any_text_is_a_question_or_an_error_in_it(text in r#"([a退 "()*+\\-]|OR|AND|NOT|“|（| ){0,40}|\PC{0,40}"#) {
            if let Err(error) = parse(&text) {
                prop_assert!(text.is_char_boundary(error.position));
            }
        }
    }
}
