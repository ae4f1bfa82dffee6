//! Parts of messages: OpenTelemetry's own, and the blocks of OpenAI, Anthropic, Gemini and Bedrock.

use serde_json::{Map, Value as Json, json};

use crate::loose;

/// Parts from a message's content: a text, a list of parts, or one part.
pub(crate) fn parts(content: Json) -> Vec<Json> {
    match content {
        Json::Null => Vec::new(),
        Json::Array(items) => items.into_iter().filter_map(part).collect(),
        one => part(one).into_iter().collect(),
    }
}

/// One part; nothing if it is empty.
fn part(item: Json) -> Option<Json> {
    match item {
        Json::Null => None,
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(text_part(text)),
        Json::Object(map) => object(map),
        other => Some(text_part(other.to_string())),
    }
}

fn text_part(text: String) -> Json {
    json!({"type": "text", "content": text})
}

fn object(mut map: Map<String, Json>) -> Option<Json> {
    let kind = map.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "text" | "input_text" | "output_text" => said("text", &mut map, &["content", "text"]),
        "reasoning" | "thinking" | "summary_text" => {
            said("reasoning", &mut map, &["content", "thinking", "text", "reasoning"]).or_else(|| summary(&map))
        }
        "tool_call" | "tool_use" | "function" | "function_call" | "tool-call" => tool_call(Json::Object(map)),
        "tool_call_response" | "tool_result" | "function_call_output" | "tool-result" => response(map),
        "" => untyped(map),
        _ => Some(Json::Object(map)),
    }
}

/// The first of `keys` that is a text, as a part of this kind; a part without text stays as it came.
fn said(kind: &str, map: &mut Map<String, Json>, keys: &[&str]) -> Option<Json> {
    match keys.iter().find_map(|key| map.remove(*key).filter(|value| !value.is_null())) {
        Some(Json::String(text)) if text.is_empty() => None,
        Some(Json::String(text)) => Some(json!({"type": kind, "content": text})),
        Some(other) => Some(json!({"type": kind, "content": other.to_string()})),
        None => None,
    }
}

/// What was thought before an answer, where it stands beside the content. Each provider has a word for it.
pub(super) fn thoughts(map: &mut Map<String, Json>) -> Vec<Json> {
    let told = ["reasoning_content", "reasoning", "reasoningText", "thinking"].map(|key| map.remove(key));
    let read = told.into_iter().flatten().map(|thought| match thought {
        Json::String(text) if !text.is_empty() => vec![json!({"type": "reasoning", "content": text})],
        Json::Array(list) => parts(Json::Array(list)).into_iter().filter(|part| part["type"] == "reasoning").collect(),
        _ => Vec::new(),
    });
    read.into_iter().find(|thoughts| !thoughts.is_empty()).unwrap_or_default()
}

/// OpenAI tells a summary of what was thought, in texts.
fn summary(map: &Map<String, Json>) -> Option<Json> {
    let texts: Vec<&str> = map.get("summary")?.as_array()?.iter().filter_map(|item| item["text"].as_str()).collect();
    (!texts.is_empty()).then(|| json!({"type": "reasoning", "content": texts.join("\n")}))
}

/// `{"id"?,"name","arguments"}` from any provider's tool call. Arguments in JSON text are opened.
pub(crate) fn tool_call(item: Json) -> Option<Json> {
    let Json::Object(mut map) = item else { return None };
    if let Some(Json::Object(function)) = map.remove("function") {
        map.extend(function);
    }
    let mut call = Map::from_iter([("type".to_owned(), Json::from("tool_call"))]);
    if let Some(id @ Json::String(_)) = first(&mut map, &["call_id", "id", "toolCallId", "toolUseId", "ref"]) {
        call.insert("id".to_owned(), id);
    }
    call.insert("name".to_owned(), first(&mut map, &["name", "toolName", "tool_name"]).unwrap_or(Json::Null));
    let arguments = first(&mut map, &["arguments", "input", "args", "parameters"]).unwrap_or(Json::Null);
    call.insert("arguments".to_owned(), opened(arguments));
    Some(Json::Object(call))
}

