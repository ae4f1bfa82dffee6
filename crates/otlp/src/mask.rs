//! A request body without secrets: the texts that were masked in what it decodes to, masked in the bytes themselves.
//!
//! In: a body and the secrets found in it. Out: a body of the same meaning but for these texts, or nothing if nothing
//! could be masked. Protobuf keeps every length, so that no other byte changes; in JSON a slash may be escaped.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::Encoding;

/// Shorter texts would be found in the middle of others, and in numbers.
const MIN_BYTES: usize = 8;

/// The body with the secrets masked.
pub fn mask<'a>(encoding: Encoding, body: &[u8], secrets: impl Iterator<Item = &'a String>) -> Option<Vec<u8>> {
    let fit = secrets.filter(|secret| secret.len() >= MIN_BYTES && !secret.bytes().all(|byte| byte.is_ascii_digit()));
    // The text as it stands in the body, and how many stars it becomes.
    let mut patterns: Vec<(String, usize)> = fit.map(|secret| (secret.clone(), secret.len())).collect();
    if encoding == Encoding::Json {
        let escaped = patterns.iter().filter(|(secret, _)| secret.contains('/'));
        let escaped: Vec<_> = escaped.map(|(secret, stars)| (secret.replace('/', "\\/"), *stars)).collect();
        patterns.extend(escaped);
    }
    // The usual case, in which not a byte is looked at.
    if patterns.is_empty() {
        return None;
    }
    let texts = patterns.iter().map(|(text, _)| text);
    let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(texts).ok()?;
    let mut masked = Vec::with_capacity(body.len());
    let mut copied = 0;
    for hit in finder.find_iter(body) {
        let (_, stars) = patterns.get(hit.pattern().as_usize())?;
        masked.extend_from_slice(body.get(copied..hit.start())?);
        masked.resize(masked.len() + stars, b'*');
        copied = hit.end();
    }
    masked.extend_from_slice(body.get(copied..)?);
    (copied > 0).then_some(masked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Signal, decode};

    fn masked(encoding: Encoding, body: &[u8], secrets: &[&str]) -> Option<Vec<u8>> {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        mask(encoding, body, secrets.iter())
    }

    #[test]
    fn every_place_is_masked_and_the_rest_stays() {
        let body = b"\x0a\x0cT0psecret/xy\x12T0psecret\x1aT0psecret/xy";
        let now = masked(Encoding::Protobuf, body, &["T0psecret/xy", "T0psecret"]).expect("it is there");
        assert_eq!(now, b"\x0a\x0c************\x12*********\x1a************");
        assert_eq!(masked(Encoding::Protobuf, body, &["another one"]), None);
        assert_eq!(
            masked(Encoding::Protobuf, b"12345678 short", &["12345678", "short"]),
            None,
            "numbers and words stay"
        );
    }

    #[test]
    fn json_stays_json_and_escaped_slashes_are_found() {
        let span = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#;
        let body =
            format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{span},"name":"a T0psecret\/xy b"}}]}}]}}]}}"#);
        let now = masked(Encoding::Json, body.as_bytes(), &["T0psecret/xy"]).expect("it is there");
        let spans = decode(Signal::Traces, Encoding::Json, &now).expect("still JSON").spans;
        assert_eq!(spans[0].name, "a ************ b");
    }
}
