//! The body of a model call as a provider, a client or a framework writes it: the request or the answer whole.
//!
//! In: a body as JSON; a plain text is a string. Out: what was said, in the canonical form. Known: OpenAI's chat,
//! completions, Responses and embeddings, Anthropic's Messages, Gemini's contents, Bedrock's Converse, Ollama, Cohere,
//! LangChain's serialised messages and generations, the AI SDK's prompts and results, Haystack's replies, and the
//! arguments of a function as decorators keep them. A body of another shape says nothing: it is for others to show.

use serde_json::{Map, Value as Json, json};

use super::{canonical_role, from_items, langchain, message, parts, responses, tool_list};
use crate::finish;
use crate::loose;

/// What a body says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Exchange {
    pub(crate) system: Vec<Json>,
    pub(crate) messages: Vec<Json>,
    pub(crate) tools: Vec<Json>,
}

/// Places of a request that hold what was asked, in order of trust.
const ASKED: &[&str] =
    &["messages", "contents", "input", "inputs", "prompt", "prompts", "text", "texts", "message", "prompt_value"];

/// Places that hold the system's part beside the messages, as JSON pointers.
const SYSTEM: &[&str] = &[
    "/system",
    "/instructions",
    "/systemInstruction",
    "/system_instruction",
    "/config/systemInstruction",
    "/config/system_instruction",
    "/system_prompt",
    "/preamble",
];

/// Places that hold tool definitions, as JSON pointers.
const TOOLS: &[&str] = &["/tools", "/functions", "/config/tools", "/toolConfig/tools", "/kwargs/tools"];

/// Places of an answer that hold a list with one entry for each choice.
const CHOICES: &[&str] = &["choices", "candidates", "generations", "replies", "generation", "completions"];

/// Places of a choice that hold its message.
const MESSAGE: &[&str] = &["message", "delta", "content", "text"];

/// Places of an answer that hold it alone.
const ANSWERED: &[&str] =
    &["output", "message", "messages", "response", "completion", "generated_text", "result", "answer", "outputs"];

/// Places that tell why an answer ended, as paths.
const FINISHED: &[&[&str]] = &[
    &["finish_reason"],
    &["finishReason"],
    &["stop_reason"],
    &["stopReason"],
    &["done_reason"],
    &["generation_info", "finish_reason"],
    &["generationInfo", "finish_reason"],
    &["response_metadata", "finish_reason"],
    &["response_metadata", "stop_reason"],
    &["meta", "finish_reason"],
    &["incomplete_details", "reason"],
];

/// Lists of lists have been seen two deep: LangChain's batches and generations.
const MAX_NESTING: u32 = 3;

/// What a request asks. A plain text is one message of the user.
pub(crate) fn request(body: &Json) -> Exchange {
    if is_unread(body) {
        return Exchange::default();
    }
    let map = match body {
        Json::Object(map) => map,
        Json::Array(items) => {
            let (tools, items): (Vec<Json>, Vec<Json>) = items.iter().cloned().partition(is_definition);
            let tools = tools.into_iter().map(|mut item| item["content"].take()).collect();
            let messages = said(Json::Array(items), "user", MAX_NESTING);
            return Exchange { messages, tools: tool_list(Json::Array(tools)), ..Exchange::default() };
        }
        text => return Exchange { messages: said(text.clone(), "user", MAX_NESTING), ..Exchange::default() },
    };
    if let Some(inner) = arguments(map) {
        return request(inner);
    }
    let messages = match ASKED.iter().find_map(|key| map.get(*key).filter(|value| says_something(value))) {
        _ if is_one(map) => said(body.clone(), "user", MAX_NESTING),
        Some(place) => said(opened(place), "user", MAX_NESTING),
        None => Vec::new(),
    };
    let at = |places: &[&str]| places.iter().find_map(|place| body.pointer(place).filter(|value| !value.is_null()));
    Exchange {
        messages,
        system: at(SYSTEM).filter(|_| !is_one(map)).map(|system| system_parts(system.clone())).unwrap_or_default(),
        tools: at(TOOLS).map(|tools| tool_list(tools.clone())).unwrap_or_default(),
    }
}

