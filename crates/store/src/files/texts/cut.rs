//! Cuts a text into pieces that other texts are likely to have too.
//!
//! In: any text. Out: pieces in order; joined they are the text, byte for byte. A JSON list is cut before each of its
//! elements and before its end, so that a conversation sent again with one more message is the old pieces and a new one.
//! A long piece is cut further where its own bytes say so: what stands before a place does not move the cuts behind it.

/// Nothing is cut off that is shorter: a reference costs some bytes too.
const MIN_PIECE_BYTES: usize = 48;
/// Longer pieces are cut by their bytes.
const LONG_PIECE_BYTES: usize = 8 << 10;
/// Shortest and longest piece cut by its bytes: the longest bounds what reading one piece costs.
const MIN_CHUNK_BYTES: usize = 1 << 10;
const MAX_CHUNK_BYTES: usize = 64 << 10;
/// A cut once in so many places that may be one.
const CHUNK_MASK: u64 = (1 << 10) - 1;
/// Text without a space over this length (base64, Chinese) may be cut anywhere; other text only after a space, so that
/// words stay whole.
const WORD_BYTES: usize = 64;
/// Lists in lists that are cut: messages, messages of several prompts.
const MAX_LEVELS: usize = 3;

/// Gives the pieces of `text`; none for an empty text.
pub(super) fn cut<'a>(text: &'a str, mut take: impl FnMut(&'a str)) {
    let mut take_bounded = |piece: &'a str| {
        if piece.len() <= LONG_PIECE_BYTES { take(piece) } else { chunks(piece, &mut take) }
    };
    let mut rest = text;
    let mut done = 0;
    for place in element_starts(text.as_bytes()) {
        // A place stands before an ASCII byte, which is no part of a character.
        if let Some((piece, after)) = rest.split_at_checked(place - done) {
            take_bounded(piece);
            (rest, done) = (after, place);
        }
    }
    if !rest.is_empty() {
        take_bounded(rest);
    }
}

