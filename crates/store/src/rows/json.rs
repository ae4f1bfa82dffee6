//! Parts of rows that are stored as text: attribute values with their types, events, links, quantiles.
//!
//! A map column holds text only; beside it stands a letter for each entry, so that a value comes back as it was sent.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::{DateTime, SecondsFormat, Utc};
use pellucid_model::{Attributes, RawEvent, RawLink, SpanId, Timestamp, TraceId, Value};
use serde_json::{Map, Value as Json, json};

/// Up to here comparing all keys with all is faster than a set.
const FEW_ENTRIES: usize = 32;

/// Entries without the earlier ones of equal keys, in the order sent: a map column holds a key once.
pub(crate) fn unique(attributes: &Attributes) -> Vec<(&str, &Value)> {
    let entries: Vec<(&str, &Value)> = attributes.iter().collect();
    if entries.len() <= FEW_ENTRIES {
        let last = |at: usize| entries.iter().skip(at + 1).all(|(key, _)| *key != entries[at].0);
        return (0..entries.len()).filter(|at| last(*at)).map(|at| entries[at]).collect();
    }
    let mut seen = HashSet::with_capacity(entries.len());
    let mut kept: Vec<_> = entries.into_iter().rev().filter(|(key, _)| seen.insert(*key)).collect();
    kept.reverse();
    kept
}

/// The letter for a value's type.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Str(_) => "s",
        Value::Int(_) => "i",
        Value::Double(_) => "d",
        Value::Bool(_) => "b",
        Value::Bytes(_) => "y",
        Value::Array(_) => "a",
        Value::Map(_) => "m",
        Value::Null => "n",
    }
}

/// The letters of a map column's entries.
pub(crate) fn types_of(attributes: &Attributes) -> String {
    unique(attributes).into_iter().map(|(_, value)| type_of(value)).collect()
}

/// Texts read from a map column to the values they were.
pub(crate) fn retype(attributes: &mut Attributes, types: &str) {
    let letters = types.split("").filter(|letter| !letter.is_empty()).chain(std::iter::repeat("s"));
    let typed = attributes.iter().zip(letters).map(|((key, value), letter)| {
        let mut value = value.clone();
        retype_value(&mut value, letter);
        (key.to_owned(), value)
    });
    *attributes = typed.collect();
}

/// A text to the value it was. What does not fit its letter stays text.
pub(crate) fn retype_value(value: &mut Value, letter: &str) {
    let Value::Str(text) = value else { return };
    let typed = match letter {
        "i" => text.parse().ok().map(Value::Int),
        "d" => text.trim_matches('"').parse().ok().map(Value::Double),
        "b" => text.parse().ok().map(Value::Bool),
        "y" => unhex(text.trim_matches('"')).map(Value::Bytes),
        "n" => Some(Value::Null),
        "a" | "m" => serde_json::from_str(text).ok().map(from_json),
        _ => None,
    };
    if let Some(typed) = typed {
        *value = typed;
    }
}

/// JSON as an attribute value.
fn from_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Int)
            .or_else(|| number.as_f64().map(Value::Double))
            .unwrap_or_else(|| Value::Str(number.to_string())),
        Json::String(text) => Value::Str(text),
        Json::Array(items) => Value::Array(items.into_iter().map(from_json).collect()),
        Json::Object(map) => Value::Map(attributes_from_json(map)),
    }
}

fn attributes_from_json(map: Map<String, Json>) -> Attributes {
    map.into_iter().map(|(key, value)| (key, from_json(value))).collect()
}

fn attributes_to_json(attributes: &Attributes) -> Json {
    Json::Object(unique(attributes).into_iter().map(|(key, value)| (key.to_owned(), value.to_json())).collect())
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.len().is_multiple_of(2).then(|| digits.chunks_exact(2).map(pair).collect())?
}

/// `[{"time","name","attributes"}]`.
pub(crate) fn events_to_text(events: &[RawEvent]) -> String {
    let event = |event: &RawEvent| {
        json!({
            "time": DateTime::<Utc>::from_timestamp_nanos(event.time.as_nanos()).to_rfc3339_opts(SecondsFormat::Nanos, true),
            "name": event.name,
            "attributes": attributes_to_json(&event.attributes),
        })
    };
    Json::Array(events.iter().map(event).collect()).to_string()
}

/// The way back; what is no event is left out.
pub(crate) fn events_from_text(text: &str) -> Vec<RawEvent> {
    let event = |mut event: Map<String, Json>| {
        let time = DateTime::parse_from_rfc3339(event.get("time")?.as_str()?).ok()?.timestamp_nanos_opt()?;
        Some(RawEvent {
            time: Timestamp::from_nanos(time),
            name: event.get("name")?.as_str()?.to_owned(),
            attributes: taken(&mut event),
        })
    };
    objects(text).into_iter().filter_map(event).collect()
}

/// `[{"trace_id","span_id","attributes"}]`.
pub(crate) fn links_to_text(links: &[RawLink]) -> String {
    let link = |link: &RawLink| {
        json!({
            "trace_id": link.trace_id.to_string(),
            "span_id": link.span_id.to_string(),
            "attributes": attributes_to_json(&link.attributes),
        })
    };
    Json::Array(links.iter().map(link).collect()).to_string()
}

/// The way back; what is no link is left out.
pub(crate) fn links_from_text(text: &str) -> Vec<RawLink> {
    let link = |mut link: Map<String, Json>| {
        Some(RawLink {
            trace_id: TraceId::from_hex(link.get("trace_id")?.as_str()?).ok()?,
            span_id: SpanId::from_hex(link.get("span_id")?.as_str()?).ok()?,
            attributes: taken(&mut link),
        })
    };
    objects(text).into_iter().filter_map(link).collect()
}

fn objects(text: &str) -> Vec<Map<String, Json>> {
    serde_json::from_str(text).unwrap_or_default()
}

fn taken(object: &mut Map<String, Json>) -> Attributes {
    match object.remove("attributes") {
        Some(Json::Object(map)) => attributes_from_json(map),
        _ => Attributes::default(),
    }
}

/// `[[quantile, value]]`; a number JSON cannot say becomes its name.
pub(crate) fn pairs_to_text(pairs: &[(f64, f64)]) -> String {
    let number = |number: f64| Value::Double(number).to_json();
    Json::Array(pairs.iter().map(|(left, right)| json!([number(*left), number(*right)])).collect()).to_string()
}

/// The way back.
pub(crate) fn pairs_from_text(text: &str) -> Vec<(f64, f64)> {
    let number = |json: &Json| json.as_f64().or_else(|| json.as_str()?.parse().ok());
    let pairs: Vec<(Json, Json)> = serde_json::from_str(text).unwrap_or_default();
    pairs.iter().filter_map(|(left, right)| Some((number(left)?, number(right)?))).collect()
}

/// The text of a value in a map column.
pub(crate) fn text(value: &Value) -> Cow<'_, str> {
    value.to_text()
}
