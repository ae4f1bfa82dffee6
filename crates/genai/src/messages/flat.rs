//! Lists whose leaves are attributes of their own: `llm.input_messages.0.message.role`, `gen_ai.prompt.1.content`.
//!
//! In: the keys below the list's name, with their values. Out: the list as one structured value. SDKs drop attributes
//! beyond their limit, so indexes have gaps: what is left keeps its order. OpenInference repeats in every item what its
//! list holds (`message.`, `tool_call.`); these wrappers are taken off.

use std::collections::BTreeMap;

use pellucid_model::Value;
use serde_json::{Map, Value as Json};

use super::json_of;
use crate::loose;

/// Deeper keys are no messages.
const MAX_DEPTH: usize = 16;

/// Names of items that stand between an index and what the item holds.
const WRAPPERS: &[&str] =
    &["message", "message_content", "tool_call", "tool", "document", "embedding", "prompt", "completion"];

/// A tool's definition as JSON text in a leaf.
const SCHEMA: &str = "json_schema";

#[derive(Default)]
struct Node {
    leaf: Option<Json>,
    below: BTreeMap<String, Node>,
}

/// The list of what stands below a key; nothing if nothing does, or if it is no list.
pub(crate) fn nested(leaves: &[(&str, &Value)]) -> Option<Value> {
    let mut root = Node::default();
    for (path, value) in leaves {
        if path.split('.').count() > MAX_DEPTH || is_vector(value) {
            continue;
        }
        let mut at = &mut root;
        for step in path.split('.') {
            at = at.below.entry(step.to_owned()).or_default();
        }
        at.leaf = Some(json_of(value));
    }
    match root.json() {
        list @ Json::Array(_) => Some(value_of(&list)),
        _ => None,
    }
}

/// Embeddings are long and say nothing to a reader.
fn is_vector(value: &Value) -> bool {
    matches!(value, Value::Array(items) if matches!(items.first(), Some(Value::Double(_) | Value::Int(_))))
}

impl Node {
    fn json(self) -> Json {
        if self.below.is_empty() {
            return self.leaf.unwrap_or_default();
        }
        if !self.below.keys().any(|key| key.parse::<u64>().is_ok()) {
            return Json::Object(self.below.into_iter().map(|(key, node)| (key, node.json())).collect());
        }
        let items = self.below.into_iter().filter_map(|(key, node)| Some((key.parse().ok()?, node)));
        let mut items: Vec<(u64, Self)> = items.collect();
        items.sort_by_key(|(index, _)| *index);
        Json::Array(items.into_iter().map(|(_, node)| unwrapped(node.json())).collect())
    }
}

/// An item without the wrappers around what it holds.
fn unwrapped(item: Json) -> Json {
    let Json::Object(map) = item else { return item };
    let mut plain = Map::new();
    for (key, value) in map {
        match value {
            Json::Object(inner) if WRAPPERS.contains(&key.as_str()) => plain.extend(inner),
            other => plain.extend([(key, other)]),
        }
    }
    plain.iter_mut().for_each(|(key, value)| undouble(key, value));
    if let Some(Json::Object(schema)) = plain.get(SCHEMA).and_then(opened) {
        plain.remove(SCHEMA);
        plain.extend(schema);
    }
    Json::Object(plain)
}

/// `image.image.url` is the picture's address.
fn undouble(key: &str, value: &mut Json) {
    if let Some(inner) = value.as_object_mut().filter(|map| map.len() == 1).and_then(|map| map.remove(key)) {
        *value = inner;
    }
}

fn opened(schema: &Json) -> Option<Json> {
    loose::parse(schema.as_str()?).map(|read| read.value)
}

/// JSON as an attribute value.
pub(crate) fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => Value::Array(items.iter().map(value_of).collect()),
        Json::Object(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), value_of(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(leaves: &[(&str, Json)]) -> Option<Json> {
        let values: Vec<(&str, Value)> = leaves.iter().map(|(key, json)| (*key, value_of(json))).collect();
        let leaves: Vec<(&str, &Value)> = values.iter().map(|(key, value)| (*key, value)).collect();
        nested(&leaves).map(|value| json_of(&value))
    }

    #[test]
    fn indexes_are_numbers_and_gaps_are_closed() {
        let got = list(&[("10.role", json!("b")), ("9.role", json!("a")), ("9.content", json!("x"))]);
        assert_eq!(got, Some(json!([{"content": "x", "role": "a"}, {"role": "b"}])));
    }

    #[test]
    fn wrappers_of_openinference_are_taken_off() {
        let got = list(&[
            ("0.message.role", json!("assistant")),
            ("0.message.contents.0.message_content.type", json!("text")),
            ("0.message.contents.0.message_content.text", json!("Hi")),
            ("0.message.contents.1.message_content.type", json!("tool_use")),
            ("0.message.contents.2.message_content.image.image.url", json!("u")),
            ("0.message.contents.1.tool_call.function.name", json!("f")),
            ("0.message.tool_calls.0.tool_call.id", json!("c")),
        ]);
        let want = json!([{
            "role": "assistant",
            "contents": [{"type": "text", "text": "Hi"}, {"type": "tool_use", "function": {"name": "f"}}, {"image": {"url": "u"}}],
            "tool_calls": [{"id": "c"}]
        }]);
        assert_eq!(got, Some(want));
    }

    #[test]
    fn a_tools_schema_is_opened() {
        let got = list(&[("0.tool.json_schema", json!("{\"name\": \"f\"}")), ("1.tool.name", json!("g"))]);
        assert_eq!(got, Some(json!([{"name": "f"}, {"name": "g"}])));
    }

    #[test]
    fn what_is_no_list_is_nothing() {
        assert_eq!(list(&[]), None);
        assert_eq!(list(&[("audio", json!(1))]), None);
        let deep = vec!["0"; MAX_DEPTH + 1].join(".");
        assert_eq!(list(&[(deep.as_str(), json!(1))]), None);
    }
}
