//! Messages of OpenLLMetry, flattened into attributes: `gen_ai.prompt.0.role`, `gen_ai.prompt.0.tool_calls.1.name`.
//!
//! In: the list that [`super::nested`] makes of the attributes. Out: messages, with parts opened that lie in JSON text.

use pellucid_model::Value;
use serde_json::{Map, Value as Json};

use super::{Read, json_of, message};
use crate::loose;

/// Keys whose JSON text is a list of parts where its items say their type.
const PART_LISTS: &[&str] = &["content", "contents"];

/// Messages of such a list.
pub(crate) fn from_indexed(value: &Value, role: &str) -> Option<Read> {
    let Json::Array(items) = json_of(value) else { return None };
    let mut read = Read::default();
    for item in items {
        let item = match item {
            Json::Object(map) => Json::Object(unfolded(map, &mut read.cut)),
            other => other,
        };
        read.list.extend(message(item, role));
    }
    (!read.list.is_empty()).then_some(read)
}

/// Only the tool calls of such a list.
pub(crate) fn indexed_tool_calls(value: &Value) -> Option<Read> {
    let Read { list, cut } = from_indexed(value, "assistant")?;
    let parts = list.into_iter().filter_map(|mut message| match message["parts"].take() {
        Json::Array(parts) => Some(parts),
        _ => None,
    });
    let calls: Vec<Json> = parts.flatten().filter(|part| part["type"] == "tool_call").collect();
    (!calls.is_empty()).then_some(Read { list: calls, cut })
}

/// Parts in JSON text are opened.
fn unfolded(mut map: Map<String, Json>, cut: &mut bool) -> Map<String, Json> {
    for key in PART_LISTS {
        let opened = map.get(*key).and_then(Json::as_str).and_then(typed_parts);
        if let Some(opened) = opened {
            *cut |= opened.cut;
            map.insert("content".to_owned(), opened.value);
        }
    }
    map
}

/// A user may well send JSON: only a list of objects that all say their type is taken for parts.
fn typed_parts(text: &str) -> Option<loose::Loose> {
    let read = loose::parse(text)?;
    let items = read.value.as_array().filter(|items| !items.is_empty())?;
    items.iter().all(|item| item["type"].is_string()).then_some(read)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Value {
        Value::Str(text.to_owned())
    }

    fn messages(entries: &[(&str, &str)]) -> Option<Vec<Json>> {
        let values: Vec<(&str, Value)> = entries.iter().map(|(key, value)| (*key, text(value))).collect();
        let leaves: Vec<(&str, &Value)> = values.iter().map(|(key, value)| (*key, value)).collect();
        from_indexed(&super::super::nested(&leaves)?, "user").map(|read| read.list)
    }

    #[test]
    fn the_order_is_that_of_numbers_and_gaps_are_no_fault() {
        let got = messages(&[("10.content", "c"), ("2.content", "b"), ("0.content", "a"), ("0.role", "system")]);
        let want = [("system", "a"), ("user", "b"), ("user", "c")]
            .map(|(role, said)| json!({"role": role, "parts": [{"type": "text", "content": said}]}));
        assert_eq!(got, Some(want.to_vec()));
    }

    #[test]
    fn tool_calls_results_and_reasoning() {
        let got = messages(&[
            ("0.role", "assistant"),
            ("0.reasoning", "hm"),
            ("0.finish_reason", "tool_calls"),
            ("0.tool_calls.1.name", "g"),
            ("0.tool_calls.0.id", "c"),
            ("0.tool_calls.0.name", "f"),
            ("0.tool_calls.0.arguments", r#"{"a": 1}"#),
            ("1.role", "tool"),
            ("1.tool_call_id", "c"),
            ("1.content", "[1]"),
        ]);
        let want = vec![
            json!({"role": "assistant", "finish_reason": "tool_call", "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}},
                {"type": "tool_call", "name": "g", "arguments": null},
            ]}),
            json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "[1]"}]}),
        ];
        assert_eq!(got, Some(want));
    }

    #[test]
    fn parts_in_json_text_are_opened_and_other_json_is_what_was_said() {
        let got = messages(&[("0.content", r#"[{"type":"text","text":"hi"}]"#), ("1.content", r#"[{"a":1}]"#)]);
        let want =
            ["hi", r#"[{"a":1}]"#].map(|said| json!({"role": "user", "parts": [{"type": "text", "content": said}]}));
        assert_eq!(got, Some(want.to_vec()));
    }

    #[test]
    fn a_name_is_no_message() {
        assert_eq!(messages(&[("name", "greeting"), ("version", "3")]), None);
    }
}
