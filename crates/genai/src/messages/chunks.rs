//! The chunks of a streamed answer as OpenAI's API sends them, where an SDK keeps them and forgets what they said.
//!
//! In: the chunks in order. Out: the tool calls that their deltas make together, and why the answer ended.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::tool_call;
use crate::finish;

#[derive(Default)]
struct Call {
    id: Option<String>,
    name: Option<String>,
    arguments: String,
}

/// Tool calls by choice and index. One whose beginning is missing has no name and is no call.
pub(crate) fn calls(chunks: &[Json]) -> Vec<Json> {
    let mut calls: BTreeMap<(u64, u64), Call> = BTreeMap::new();
    for choice in choices(chunks) {
        let place = choice["index"].as_u64().unwrap_or_default();
        for delta in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let call = calls.entry((place, delta["index"].as_u64().unwrap_or_default())).or_default();
            let text = |value: &Json| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            call.id = call.id.take().or_else(|| text(&delta["id"]));
            call.name = call.name.take().or_else(|| text(&delta["function"]["name"]));
            call.arguments.push_str(delta["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
    let whole = calls.into_values().filter(|call| call.name.is_some());
    whole.filter_map(|call| tool_call(json!({"id": call.id, "name": call.name, "arguments": call.arguments}))).collect()
}

/// Why each choice ended.
pub(crate) fn ends(chunks: &[Json]) -> Vec<String> {
    let mut ends: BTreeMap<u64, String> = BTreeMap::new();
    for choice in choices(chunks) {
        if let Some(reason) = choice["finish_reason"].as_str().and_then(finish::canonical) {
            ends.insert(choice["index"].as_u64().unwrap_or_default(), reason);
        }
    }
    ends.into_values().collect()
}

fn choices(chunks: &[Json]) -> impl Iterator<Item = &Json> {
    chunks.iter().filter_map(|chunk| chunk["choices"].as_array()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(delta: Json, finish: Json) -> Json {
        json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    }

    fn part(index: u64, id: Json, name: Json, arguments: &str) -> Json {
        json!({"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]})
    }

    #[test]
    fn deltas_make_calls() {
        let chunks = [
            chunk(json!({"role": "assistant", "tool_calls": null}), Json::Null),
            chunk(part(0, json!("c"), json!("f"), ""), Json::Null),
            chunk(part(0, Json::Null, Json::Null, "{\"a\""), Json::Null),
            chunk(part(1, json!("d"), json!("g"), "{}"), Json::Null),
            chunk(part(0, Json::Null, Json::Null, ": 1}"), Json::Null),
            chunk(json!({}), json!("tool_calls")),
            json!({"choices": [], "usage": {}}),
        ];
        let want = [
            json!({"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}}),
            json!({"type": "tool_call", "id": "d", "name": "g", "arguments": {}}),
        ];
        assert_eq!((calls(&chunks), ends(&chunks)), (want.to_vec(), vec!["tool_call".to_owned()]));
    }

    #[test]
    fn a_call_without_its_beginning_is_none() {
        let chunks = [chunk(part(0, Json::Null, Json::Null, "ris\"}"), json!("stop"))];
        assert_eq!((calls(&chunks), ends(&chunks)), (vec![], vec!["stop".to_owned()]));
    }
}
