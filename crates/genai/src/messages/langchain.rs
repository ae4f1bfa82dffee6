//! LangChain's messages as it serialises them: the constructor's arguments, or the class's name as a type.

use serde_json::{Map, Value as Json};

/// Names of classes, and the types that its messages give themselves.
const ROLES: &[(&str, &str)] = &[
    ("HumanMessage", "user"),
    ("HumanMessageChunk", "user"),
    ("human", "user"),
    ("AIMessage", "assistant"),
    ("AIMessageChunk", "assistant"),
    ("ai", "assistant"),
    ("SystemMessage", "system"),
    ("SystemMessageChunk", "system"),
    ("system", "system"),
    ("ToolMessage", "tool"),
    ("ToolMessageChunk", "tool"),
    ("tool", "tool"),
    ("FunctionMessage", "tool"),
    ("function_message", "tool"),
    ("ChatMessage", "user"),
    ("message", ""),
];

/// `{"lc":1,"type":"constructor","id":[…,"HumanMessage"],"kwargs":{…}}`.
pub(super) fn is_constructor(map: &Map<String, Json>) -> bool {
    map.get("kwargs").is_some_and(Json::is_object)
        && (map.contains_key("lc") || map.get("type").and_then(Json::as_str) == Some("constructor"))
}

/// A message in either form.
pub(super) fn is_one(map: &Map<String, Json>) -> bool {
    is_constructor(map) || role_of(map).is_some()
}

/// The role written as a type, `{"type":"human","content":…}`; empty where the type says only that it is a message.
pub(super) fn role_of(map: &Map<String, Json>) -> Option<&'static str> {
    named(map.get("type")?.as_str()?)
}

fn named(class: &str) -> Option<&'static str> {
    ROLES.iter().find(|(name, _)| *name == class).map(|(_, role)| *role)
}

/// The message inside a constructor or a dump; any other object as it is.
pub(super) fn unwrapped(mut map: Map<String, Json>) -> Map<String, Json> {
    if is_constructor(&map) {
        let class = map.get("id").and_then(Json::as_array).and_then(|path| path.last()?.as_str()).and_then(named);
        let Some(Json::Object(mut kwargs)) = map.remove("kwargs") else { return map };
        if let Some(class) = class.filter(|_| !kwargs.contains_key("role")) {
            kwargs.insert("role".to_owned(), Json::from(class));
        }
        return kwargs;
    }
    match (role_of(&map), map.get("data")) {
        (Some(role), Some(Json::Object(data))) => {
            let mut data = data.clone();
            data.entry("role").or_insert(Json::from(role));
            data
        }
        _ => map,
    }
}