fn response(mut map: Map<String, Json>) -> Option<Json> {
    let origin = map.get("origin").and_then(|call| call.get("id")).cloned();
    let ids = &["id", "tool_use_id", "call_id", "tool_call_id", "toolCallId", "toolUseId", "ref"];
    let id = first(&mut map, ids).or(origin);
    let said = first(&mut map, &["response", "result", "content", "output"]).unwrap_or(Json::Null);
    Some(tool_result(id.unwrap_or(Json::Null), bare(said)))
}

/// The AI SDK wraps what a tool said: `{"type":"json","value":…}`.
fn bare(said: Json) -> Json {
    match said {
        Json::Object(mut map) if map.len() == 2 && map.contains_key("type") && map.contains_key("value") => {
            map.remove("value").unwrap_or_default()
        }
        other => other,
    }
}

/// A tool's answer. What it said stays in its own shape: a text is not opened, because the model saw a text.
pub(crate) fn tool_result(id: Json, said: Json) -> Json {
    let mut part = Map::from_iter([("type".to_owned(), Json::from("tool_call_response"))]);
    if !id.is_null() {
        part.insert("id".to_owned(), id);
    }
    part.insert("response".to_owned(), said);
    Json::Object(part)
}

/// Keys of blocks whose key is their type: Gemini, Bedrock, Genkit and Haystack.
const CALLS: &[&str] = &["functionCall", "function_call", "toolUse", "toolRequest", "tool_call"];
const RESULTS: &[&str] = &["functionResponse", "function_response", "toolResult", "toolResponse", "tool_call_result"];
const MEDIA: &[&str] = &["inlineData", "inline_data", "fileData", "file_data", "media"];

/// Media as the semantic conventions write them: by address, or whole.
fn picture(mut map: Map<String, Json>) -> Option<Json> {
    let mime = first(&mut map, &["mimeType", "mime_type", "contentType"]).unwrap_or_default();
    if let Some(address) = first(&mut map, &["fileUri", "file_uri", "url"]) {
        return Some(json!({"type": "uri", "mime_type": mime, "uri": address}));
    }
    let data = first(&mut map, &["data"])?;
    Some(json!({"type": "blob", "mime_type": mime, "content": data}))
}

/// A thought: a text, or an object around one.
fn reasoning(thought: Json) -> Option<Json> {
    match thought {
        Json::Object(mut map) => match first(&mut map, &["reasoningText", "reasoning_text", "text"])? {
            Json::Object(mut inner) => said("reasoning", &mut inner, &["text"]),
            text => Some(json!({"type": "reasoning", "content": text})),
        },
        text => Some(json!({"type": "reasoning", "content": text})),
    }
}

/// Blocks whose key is their type.
fn untyped(mut map: Map<String, Json>) -> Option<Json> {
    if let Some(call) = first(&mut map, CALLS) {
        return tool_call(call);
    }
    if let Some(Json::Object(answer)) = first(&mut map, RESULTS) {
        return response(answer);
    }
    if let Some(Json::Object(media)) = first(&mut map, MEDIA) {
        return picture(media);
    }
    if let Some(thought @ (Json::String(_) | Json::Object(_))) = first(&mut map, &["reasoning", "reasoningContent"]) {
        return reasoning(thought);
    }
    if map.get("thought").and_then(Json::as_bool) == Some(true) {
        return said("reasoning", &mut map, &["text", "content"]);
    }
    if map.contains_key("text") || map.contains_key("content") {
        return said("text", &mut map, &["text", "content"]);
    }
    if map.is_empty() { None } else { Some(text_part(Json::Object(map).to_string())) }
}

fn first(map: &mut Map<String, Json>, keys: &[&str]) -> Option<Json> {
    keys.iter().find_map(|key| map.remove(*key).filter(|value| !value.is_null()))
}

pub(super) fn opened(arguments: Json) -> Json {
    match arguments {
        Json::String(text) => match loose::parse(&text) {
            Some(read) if !read.cut && (read.value.is_object() || read.value.is_array()) => read.value,
            _ => Json::String(text),
        },
        other => other,
    }
}