/// Langfuse's handler for LangChain puts the definitions of tools behind the messages, as if tools had said them.
fn is_definition(item: &Json) -> bool {
    item["role"] == "tool" && item["content"]["type"] == "function" && item["content"]["function"].is_object()
}

/// What an answer says. A plain text is one message of the assistant.
pub(crate) fn answer(body: &Json) -> Exchange {
    if is_unread(body) {
        return Exchange::default();
    }
    Exchange { messages: answers(body.clone(), MAX_NESTING), ..Exchange::default() }
}

fn answers(body: Json, nesting: u32) -> Vec<Json> {
    let mut map = match body {
        Json::Array(items) if items.iter().all(|item| item.as_object().is_some_and(is_choice)) => {
            return choices(items, nesting);
        }
        Json::Array(items) => return one_answer(items),
        Json::Object(map) => map,
        text => return said(text, "assistant", nesting),
    };
    if nesting == 0 {
        return Vec::new();
    }
    if let Some(list) = CHOICES.iter().find_map(|key| map.get(*key).and_then(Json::as_array)) {
        return choices(list.clone(), nesting);
    }
    let finish = ended(&map);
    let mut messages = if is_one(&map) || speaks(&map) {
        said(Json::Object(map), "assistant", nesting)
    } else {
        let place = ANSWERED.iter().find_map(|key| map.remove(*key).filter(says_something));
        place.map(|place| answers(place, nesting - 1)).unwrap_or_default()
    };
    if let (Some(finish), [Json::Object(only)]) = (finish, messages.as_mut_slice()) {
        only.entry("finish_reason").or_insert(Json::from(finish));
    }
    messages
}

/// Each choice is an answer of its own; LangChain nests them by the prompts of a batch.
fn choices(items: Vec<Json>, nesting: u32) -> Vec<Json> {
    let mut answers = Vec::new();
    for item in items {
        match item {
            Json::Array(inner) if nesting > 0 => answers.extend(choices(inner, nesting - 1)),
            Json::Object(map) => answers.extend(choice(map)),
            text => answers.extend(message(text, "assistant")),
        }
    }
    answers
}

fn choice(mut map: Map<String, Json>) -> Option<Json> {
    let finish = ended(&map);
    let wrapped = MESSAGE.iter().find(|key| map.get(**key).is_some_and(Json::is_object));
    let said = wrapped.and_then(|key| map.remove(*key)).unwrap_or(Json::Object(map));
    let mut answer = message(said, "assistant").or_else(|| {
        // It may have ended without a word.
        finish.as_ref().map(|_| json!({"role": "assistant", "parts": []}))
    })?;
    if let (Some(finish), Some(answer)) = (finish, answer.as_object_mut()) {
        answer.insert("finish_reason".to_owned(), Json::from(finish));
    }
    Some(answer)
}

/// The items of one answer: reasoning, messages and calls side by side are one message.
fn one_answer(items: Vec<Json>) -> Vec<Json> {
    let is_item = |item: &Json| matches!(item["type"].as_str(), Some("reasoning" | "function_call" | "message"));
    let side_by_side = items.len() > 1 && items.iter().all(is_item);
    let mut messages = said(Json::Array(items), "assistant", MAX_NESTING).into_iter();
    if !side_by_side {
        return messages.collect();
    }
    let Some(mut whole) = messages.next() else { return Vec::new() };
    for mut more in messages {
        if let (Some(parts), Json::Array(others)) = (whole["parts"].as_array_mut(), more["parts"].take()) {
            parts.extend(others);
        }
    }
    vec![whole]
}

