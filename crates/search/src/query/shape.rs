//! What of a text is the shape of a conversation and nobody's words.
//!
//! Messages lie as JSON in one canonical shape: `{"role":"user","parts":[{"type":"text","content":"…"}]}`. Its field names and
//! the values of roles and types stand in every row; a question for `user` or `content` means what was said. A name or value
//! within quotes that are themselves escaped was said.

use std::ops::Range;

/// Names of fields of messages and their parts.
const FIELDS: [&str; 7] = ["role", "parts", "type", "content", "arguments", "result", "finish_reason"];
/// Fields whose values are words of the shape.
const NAMED_VALUES: [&str; 3] = ["role", "type", "finish_reason"];
/// A name or value of the shape is no longer.
const MAX_BYTES: usize = 32;

/// Whether a place lies in such a name or value.
pub(super) fn is_shape(text: &str, place: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let word = |byte: &&u8| byte.is_ascii_lowercase() || **byte == b'_';
    let (before, after) = (bytes.get(..place.start).unwrap_or_default(), bytes.get(place.end..).unwrap_or_default());
    let start = place.start - before.iter().rev().take(MAX_BYTES).take_while(word).count();
    let end = place.end + after.iter().take(MAX_BYTES).take_while(word).count();
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    let Some(before) = before.strip_suffix('"').filter(|_| after.starts_with('"')) else { return false };
    if after.starts_with("\":") {
        return !before.ends_with('\\') && text.get(start..end).is_some_and(|name| FIELDS.contains(&name));
    }
    let field = before.strip_suffix("\":").unwrap_or_default();
    NAMED_VALUES
        .iter()
        .any(|name| field.strip_suffix(name).is_some_and(|rest| rest.ends_with('"') && !rest.ends_with("\\\"")))
}
