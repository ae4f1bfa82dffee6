//! Messages of every shape to OpenTelemetry's form: `[{"role","parts":[…],"finish_reason"?}]`.
//!
//! In: an attribute value, event attributes or a log body. Out: a list of messages with real characters, and whether the
//! end is missing. One bad part never costs the list: what is not understood stays as text.

pub(crate) mod chunks;
mod event;
mod exchange;
mod flat;
mod indexed;
mod langchain;
mod lines;
mod list;
mod part;
pub(crate) mod ready;
mod responses;
mod tools;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pellucid_model::{Document, Value};
use serde_json::{Map, Value as Json, json};

use crate::loose::{self, Loose};

pub(crate) use event::{Role, from_events, is_masked};
pub(crate) use exchange::{Exchange, answer, request};
pub(crate) use flat::{nested, value_of};
pub(crate) use indexed::{from_indexed, indexed_tool_calls};
pub(crate) use lines::from_lines;
pub(crate) use list::List;
pub(crate) use part::{parts, tool_call};
pub(crate) use responses::out_of_text;
use tools::tool_list;

/// Messages or parts, and whether some of them were cut off.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Read {
    pub(crate) list: Vec<Json>,
    pub(crate) cut: bool,
}

/// Messages from a value: JSON text, structured value, or plain text of one message by `role`.
pub(crate) fn from_value(value: &Value, role: &str) -> Option<Read> {
    let Loose { value, cut } = data(value)?;
    let list = match value {
        Json::Array(items) => from_items(items, role),
        Json::Object(mut map) => match map.remove("messages") {
            Some(Json::Array(items)) => from_items(items, role),
            _ => message(Json::Object(map), role).into_iter().collect(),
        },
        other => message(other, role).into_iter().collect(),
    };
    (!list.is_empty()).then_some(Read { list, cut })
}

/// A list of parts from a value: semconv's `gen_ai.system_instructions`.
pub(crate) fn parts_from_value(value: &Value) -> Option<Read> {
    let Loose { value, cut } = data(value)?;
    let list = match value {
        // Some write whole messages where parts belong.
        Json::Object(mut map) if map.contains_key("parts") => parts(map.remove("parts")?),
        Json::Array(items) => items.into_iter().flat_map(unpacked).collect(),
        other => parts(other),
    };
    (!list.is_empty()).then_some(Read { list, cut })
}

fn unpacked(item: Json) -> Vec<Json> {
    match item {
        Json::Object(mut map) if map.contains_key("parts") => map.remove("parts").map(parts).unwrap_or_default(),
        other => parts(other),
    }
}

/// Tool definitions: a list of objects, flattened from OpenAI's `{"type","function":{…}}`; a missing type is a function.
pub(crate) fn tool_definitions(value: &Value) -> Option<Read> {
    let Loose { value, cut } = data(value)?;
    let list = tool_list(value);
    (!list.is_empty()).then_some(Read { list, cut })
}

/// The value as JSON, opened if it is JSON text; plain text stays a string. Nothing for nothing.
fn data(value: &Value) -> Option<Loose> {
    match value {
        Value::Null => None,
        Value::Str(text) if text.trim().is_empty() => None,
        Value::Str(text) => {
            Some(loose::parse(text).unwrap_or_else(|| Loose { value: Json::from(text.as_str()), cut: false }))
        }
        other => Some(Loose { value: json_of(other), cut: false }),
    }
}

/// Structured values as JSON; bytes as base64, which is how the semantic conventions write blobs.
pub(crate) fn json_of(value: &Value) -> Json {
    match value {
        Value::Bytes(bytes) => Json::from(STANDARD.encode(bytes)),
        Value::Array(items) => Json::Array(items.iter().map(json_of).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(key, value)| (key.to_owned(), json_of(value))).collect()),
        other => other.to_json(),
    }
}

/// A list may hold messages, or the parts of one message.
fn from_items(items: Vec<Json>, role: &str) -> Vec<Json> {
    let parts_only = items.iter().all(|item| {
        let map = item.as_object();
        map.is_some_and(|map| map.contains_key("type") && !map.contains_key("role") && !langchain::is_one(map))
    });
    if parts_only && !items.is_empty() {
        return message(json!({"role": role, "parts": items}), role).into_iter().collect();
    }
    items.into_iter().filter_map(|item| message(responses::wrapped(item), role)).collect()
}

/// One message in the canonical form; nothing if it says nothing.
pub(crate) fn message(item: Json, role: &str) -> Option<Json> {
    let mut map = match item {
        Json::Object(map) => bare(langchain::unwrapped(map)),
        Json::Null => return None,
        other => Map::from_iter([("content".to_owned(), other)]),
    };
    let role = role_of(&map, role).to_owned();
    let finish = exchange::ended(&map);
    let found = said_in(&mut map, &role);
    if found.is_empty() && finish.is_none() {
        return None;
    }
    let mut message = Map::new();
    message.insert("role".to_owned(), Json::from(role));
    message.insert("parts".to_owned(), Json::Array(found));
    if let Some(finish) = finish {
        message.insert("finish_reason".to_owned(), Json::from(finish));
    }
    if let Some(name @ Json::String(_)) = map.remove("name") {
        message.insert("name".to_owned(), name);
    }
    Some(Json::Object(message))
}

