//! One character as it is compared: lower case, in its usual width, and what part it plays in a text.
//!
//! One character becomes one character, so that places in a text stay what they are. What Unicode lower-cases to several
//! (`İ`) or to another letter's code (the kelvin and ångström signs) stays as it is. Accents are kept: `é` is not `e`.

use std::ops::RangeInclusive;

/// What a folded character is to the words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Part of a word that begins and ends at other characters: letters and digits.
    Letter,
    /// Of a script that is written without spaces: every character may begin a word.
    Script,
    /// Between words: spaces, signs.
    Gap,
}

/// Full-width forms of ASCII, and how far they lie from it.
const WIDE: RangeInclusive<char> = '\u{ff01}'..='\u{ff5e}';
const WIDE_OFFSET: u32 = 0xfee0;
/// Half-width katakana from U+FF66 on, in their usual width.
const NARROW_START: u32 = 0xff66;
const NARROW: [char; 56] = [
    'ヲ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ャ', 'ュ', 'ョ', 'ッ', 'ー', 'ア', 'イ', 'ウ', 'エ', 'オ', 'カ', 'キ', 'ク',
    'ケ', 'コ', 'サ', 'シ', 'ス', 'セ', 'ソ', 'タ', 'チ', 'ツ', 'テ', 'ト', 'ナ', 'ニ', 'ヌ', 'ネ', 'ノ', 'ハ', 'ヒ',
    'フ', 'ヘ', 'ホ', 'マ', 'ミ', 'ム', 'メ', 'モ', 'ヤ', 'ユ', 'ヨ', 'ラ', 'リ', 'ル', 'レ', 'ロ', 'ワ', 'ン',
];

/// Scripts without spaces, and Hangul, whose words carry endings that nobody types.
const SCRIPTS: [RangeInclusive<char>; 20] = [
    '\u{0e01}'..='\u{0e4e}',   // Thai
    '\u{0e81}'..='\u{0ecf}',   // Lao
    '\u{1000}'..='\u{103f}',   // Burmese
    '\u{1100}'..='\u{11ff}',   // Hangul, parts
    '\u{1780}'..='\u{17d3}',   // Khmer
    '\u{2e80}'..='\u{2fdf}',   // radicals
    '\u{3005}'..='\u{3007}',   // 々〆〇
    '\u{3021}'..='\u{3029}',   // numerals
    '\u{3041}'..='\u{309f}',   // hiragana
    '\u{30a1}'..='\u{30fa}',   // katakana
    '\u{30fc}'..='\u{30ff}',   // ー and the like
    '\u{3105}'..='\u{318f}',   // bopomofo, Hangul, parts
    '\u{31a0}'..='\u{31bf}',   // bopomofo
    '\u{31f0}'..='\u{31ff}',   // katakana
    '\u{3400}'..='\u{4dbf}',   // Han
    '\u{4e00}'..='\u{a4cf}',   // Han, Yi
    '\u{a960}'..='\u{a97f}',   // Hangul, parts
    '\u{ac00}'..='\u{d7ff}',   // Hangul
    '\u{f900}'..='\u{faff}',   // Han
    '\u{20000}'..='\u{3ffff}', // Han
];

/// The character as it is compared.
pub(crate) fn fold(character: char) -> char {
    match character {
        '\0'..='\x7f' => character.to_ascii_lowercase(),
        '\u{3000}' => ' ',
        '\u{212a}' | '\u{212b}' => character,
        c if WIDE.contains(&c) => fold(char::from_u32(u32::from(c) - WIDE_OFFSET).unwrap_or(c)),
        c if u32::from(c) >= NARROW_START => narrow(c),
        '\u{2e80}'..='\u{a63f}' | '\u{ac00}'..='\u{d7ff}' => character,
        c => {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        }
    }
}

fn narrow(character: char) -> char {
    let usual = NARROW.get((u32::from(character) - NARROW_START) as usize).copied();
    usual.unwrap_or_else(|| {
        let mut lower = character.to_lowercase();
        lower.next().filter(|_| lower.next().is_none()).unwrap_or(character)
    })
}

/// What a folded character is.
pub(crate) fn class(folded: char) -> Class {
    if folded.is_ascii() {
        return if folded.is_ascii_alphanumeric() { Class::Letter } else { Class::Gap };
    }
    let place = SCRIPTS.partition_point(|range| *range.end() < folded);
    if SCRIPTS.get(place).is_some_and(|range| range.contains(&folded)) {
        Class::Script
    } else if folded.is_alphanumeric() {
        Class::Letter
    } else {
        Class::Gap
    }
}

/// Whether a folded letter behind a backslash may stand for a control character, as in JSON: the word then begins behind
/// it. It may as well be the word's own first letter, as in `C:\new`; a text alone does not tell, so both are taken.
pub(crate) fn is_escape(folded: char) -> bool {
    matches!(folded, 'n' | 'r' | 't' | 'b' | 'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_case_make_no_difference() {
        let folded = |text: &str| text.chars().map(fold).collect::<String>();
        assert_eq!(folded("ＧＰＴ－４ｏ　Ünïcode ΣΑΣ"), "gpt-4o ünïcode σασ");
        assert_eq!(folded("ｶﾀｶﾅ ﾜﾝ ｦ"), "カタカナ ワン ヲ");
        assert_eq!(folded("退款İ\u{212a}"), "退款İ\u{212a}");
        assert_eq!(folded("𐐀"), "𐐨", "Deseret, beyond the half-width forms");
    }

    #[test]
    fn classes_are_those_of_the_tables() {
        for (class_of, text) in
            [(Class::Letter, "az09éжع"), (Class::Script, "退々ひカー한กຂ𠀀"), (Class::Gap, " _-+/\\,。！、“”\u{301}")]
        {
            for c in text.chars() {
                assert_eq!(class(fold(c)), class_of, "{c:?}");
            }
        }
        assert!(SCRIPTS.windows(2).all(|pair| pair[0].end() < pair[1].start()));
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert_eq!(fold(fold(c)), fold(c), "{c:?}");
        }
    }
}
