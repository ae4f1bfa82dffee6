//! Items of OpenAI's Responses API: a list where messages, calls and their results stand side by side.

use serde_json::{Value as Json, json};

use super::{Read, message};
use crate::loose;

/// An item that is no message as a message with this one part; others as they are.
pub(super) fn wrapped(item: Json) -> Json {
    if item["role"].is_string() {
        return item;
    }
    match item["type"].as_str() {
        Some("function_call" | "custom_tool_call" | "reasoning") => json!({"role": "assistant", "parts": [item]}),
        Some("function_call_output" | "custom_tool_call_output") => json!({"role": "tool", "parts": [item]}),
        _ => item,
    }
}

/// The whole list as one message's text, which is how Traceloop's JavaScript writes it.
pub(crate) fn out_of_text(read: Read, role: &str) -> Read {
    match inner(&read.list) {
        Some(items) => {
            let list = items.into_iter().filter_map(|item| message(wrapped(item), role)).collect();
            Read { list, cut: read.cut }
        }
        None => read,
    }
}

/// A user may well send JSON: only a list of nothing but messages and calls is taken for one.
fn inner(list: &[Json]) -> Option<Vec<Json>> {
    let [one] = list else { return None };
    let [part] = one["parts"].as_array()?.as_slice() else { return None };
    let read = loose::parse(part["content"].as_str()?).filter(|read| !read.cut)?;
    let Json::Array(items) = read.value else { return None };
    let is_item = |item: &Json| {
        item["role"].is_string() && item.get("content").is_some()
            || matches!(item["type"].as_str(), Some("function_call" | "function_call_output" | "reasoning"))
    };
    (!items.is_empty() && items.iter().all(is_item)).then_some(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Read {
        Read { list: vec![json!({"role": "user", "parts": [{"type": "text", "content": text}]})], cut: false }
    }

    #[test]
    fn a_list_in_a_text_is_that_list() {
        let sent = r#"[{"role":"user","content":"Weather?"},
            {"type":"function_call","id":"fc","call_id":"c","name":"w","arguments":"{\"city\":\"Paris\"}"},
            {"type":"function_call_output","call_id":"c","output":"18"}]"#;
        let want = [
            json!({"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}),
            json!({"role": "assistant", "parts": [{"type": "tool_call", "id": "c", "name": "w", "arguments": {"city": "Paris"}}]}),
            json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "18"}]}),
        ];
        assert_eq!(out_of_text(said(sent), "user").list, want);
    }

    #[test]
    fn other_json_is_what_was_said() {
        for text in [r#"[{"role":"admin"}]"#, "[]", "[1]", "hello"] {
            assert_eq!(out_of_text(said(text), "user"), said(text), "{text}");
        }
    }
}
