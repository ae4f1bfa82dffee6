//! What stands in a place becomes a fact: the conversions that dialect rows name.

use chrono::DateTime;
use pellucid_model::{RawEvent, Usd, Value};
use serde_json::{Map, Value as Json, json};

use crate::compact::compact;
use crate::field::Fact;
use crate::loose;
use crate::messages::ready::{self, Ready};
use crate::messages::{self, List, Read, Role};

/// More tokens than any context window or bill has ever held: such a number is a fault of the sender.
pub(crate) const MAX_TOKENS: i64 = 1_000_000_000;

/// A duration in seconds. Others write `Duration(1_000_000)` for milliseconds or `Duration(1)` for nanoseconds.
pub(crate) const SECONDS: Shape = Shape::Duration(1_000_000_000);

/// What people and SDKs write where something was taken out.
const MASKS: &[&str] = &["<REDACTED>", "[REDACTED]", "__REDACTED__", "REDACTED", "***", "<elided>"];
const MASK_PREFIX: &str = "[Scrubbed due to";

/// What stands for nothing.
const NOTHING: &[&str] = &["", "N/A", "n/a", "None", "null"];

/// How the value in a place is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A text; other scalars in their text form. Placeholders are absent.
    Text,
    /// What stands before the first slash of a text; nothing if there is none.
    BeforeSlash,
    /// What stands behind the first slash of a text, else all of it.
    AfterSlash,
    /// A whole number.
    Int,
    /// A number of tokens: not negative, not absurd.
    Count,
    /// A finite number.
    Float,
    Bool,
    /// A list of texts: an array, a JSON or Python list, a comma list, or one text.
    Texts,
    /// US dollars, not negative.
    Money,
    /// A duration in a unit of so many nanoseconds. Zero is absent.
    Duration(u32),
    /// A moment: RFC 3339, perhaps in quotes of its own, or seconds, milliseconds, microseconds or nanoseconds since 1970.
    Time,
    /// The host of a URL or address.
    Host,
    /// JSON or Python data as JSON text, anything else as it is.
    Data,
    /// A whole body or map: JSON or Python data opened, anything else a text.
    Body,
    /// Dollars by what they were for: the total, else the sum.
    Costs,
    /// Messages, plain text being of this role.
    Messages(&'static str),
    /// One message of this role that says just this text, whatever it looks like.
    Said(&'static str),
    /// Messages of this role, each a JSON string.
    Quoted(&'static str),
    /// Messages, or one message whose text is the list of them.
    MessagesInText(&'static str),
    /// Messages flattened into attributes.
    IndexedMessages(&'static str),
    /// The tool calls of messages flattened into attributes.
    IndexedToolCalls,
    /// Message parts.
    Parts,
    /// Tool definitions.
    ToolDefinitions,
    /// A list of tool calls: parts of the answer.
    ToolCalls,
    /// Names of called tools in a text, told apart by commas: calls whose arguments are not known.
    ToolNames,
    /// Old OpenLIT's `role: text` lines.
    RoleLines,
    /// Per-message events, answers apart.
    EventInput,
    /// Per-message events: the answers.
    EventOutput,
    /// True for this text; anything else says nothing.
    Is(&'static str),
    /// This truth, whatever is there.
    Means(bool),
    /// How many there are.
    Length,
    /// The chunks of a streamed answer, one an event in this attribute: the tool calls they make.
    ChunkCalls(&'static str),
    /// The same: why the answer ended.
    ChunkEnds(&'static str),
    /// The number of events.
    EventCount,
    /// True if there is such an event; no event says nothing.
    Happened,
}

/// What stood in the place.
pub(crate) enum Found<'a> {
    Value(&'a Value),
    Text(&'a str),
    Events(Vec<&'a RawEvent>),
}

/// A fact and what is to be said about it.
#[derive(Debug, PartialEq)]
pub(crate) struct Converted {
    pub(crate) fact: Option<Fact>,
    pub(crate) cut: bool,
    pub(crate) masked: bool,
    /// A number that cannot be what belongs there.
    pub(crate) impossible: bool,
}

impl Converted {
    fn of(fact: Option<Fact>) -> Self {
        Self { fact, cut: false, masked: false, impossible: false }
    }

    fn list(read: Option<Read>) -> Self {
        let cut = read.as_ref().is_some_and(|read| read.cut);
        Self { cut, ..Self::of(read.map(|read| Fact::List(read.list.into()))) }
    }
}

/// Reads what was found in the shape the row names; a value of another shape is no fact.
pub(crate) fn convert(shape: Shape, found: &Found<'_>) -> Converted {
    match found {
        Found::Value(value) => match value.as_str().filter(|text| is_mask(text)) {
            Some(_) => Converted { masked: true, ..Converted::of(None) },
            None => {
                let read = value_as(shape, value);
                let impossible = read.fact.is_none() && is_impossible(shape, value);
                Converted { impossible, ..read }
            }
        },
        Found::Text(text) => value_as(shape, &Value::Str((*text).to_owned())),
        Found::Events(events) => events_as(shape, events),
    }
}

/// Whether a number stands where only other numbers can: a negative count, an infinite price.
fn is_impossible(shape: Shape, value: &Value) -> bool {
    let is_number = match value {
        Value::Int(_) | Value::Double(_) => true,
        Value::Str(text) => text.trim().parse::<f64>().is_ok(),
        _ => false,
    };
    is_number && matches!(shape, Shape::Count | Shape::Money)
}

/// True for what stands where something was taken out.
pub(crate) fn is_mask(text: &str) -> bool {
    let text = text.trim();
    MASKS.contains(&text) || text.starts_with(MASK_PREFIX)
}

fn value_as(shape: Shape, value: &Value) -> Converted {
    let of = Converted::of;
    match shape {
        Shape::Text => of(text(value).map(Fact::Text)),
        Shape::BeforeSlash => of(text(value).and_then(|text| Some(text.split_once('/')?.0.to_owned())).map(Fact::Text)),
        Shape::AfterSlash => of(text(value)
            .map(|text| text.split_once('/').map_or(text.clone(), |(_, rest)| rest.to_owned()))
            .map(Fact::Text)),
        Shape::Int => of(value.to_i64().map(Fact::Int)),
        Shape::Count => of(value.to_i64().filter(|n| (0..=MAX_TOKENS).contains(n)).map(Fact::Int)),
        Shape::Float => of(value.to_f64().map(Fact::Number)),
        Shape::Bool => of(value.to_bool().map(Fact::Truth)),
        Shape::Texts => of(Some(texts(value)).filter(|texts| !texts.is_empty()).map(Fact::Texts)),
        Shape::Money => of(money(value).map(Fact::Money)),
        Shape::Duration(unit_ns) => of(nanos(value, f64::from(unit_ns))),
        Shape::Time => of(moment(value).map(Fact::Int)),
        Shape::Host => of(text(value).and_then(|text| host(&text)).map(Fact::Text)),
        Shape::Data => data(value),
        Shape::Body => body_of(value),
        Shape::Costs => of(costs(value).map(Fact::Money)),
        Shape::Messages(role) => list(value, ready::messages, || messages::from_value(value, role)),
        Shape::Said(role) => of(said(value, role)),
        Shape::Quoted(role) => of(quoted(value, role)),
        Shape::Means(truth) => of(Some(Fact::Truth(truth))),
        Shape::MessagesInText(role) => {
            let read = messages::from_value(value, role);
            Converted::list(read.map(|read| messages::out_of_text(read, role)))
        }
        Shape::IndexedMessages(role) => Converted::list(messages::from_indexed(value, role)),
        Shape::IndexedToolCalls => Converted::list(messages::indexed_tool_calls(value)),
        Shape::Parts => list(value, ready::parts, || messages::parts_from_value(value)),
        Shape::ToolDefinitions => list(value, ready::tools, || messages::tool_definitions(value)),
        Shape::ToolCalls => Converted::list(tool_calls(value)),
        Shape::ToolNames => {
            let names = texts(value).into_iter().map(|name| messages::tool_call(json!({"name": name})));
            let list: Vec<Json> = names.flatten().collect();
            of((!list.is_empty()).then_some(Fact::List(list.into())))
        }
        Shape::RoleLines => match value {
            Value::Str(text) => {
                let list = messages::from_lines(text);
                of((!list.is_empty()).then_some(Fact::List(list.into())))
            }
            other => Converted::list(messages::from_value(other, "user")),
        },
        Shape::Is(text) => of((value.as_str() == Some(text)).then_some(Fact::Truth(true))),
        Shape::Length => of(length(value).map(Fact::Int)),
        Shape::EventInput | Shape::EventOutput | Shape::EventCount | Shape::Happened => of(None),
        Shape::ChunkCalls(_) | Shape::ChunkEnds(_) => of(None),
    }
}

/// A list that needs no opening, or else one that was opened.
fn list(value: &Value, short: fn(&str) -> Option<Ready>, long: impl FnOnce() -> Option<Read>) -> Converted {
    match value.as_str().and_then(short) {
        Some(ready) => Converted::of(Some(Fact::List(List::Ready(ready)))),
        None => Converted::list(long()),
    }
}

fn events_as(shape: Shape, events: &[&RawEvent]) -> Converted {
    if shape == Shape::EventCount {
        let count = i64::try_from(events.len()).ok().filter(|count| *count > 0);
        return Converted::of(count.map(Fact::Int));
    }
    if shape == Shape::Happened {
        return Converted::of((!events.is_empty()).then_some(Fact::Truth(true)));
    }
    if let Shape::ChunkCalls(key) | Shape::ChunkEnds(key) = shape {
        let chunk = |event: &&RawEvent| loose::parse(event.attributes.get(key)?.as_str()?);
        let chunks: Vec<Json> = events.iter().filter_map(chunk).map(|read| read.value).collect();
        return Converted::of(match shape {
            Shape::ChunkCalls(_) => {
                Some(messages::chunks::calls(&chunks)).filter(|list| !list.is_empty()).map(List::from).map(Fact::List)
            }
            _ => Some(messages::chunks::ends(&chunks)).filter(|list| !list.is_empty()).map(Fact::Texts),
        });
    }
    let bodies = events.iter().filter_map(|event| Some((Role::of(&event.name)?, body(event))));
    Converted::list(messages::from_events(bodies, shape == Shape::EventOutput))
}

fn body(event: &RawEvent) -> Map<String, Json> {
    event.attributes.iter().map(|(key, value)| (key.to_owned(), messages::json_of(value))).collect()
}

/// Text that says something.
fn text(value: &Value) -> Option<String> {
    let text = value.to_text();
    let text = text.trim();
    (!NOTHING.contains(&text)).then(|| text.to_owned())
}

fn texts(value: &Value) -> Vec<String> {
    let items: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().filter_map(text).collect(),
        Value::Str(sent) => match loose::parse(sent).map(|read| read.value) {
            Some(Json::Array(items)) => items.iter().filter_map(plain).collect(),
            Some(Json::String(one)) => vec![one],
            _ => sent.split(',').map(|item| item.trim().to_owned()).collect(),
        },
        other => vec![other.to_text().into_owned()],
    };
    items.into_iter().filter(|item| !NOTHING.contains(&item.as_str())).collect()
}

fn plain(json: &Json) -> Option<String> {
    match json {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Money keeps the decimals that were written; a float means what it shows.
fn money(value: &Value) -> Option<Usd> {
    let amount = match value {
        Value::Int(whole) => whole.to_string().parse().ok(),
        Value::Double(number) => Usd::from_f64(*number),
        Value::Str(text) => text.parse().ok(),
        _ => None,
    };
    amount.filter(|amount| *amount >= Usd::ZERO)
}

/// A duration in nanoseconds; zero and negative durations say nothing.
fn nanos(value: &Value, unit_ns: f64) -> Option<Fact> {
    let nanos = value.to_f64()? * unit_ns;
    (nanos >= 1.0 && nanos < i64::MAX as f64).then_some(Fact::Int(nanos.round() as i64))
}

/// Nanoseconds since 1970. How many digits a number has tells its unit.
fn moment(value: &Value) -> Option<i64> {
    const LATEST_IN_UNIT: i64 = 100_000_000_000;
    const UNITS: [i64; 4] = [1_000_000_000, 1_000_000, 1_000, 1];
    if let Some(text) = value.as_str() {
        let text = text.trim().trim_matches('"');
        return DateTime::parse_from_rfc3339(text).ok()?.timestamp_nanos_opt();
    }
    let whole = value.to_i64().filter(|number| *number > 0)?;
    let digits = LATEST_IN_UNIT.checked_ilog10()?;
    let unit = UNITS.get(usize::try_from(whole.ilog10().saturating_sub(digits - 1).div_ceil(3)).ok()?)?;
    match value {
        Value::Double(seconds) if *unit == UNITS[0] => Some((seconds * *unit as f64).round() as i64),
        _ => whole.checked_mul(*unit),
    }
}

/// `https://api.moonshot.cn:443/v1` → `api.moonshot.cn:443`; a bare host stays.
pub(crate) fn host(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?.trim().to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

fn data(value: &Value) -> Converted {
    let Value::Str(sent) = value else {
        return Converted::of(
            Some(messages::json_of(value)).filter(|json| !json.is_null()).map(|json| Fact::Text(json.to_string())),
        );
    };
    if let Some(text) = compact(sent.trim()) {
        return Converted::of(Some(Fact::Text(text)));
    }
    match loose::parse(sent) {
        Some(read) if read.value.is_array() || read.value.is_object() => {
            Converted { cut: read.cut, ..Converted::of(Some(Fact::Text(read.value.to_string()))) }
        }
        Some(loose::Loose { value: Json::String(inner), .. }) => {
            Converted::of(text(&Value::Str(inner)).map(Fact::Text))
        }
        _ => Converted::of(text(value).map(Fact::Text)),
    }
}

fn body_of(value: &Value) -> Converted {
    let Value::Str(sent) = value else {
        return Converted::of(Some(messages::json_of(value)).filter(|json| !json.is_null()).map(Fact::Body));
    };
    match loose::parse(sent) {
        Some(read) => Converted { cut: read.cut, ..Converted::of(Some(Fact::Body(read.value))) },
        None => Converted::of(text(value).map(|text| Fact::Body(Json::String(text)))),
    }
}

/// The amount of a whole, where its parts are told beside it.
const TOTAL_COST: &[&str] = &["total", "total_cost"];

fn costs(value: &Value) -> Option<Usd> {
    let Fact::Body(Json::Object(parts)) = body_of(value).fact? else { return money(value) };
    let amount = |part: &Json| money(&messages::value_of(part));
    let total = TOTAL_COST.iter().find_map(|key| amount(parts.get(*key)?));
    total.or_else(|| parts.values().map(amount).reduce(|sum, part| Some(sum? + part?)).flatten())
}

/// A text that may look like data, and is what somebody said all the same.
fn said(value: &Value, role: &str) -> Option<Fact> {
    let message = messages::message(Json::String(value.to_text().into_owned()), role)?;
    Some(Fact::List(vec![message].into()))
}

fn quoted(value: &Value, role: &str) -> Option<Fact> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let text = |item: &Value| match item.as_str().map(serde_json::from_str) {
        Some(Ok(Json::String(text))) => text,
        _ => item.to_text().into_owned(),
    };
    let list: Vec<Json> = items.iter().filter_map(|item| messages::message(Json::String(text(item)), role)).collect();
    (!list.is_empty()).then_some(Fact::List(list.into()))
}

fn tool_calls(value: &Value) -> Option<Read> {
    let read = match value {
        Value::Str(text) => loose::parse(text)?,
        other => loose::Loose { value: messages::json_of(other), cut: false },
    };
    let items = match read.value {
        Json::Array(items) => items,
        object @ Json::Object(_) => vec![object],
        _ => return None,
    };
    let list: Vec<Json> = items.into_iter().filter_map(messages::tool_call).collect();
    (!list.is_empty()).then_some(Read { list, cut: read.cut })
}

fn length(value: &Value) -> Option<i64> {
    let count = match value {
        Value::Array(items) => items.len(),
        Value::Str(text) => loose::parse(text)?.value.as_array()?.len(),
        _ => return None,
    };
    i64::try_from(count).ok()
}

#[cfg(test)]
mod tests;