/// Messages of a value: one, a list of them, or lists in a list.
fn said(value: Json, role: &str, nesting: u32) -> Vec<Json> {
    match value {
        Json::Array(items) if !items.is_empty() && items.iter().all(Json::is_number) => Vec::new(),
        Json::Array(items) if !items.is_empty() && items.iter().all(Json::is_array) => {
            let inner = items.into_iter().filter(|_| nesting > 0);
            inner.flat_map(|inner| said(inner, role, nesting - 1)).collect()
        }
        Json::Array(items) => from_items(items, role),
        Json::Object(mut map) if !is_one(&map) && nesting > 0 => match map.remove("messages") {
            Some(inner) => said(inner, role, nesting - 1),
            None => message(Json::Object(map), role).into_iter().collect(),
        },
        one => message(responses::wrapped(one), role).into_iter().collect(),
    }
}

/// The arguments of a function that makes calls: `{"args":[…],"kwargs":{…}}`.
fn arguments(map: &Map<String, Json>) -> Option<&Json> {
    if langchain::is_constructor(map) || !map.contains_key("args") && !map.contains_key("kwargs") {
        return None;
    }
    let named = map.get("kwargs").filter(|named| named.as_object().is_some_and(|named| !named.is_empty()));
    named.or_else(|| map.get("args")?.as_array()?.first())
}

/// The object is a message itself.
fn is_one(map: &Map<String, Json>) -> bool {
    let has_role = ["role", "_role"].iter().any(|key| map.get(*key).is_some_and(Json::is_string));
    let calls = map.contains_key("tool_calls") || map.contains_key("toolCalls");
    let is_item = matches!(map.get("type").and_then(Json::as_str), Some("function_call" | "reasoning"));
    has_role || calls || is_item || langchain::is_one(map)
}

/// The object says something itself, though not who says it.
fn speaks(map: &Map<String, Json>) -> bool {
    let is_text = |key: &str| map.get(key).is_some_and(Json::is_string);
    is_text("text") || is_text("content") || map.get("content").is_some_and(Json::is_array)
}

fn is_choice(map: &Map<String, Json>) -> bool {
    let wraps = MESSAGE.iter().any(|key| map.get(*key).is_some_and(Json::is_object));
    wraps && !map.contains_key("role") || (map.contains_key("finish_reason") && map.contains_key("index"))
}

/// Why an answer ended, in canonical words. A Responses body says it with its status.
pub(super) fn ended(map: &Map<String, Json>) -> Option<String> {
    let word = |path: &&[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(map.get(*first)?, |at, step| at.get(step))?.as_str()
    };
    let status = || map.get("status")?.as_str().filter(|_| map.contains_key("output"));
    FINISHED.iter().find_map(word).or_else(status).and_then(finish::canonical)
}

/// The system's part: a text, blocks, or Gemini's content.
fn system_parts(system: Json) -> Vec<Json> {
    match system {
        Json::Object(mut map) if map.contains_key("parts") => map.remove("parts").map(parts).unwrap_or_default(),
        Json::Array(items) if items.iter().all(|item| item["role"].is_string()) => {
            let said = items.into_iter().filter_map(|item| message(item, "system"));
            said.filter_map(|mut item| item["parts"].as_array_mut().map(std::mem::take)).flatten().collect()
        }
        other => parts(other),
    }
}

/// A text that began as data and could not be read, such as Python's `{'replies': [ChatMessage(…)]}`: nobody said that.
fn is_unread(body: &Json) -> bool {
    body.as_str().is_some_and(|text| ["{'", "{\"", "[{", "[ChatMessage("].iter().any(|start| text.starts_with(start)))
}

/// JSON in a text where a list of messages belongs.
fn opened(value: &Json) -> Json {
    let list = value.as_str().and_then(loose::parse).map(|read| read.value);
    let is_messages = |list: &Json| {
        let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
        !items.is_empty()
            && items.iter().all(|item| item["role"].as_str().is_some_and(|role| !canonical_role(role).is_empty()))
    };
    list.filter(is_messages).unwrap_or_else(|| value.clone())
}

fn says_something(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
