//! Tool definitions: OpenAI's nested and flat ones, Gemini's declarations, Bedrock's specifications, bare names.

use serde_json::{Map, Value as Json, json};

use crate::loose;

/// Keys under which providers and Haystack nest what they say of one tool.
const NESTED: &[&str] = &["function", "toolSpec", "data"];

/// Keys under which Gemini lists several tools as one.
const LISTED: &[&str] = &["functionDeclarations", "function_declarations"];

/// Definitions as a list of flat objects; a missing type is a function.
pub(super) fn tool_list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items.into_iter().flat_map(definitions).collect(),
        object @ Json::Object(_) => definitions(object),
        _ => Vec::new(),
    }
}

fn definitions(item: Json) -> Vec<Json> {
    let item = match item {
        Json::String(text) => loose::parse(&text).map_or_else(|| json!({"name": text}), |read| read.value),
        other => other,
    };
    let Json::Object(mut map) = item else { return Vec::new() };
    let listed = LISTED.iter().find(|key| map.get(**key).is_some_and(Json::is_array));
    if let Some(Json::Array(listed)) = listed.and_then(|key| map.remove(*key)) {
        return listed.into_iter().flat_map(definitions).collect();
    }
    // Haystack has a text of that name too: where the function is defined.
    let nested = NESTED.iter().find(|key| map.get(**key).is_some_and(Json::is_object));
    if let Some(Json::Object(inner)) = nested.and_then(|key| map.remove(*key)) {
        // Haystack's type is the class of the tool.
        map.retain(|key, value| key != "type" || value.as_str().is_some_and(|kind| !kind.contains('.')));
        map.extend(inner);
    }
    let mut tool = Map::new();
    tool.insert("type".to_owned(), map.remove("type").unwrap_or_else(|| Json::from("function")));
    tool.extend(map);
    vec![Json::Object(tool)]
}