/// Places before elements of lists and before the ends of lists: of the list itself, of lists that are values of one
/// object, and of lists directly in such lists. Text that is no JSON has none or senseless ones, which do no harm.
fn element_starts(text: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(text.len());
    if !matches!(text.get(start), Some(b'[' | b'{')) {
        return places;
    }
    // Containers around the current byte, and how many of the outermost are cut.
    let (mut depth, mut levels, mut in_object) = (0_usize, 0_usize, false);
    let (mut at, mut last_cut, mut last) = (start, 0, b' ');
    while let Some(byte) = text.get(at).copied() {
        let outermost = depth == levels;
        let in_list = outermost && depth > usize::from(in_object);
        let may_cut = in_list && matches!(last, b'}' | b']' | b'"') && at - last_cut >= MIN_PIECE_BYTES;
        if may_cut && matches!(byte, b',' | b']') {
            places.push(at);
            last_cut = at;
        }
        match byte {
            b'"' => at = end_of_string(text, at),
            b'[' => {
                levels += usize::from(outermost && levels < MAX_LEVELS + usize::from(in_object));
                depth += 1;
            }
            b'{' => {
                if depth == 0 {
                    (levels, in_object) = (1, true);
                }
                depth += 1;
            }
            b']' | b'}' => {
                levels -= usize::from(outermost && levels > 0);
                depth = depth.saturating_sub(1);
                in_object &= depth > 0;
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
        at += 1;
    }
    places
}

/// The place of the quote that ends the string begun at `start`; the text's end if none does.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', text.get(at..).unwrap_or_default()) {
        at += found;
        if text[at] == b'"' {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// Cuts by a rolling hash of the last 64 bytes.
fn chunks<'a>(text: &'a str, take: &mut impl FnMut(&'a str)) {
    let mut rest = text;
    while rest.len() > MIN_CHUNK_BYTES {
        let (piece, after) = rest.split_at(chunk_end(rest));
        take(piece);
        rest = after;
    }
    if !rest.is_empty() {
        take(rest);
    }
}

fn chunk_end(text: &str) -> usize {
    let (mut hash, mut last_space) = (0_u64, 0);
    let limit = text.len().min(MAX_CHUNK_BYTES);
    for (at, byte) in text.bytes().enumerate().take(limit).skip(MIN_CHUNK_BYTES - WORD_BYTES) {
        hash = (hash << 1).wrapping_add(GEAR[usize::from(byte)]);
        let space = byte.is_ascii_whitespace();
        if space {
            last_space = at;
        }
        let end = at + 1;
        let word_ends = space || at - last_space >= WORD_BYTES;
        if end >= MIN_CHUNK_BYTES && (hash >> 48) & CHUNK_MASK == 0 && word_ends && text.is_char_boundary(end) {
            return end;
        }
    }
    text.floor_char_boundary(limit)
}

/// A random number for each byte.
const GEAR: [u64; 256] = gear();

const fn gear() -> [u64; 256] {
    let mut table = [0; 256];
    let (mut state, mut at) = (0_u64, 0);
    while at < table.len() {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        table[at] = mixed ^ (mixed >> 31);
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        cut(text, |piece| pieces.push(piece));
        pieces
    }

    fn message(text: &str) -> String {
        format!(r#"{{"role":"user","parts":[{{"type":"text","content":"{text}, [x] \" \\"}}]}}"#)
    }

    #[test]
    fn a_list_that_grew_is_the_old_pieces_and_a_new_one() {
        let (a, b, c) = (message("one"), message("two"), message("three"));
        let short = format!("[{a},{b}]");
        let long = format!("[{a},{b},{c}]");
        assert_eq!(pieces(&short), [format!("[{a}"), format!(",{b}"), "]".to_owned()]);
        assert_eq!(pieces(&long), [format!("[{a}"), format!(",{b}"), format!(",{c}"), "]".to_owned()]);
        for (open, close) in
            [(r#"{"model":"m","messages":["#, r#"],"more":{"x":[1]}}"#), ("[ [", "]]"), (r#"{"k":[["#, "]]}")]
        {
            let text = format!("{open}{a}, {b} ,{c}{close}");
            assert_eq!(pieces(&text).len(), 4, "{text}");
        }
    }

    #[test]
    fn numbers_and_short_elements_are_not_cut() {
        let numbers = format!("[{}]", vec!["0.123456789"; 500].join(","));
        assert_eq!(pieces(&numbers), [numbers.as_str()]);
        assert_eq!(pieces(r#"["a","b",{"c":1}]"#).len(), 1);
        assert_eq!(pieces(""), Vec::<&str>::new());
    }

    #[test]
    fn long_text_is_cut_where_its_bytes_say_so() {
        let mut seed = 1_u64;
        let mut word = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("word{} ", seed >> 44)
        };
        let text: String = (0..10_000).map(|_| word()).collect();
        let moved = format!("something before {text}");
        let (before, after) = (pieces(&text), pieces(&moved));
        assert!(before.len() > 8, "{}", before.len());
        assert!(before.iter().all(|piece| piece.len() <= MAX_CHUNK_BYTES && (piece.ends_with(' '))));
        let shared = before.iter().filter(|piece| after.contains(piece)).count();
        assert!(shared + 2 >= before.len(), "{shared} of {}", before.len());
        let chinese: String = text.bytes().map(|byte| char::from_u32(0x4e00 + u32::from(byte) * 7).unwrap()).collect();
        assert!(pieces(&chinese).len() > 8);
        assert_eq!(pieces(&chinese).concat(), chinese);
    }

    proptest! {
        #[test]
        fn pieces_joined_are_the_text(text in r#"([\[\]{},:"\\ 1ax汉é]{0,12}|"[a-z汉]{40,60}"|[a-z汉 ]{2000,5000}){0,12}"#) {
            let pieces = pieces(&text);
            prop_assert_eq!(pieces.concat(), text.clone());
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= MAX_CHUNK_BYTES));
        }
    }
}
