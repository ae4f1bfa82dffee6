//! Spans of the captures, and such spans with a fault or two: keys dropped, doubled or from another dialect, numbers as
//! texts, texts cut, masked or encoded once more. Whatever comes of it, both encodings give the same row, a row made anew
//! from what it keeps is the same row, and everything sent is kept.

use std::sync::OnceLock;

use anyhow::{Result, ensure};
use pellucid_genai::{PriceBook, enrich, normalise};
use pellucid_model::{Attributes, PricedSpan, ProjectId, RawSpan, Timestamp, Value};
use pellucid_otlp::{Encoding, Signal, decode};
use proptest::prelude::*;

use super::{captures, decoded, wire};

/// Every span of every capture.
fn sent() -> &'static [RawSpan] {
    static SENT: OnceLock<Vec<RawSpan>> = OnceLock::new();
    SENT.get_or_init(|| {
        let captures = captures().unwrap_or_default();
        let spans = captures.iter().filter_map(|capture| decoded(capture, Signal::Traces).ok());
        spans.flat_map(|request| request.spans).collect()
    })
}

fn row(raw: RawSpan) -> PricedSpan {
    PriceBook::bundled().price(normalise(&ProjectId::default(), Timestamp::ZERO, raw))
}

fn one(encoding: Encoding, body: &[u8]) -> Option<RawSpan> {
    decode(Signal::Traces, encoding, body).ok()?.spans.pop()
}

/// What must hold of every span.
fn check(raw: &RawSpan) -> Result<()> {
    let by_protobuf = one(Encoding::Protobuf, &wire::protobuf(raw));
    let by_json = one(Encoding::Json, &wire::json(raw));
    let (Some(by_protobuf), Some(by_json)) = (by_protobuf, by_json) else { anyhow::bail!("{raw:?} does not decode") };
    // Compared as text: what is no number is equal to nothing.
    let same = |one: &PricedSpan, other: &PricedSpan| format!("{one:?}") == format!("{other:?}");
    let want = row(raw.clone());
    ensure!(same(&row(by_protobuf), &want), "protobuf gives another row: {raw:?}");
    ensure!(same(&row(by_json), &want), "JSON gives another row: {raw:?}");
    let again = enrich(PriceBook::bundled(), &want, &[]);
    ensure!(again.as_ref().is_none_or(|again| same(again, &want)), "made anew it is {again:?}, was {want:?}");
    ensure!(format!("{:?}", want.span.attributes) == format!("{:?}", raw.attributes), "not all is kept: {raw:?}");
    Ok(())
}

/// A number in another clothing, a text with something wrong.
fn spoiled(value: &Value, how: u8) -> Value {
    let text = value.to_text().into_owned();
    match how % 10 {
        0 => Value::Str(text),
        1 => value.to_f64().map_or(Value::Null, Value::Double),
        2 => Value::Str(text.chars().take(text.chars().count() / 2).collect()),
        3 => Value::Str(serde_json::Value::from(text).to_string()),
        4 => Value::Str("<REDACTED>".to_owned()),
        5 => Value::Array(vec![value.clone(), Value::Null]),
        6 => {
            Value::Map([("parts".to_owned(), value.clone()), ("role".to_owned(), Value::Int(7))].into_iter().collect())
        }
        7 => Value::Str(text.replace('"', "'").replace("null", "None").replace("true", "True")),
        8 => Value::Int(i64::MIN),
        _ => Value::Double(f64::NAN),
    }
}

#[derive(Debug, Clone)]
enum Fault {
    Drop(prop::sample::Index),
    Spoil(prop::sample::Index, u8),
    Double(prop::sample::Index, u8),
    Borrow(prop::sample::Index, prop::sample::Index),
    Rename(prop::sample::Index),
}

fn fault() -> impl Strategy<Value = Fault> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Fault::Drop),
        (index(), any::<u8>()).prop_map(|(at, how)| Fault::Spoil(at, how)),
        (index(), any::<u8>()).prop_map(|(at, how)| Fault::Double(at, how)),
        (index(), index()).prop_map(|(span, at)| Fault::Borrow(span, at)),
        index().prop_map(Fault::Rename),
    ]
}

fn faulty(mut span: RawSpan, faults: &[Fault]) -> RawSpan {
    let mut attributes: Vec<(String, Value)> =
        span.attributes.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    for fault in faults {
        match fault {
            Fault::Drop(at) if !attributes.is_empty() => {
                attributes.remove(at.index(attributes.len()));
            }
            Fault::Spoil(at, how) if !attributes.is_empty() => {
                let place = at.index(attributes.len());
                attributes[place].1 = spoiled(&attributes[place].1, *how);
            }
            Fault::Double(at, how) if !attributes.is_empty() => {
                let (key, value) = attributes[at.index(attributes.len())].clone();
                attributes.push((key, spoiled(&value, *how)));
            }
            Fault::Borrow(other, at) => {
                let other: Vec<(&str, &Value)> = sent()[other.index(sent().len())].attributes.iter().collect();
                attributes.extend(
                    other.get(at.index(other.len().max(1))).map(|(key, value)| ((*key).to_owned(), (*value).clone())),
                );
            }
            Fault::Rename(other) => span.scope = std::sync::Arc::clone(&sent()[other.index(sent().len())].scope),
            _ => {}
        }
    }
    span.attributes = attributes.into_iter().collect::<Attributes>();
    span
}

#[test]
fn captures_say_the_same_in_both_encodings() -> Result<()> {
    ensure!(sent().len() > 100, "{} spans", sent().len());
    sent().iter().try_for_each(check)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn faulty_spans_are_rows_all_the_same(
        at in any::<prop::sample::Index>(),
        faults in prop::collection::vec(fault(), 1..5),
    ) {
        let span = faulty(sent()[at.index(sent().len())].clone(), &faults);
        check(&span).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }
}
