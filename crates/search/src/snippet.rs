//! A short piece of a text around the first place that is asked for.

use std::ops::Range;

/// Characters before the first place.
const BEFORE: usize = 5;

/// A piece of a text to show in one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The piece, on one line. Escapes of JSON are undone.
    pub text: String,
    /// Places to mark in it, in bytes.
    pub ranges: Vec<Range<usize>>,
    /// Whether the text goes on before it.
    pub cut_before: bool,
    /// Whether the text goes on behind it.
    pub cut_after: bool,
}

/// At most `max_chars` characters of a text, from a few before the first of `ranges` on. These are places of the text in
/// order, as [`Matcher::ranges`](crate::Matcher::ranges) gives them; without any the snippet is the text's beginning.
pub fn snippet(text: &str, ranges: &[Range<usize>], max_chars: usize) -> Snippet {
    let first = ranges.first().map_or(0, |range| text.floor_char_boundary(range.start));
    let before = text.get(..first).unwrap_or_default();
    let start = before.char_indices().rev().take(BEFORE.min(max_chars / 2)).last().map_or(first, |(at, _)| at);
    let mut snippet = Snippet { cut_before: start > 0, ..Snippet::default() };
    // For each place where it begins and ends in the snippet; nothing as long as it was not reached.
    let mut marks: Vec<(Option<usize>, Option<usize>)> = vec![(None, None); ranges.len()];
    let mut rest = text.get(start..).unwrap_or_default().char_indices().peekable();
    let mut count = 0;
    while let Some((at, c)) = rest.next() {
        if count == max_chars {
            snippet.cut_after = true;
            break;
        }
        let at = start + at;
        for (range, mark) in ranges.iter().zip(&mut marks) {
            if mark.0.is_none() && range.contains(&at) {
                mark.0 = Some(snippet.text.len());
            }
            if mark.0.is_some() && mark.1.is_none() && at >= range.end {
                mark.1 = Some(snippet.text.len());
            }
        }
        let inside = |at: usize| ranges.iter().any(|range| range.contains(&at));
        let next = rest.peek().map(|(_, next)| *next);
        let shown = match (c, next) {
            // The letter of an escape that is itself asked for is no escape.
            ('\\', Some('n' | 'r' | 't')) if inside(at) || !inside(at + 1) => {
                rest.next();
                ' '
            }
            ('\\', Some(escaped @ ('"' | '\\' | '/'))) if inside(at) || !inside(at + 1) => {
                rest.next();
                escaped
            }
            (c, _) if c.is_control() || c.is_whitespace() => ' ',
            (c, _) => c,
        };
        if shown == ' ' && snippet.text.ends_with(' ') {
            continue;
        }
        snippet.text.push(shown);
        count += 1;
    }
    let end = snippet.text.len();
    let placed = marks.into_iter().filter_map(|(start, stop)| Some(start?..stop.unwrap_or(end)));
    snippet.ranges = placed.filter(|range| !range.is_empty()).collect();
    snippet
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::Query;

    fn of(query: &str, text: &str, max: usize) -> (Snippet, String) {
        let found = snippet(text, &Query::parse(query).unwrap().matcher().ranges(text), max);
        let mut marked = found.text.clone();
        for range in found.ranges.iter().rev() {
            marked.insert(range.end, '>');
            marked.insert(range.start, '<');
        }
        (found, marked)
    }

    #[test]
    fn a_snippet_begins_shortly_before_the_first_place() {
        let text = r#"[{"content":"您好，请问\n\n我的订单怎么 \"退款\" ？ 退款多久"}]"#;
        let (found, marked) = of("退款", text, 14);
        assert_eq!(marked, "怎么 \"<退款>\" ？ <退款>多久");
        assert!(found.cut_before && found.cut_after);
        assert_eq!(of("请问", text, 100).1.split_once('<').unwrap().0, ":\"您好，");
        assert_eq!(of("new", r"C:\new", 100).1, r"C:\<new>");
        assert_eq!(
            of("absent", "a  b\n c", 4).0,
            Snippet { text: "a b ".into(), cut_after: true, ..Snippet::default() }
        );
    }

    proptest! {
        #[test]
        fn places_are_in_the_snippet(text in r#"([ab退 \\"n]){0,60}"#, max in 1_usize..40) {
            let (found, _) = of("a OR 退", &text, max);
            prop_assert!(found.text.chars().count() <= max);
            for range in &found.ranges {
                prop_assert!(found.text.get(range.clone()).is_some_and(|text| !text.is_empty()));
            }
        }
    }
}