/// Haystack up to 2.9 writes the fields of its class: `_role`, `_content`, `_meta`.
fn bare(map: Map<String, Json>) -> Map<String, Json> {
    if !map.contains_key("_role") {
        return map;
    }
    map.into_iter().map(|(key, value)| (key.trim_start_matches('_').to_owned(), value)).collect()
}

/// As told, else as the keys that only one role has tell, else `role`.
fn role_of<'a>(map: &'a Map<String, Json>, role: &'a str) -> &'a str {
    let told = map.get("role").and_then(Json::as_str).or_else(|| langchain::role_of(map));
    match canonical_role(told.filter(|told| !told.is_empty()).unwrap_or(role)) {
        // Anthropic's users bring the results of tools.
        "user" if map.contains_key("tool_call_id") => "tool",
        // The role itself may have been dropped.
        "user" if map.get("tool_calls").and_then(Json::as_array).is_some_and(|calls| !calls.is_empty()) => "assistant",
        role => role,
    }
}

/// The parts of a message: what was thought, said, and called.
fn said_in(map: &mut Map<String, Json>, role: &str) -> Vec<Json> {
    let mut found = part::thoughts(map);
    let thoughts = found.len();
    found.extend(map.remove("parts").map(parts).unwrap_or_default());
    let (content, more) = contents(map);
    let call_id = map.remove("tool_call_id").or_else(|| map.remove("id").filter(|_| role == "tool"));
    match call_id {
        Some(id) if role == "tool" && found.len() == thoughts => found.push(part::tool_result(id, content)),
        _ => found.extend(parts(content)),
    }
    found.extend(parts(more));
    if let Some(Json::String(refusal)) = map.remove("refusal") {
        found.push(json!({"type": "text", "content": refusal}));
    }
    if let Some(Json::Array(calls)) = map.remove("tool_calls").or_else(|| map.remove("toolCalls")) {
        // Anthropic's blocks and OpenAI's list may both tell of one call.
        let told = found.len();
        for call in calls.into_iter().filter_map(tool_call) {
            if !found[..told].contains(&call) {
                found.push(call);
            }
        }
    }
    if let Some(call @ Json::Object(_)) = map.remove("function_call").or_else(|| old_call(map)) {
        found.extend(tool_call(call));
    }
    found
}

/// What a message holds: `content`, OpenInference's `contents` beside or instead of it, or only a `text`.
fn contents(map: &mut Map<String, Json>) -> (Json, Json) {
    match (map.remove("content").unwrap_or_default(), map.remove("contents").unwrap_or_default()) {
        (Json::Null, Json::Null) => (map.remove("text").unwrap_or_default(), Json::Null),
        (Json::Null, more) => (more, Json::Null),
        both => both,
    }
}

/// OpenInference's words for OpenAI's old function calls.
fn old_call(map: &mut Map<String, Json>) -> Option<Json> {
    let name = map.remove("function_call_name")?;
    Some(json!({"name": name, "arguments": map.remove("function_call_arguments_json")}))
}

/// Folds the spellings of roles; unknown roles stay.
pub(crate) fn canonical_role(role: &str) -> &str {
    match role.trim() {
        // smolagents sends its calls and observations as texts of assistant and user.
        "model" | "ai" | "assistant" | "AI" | "tool-call" => "assistant",
        "human" | "user" | "tool-response" => "user",
        "developer" | "system" => "system",
        "function" | "ipython" | "tool" => "tool",
        other => other,
    }
}

/// Takes system messages from the head of `input` and adds what they say to `system`, nothing twice.
pub(crate) fn lift_system(system: &mut List, input: &mut List) {
    let head = input.take_system();
    if head.is_empty() {
        return;
    }
    system.change(|system| {
        for mut message in head {
            let Json::Array(parts) = message["parts"].take() else { continue };
            for part in parts {
                let known = system.iter().any(|known| known == &part || same_text(known, &part));
                if !known {
                    system.push(part);
                }
            }
        }
    });
}

fn same_text(one: &Json, other: &Json) -> bool {
    match (one["content"].as_str(), other["content"].as_str()) {
        (Some(one), Some(other)) => one.split_whitespace().eq(other.split_whitespace()),
        _ => false,
    }
}

/// The text parts of messages, in order.
pub(crate) fn texts(messages: &[Json]) -> impl Iterator<Item = &str> {
    let parts = messages.iter().filter_map(|message| message["parts"].as_array()).flatten();
    parts.filter(|part| part["type"] == "text").filter_map(|part| part["content"].as_str())
}

/// What the first part of a type holds under a key, as text.
pub(crate) fn part_text(messages: &Option<Document>, (kind, key): (&str, &str)) -> Option<String> {
    let messages = messages.as_ref()?.open();
    let mut parts = messages.as_array()?.iter().filter_map(|message| message["parts"].as_array()).flatten();
    match parts.find(|part| part["type"] == kind)?.get(key)? {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// True if somebody answered: with text, a tool call or anything else.
fn say_something(messages: &[Json]) -> bool {
    let mut parts = messages.iter().filter_map(|message| message["parts"].as_array()).flatten();
    parts.any(|part| part["content"].as_str().is_none_or(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests;
