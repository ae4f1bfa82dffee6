//! Words of the program's own making (dialects, notes) read back from files as `&'static str`.
//!
//! Such words come from constants, so there are few. A word is leaked once; past the limit, which only a foreign file
//! can reach, a word reads as [`UNKNOWN`].

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Far more than the constants there are; bounds what a damaged or foreign file can leak.
const MAX_WORDS: usize = 4096;
/// Longer texts are no words of ours.
const MAX_WORD_BYTES: usize = 128;
/// Stands for a word that cannot be kept.
const UNKNOWN: &str = "unknown";

static WORDS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// The word as a constant.
pub(crate) fn intern(word: &str) -> &'static str {
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = words.get(word) {
        return known;
    }
    if words.len() >= MAX_WORDS || word.len() > MAX_WORD_BYTES {
        return UNKNOWN;
    }
    let kept: &'static str = Box::leak(word.to_owned().into_boxed_str());
    words.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_once_and_a_text_not_at_all() {
        let (first, second) = (intern("openlit"), intern(&String::from("openlit")));
        assert!(std::ptr::eq(first, second));
        assert_eq!(intern(&"x".repeat(MAX_WORD_BYTES + 1)), UNKNOWN);
    }
}
