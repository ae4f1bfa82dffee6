//! Where a text was cut in two: terms that neither piece has whole.
//!
//! What is stored once is a piece of a text, and long texts without spaces are cut anywhere. Whoever indexes pieces adds
//! for each two that follow each other the end of one and the beginning of the other, joined.

use crate::fold::{Class, class, fold};

/// Bytes on either side of a cut: more than a term has.
const SIDE_BYTES: usize = 64;

/// The end of a piece, if a term may go on behind it.
pub fn open_end(piece: &str) -> Option<&str> {
    let last = fold(piece.chars().next_back()?);
    // What a word and its sign (`c+|+`), or an escape, may end with.
    let open = class(last) != Class::Gap || matches!(last, '\\' | '+');
    piece.get(piece.ceil_char_boundary(piece.len().saturating_sub(SIDE_BYTES))..).filter(|_| open)
}

/// The beginning of a piece, if it may be the end of a term.
pub fn open_start(piece: &str) -> Option<&str> {
    let first = fold(piece.chars().next()?);
    let open = class(first) != Class::Gap || matches!(first, '+' | '#');
    piece.get(..piece.floor_char_boundary(SIDE_BYTES)).filter(|_| open)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::terms::terms;

    fn of(texts: &[&str]) -> BTreeSet<Vec<u8>> {
        let mut found = BTreeSet::new();
        for text in texts {
            terms(text, |term| {
                found.insert(term.to_vec());
            });
        }
        found
    }

    proptest! {
        #[test]
        fn no_term_is_lost_by_a_cut(text in r#"([a-z退款Ａ\\n+# "]|c\+\+|[a-f0-9]{30,50}){0,12}"#, at in any::<prop::sample::Index>()) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (before, after) = text.split_at(places[at.index(places.len())]);
            let seam = match (open_end(before), open_start(after)) {
                (Some(end), Some(start)) => format!("{end}{start}"),
                _ => String::new(),
            };
            let pieces = of(&[before, after, &seam]);
            for term in of(&[&text]) {
                prop_assert!(pieces.contains(&term), "{:?} of {before:?} and {after:?}", String::from_utf8(term));
            }
        }
    }
}
