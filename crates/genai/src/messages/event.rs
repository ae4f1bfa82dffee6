//! The per-message events of the semantic conventions 1.26–1.36: `gen_ai.user.message`, `gen_ai.choice` and the like.
//!
//! They come as log records with a structured body and as span events with the same keys flattened into attributes.

use serde_json::{Map, Value as Json};

use super::{Read, message};
use crate::loose;

/// Whose message an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    System,
    User,
    Assistant,
    Tool,
    /// What the model answered.
    Choice,
}

impl Role {
    /// From the event's name.
    pub(crate) fn of(event_name: &str) -> Option<Self> {
        Some(match event_name {
            "gen_ai.system.message" => Self::System,
            "gen_ai.user.message" => Self::User,
            "gen_ai.assistant.message" => Self::Assistant,
            "gen_ai.tool.message" => Self::Tool,
            "gen_ai.choice" => Self::Choice,
            _ => return None,
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant | Self::Choice => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// The messages of events in order. Choices are answers; ask for them with `choices`, for all others without.
pub(crate) fn from_events(events: impl Iterator<Item = (Role, Map<String, Json>)>, choices: bool) -> Option<Read> {
    let mut read = Read::default();
    for (role, body) in events {
        if (role == Role::Choice) == choices {
            let (body, cut) = opened(body);
            read.cut |= cut;
            read.list.extend(one(role, body));
        }
    }
    (!read.list.is_empty()).then_some(read)
}

/// Flattened attributes carry JSON text where a body carries values.
fn opened(mut body: Map<String, Json>) -> (Map<String, Json>, bool) {
    let mut cut = false;
    for key in ["content", "message", "tool_calls"] {
        let Some(Json::String(text)) = body.get(key) else { continue };
        let Some(read) = loose::parse(text) else { continue };
        // A tool's answer stays the text that it is.
        let tool_answer = key == "content" && body.contains_key("id");
        if (read.value.is_array() || read.value.is_object()) && !tool_answer {
            cut |= read.cut;
            body.insert(key.to_owned(), read.value);
        }
    }
    (body, cut)
}

fn one(role: Role, mut body: Map<String, Json>) -> Option<Json> {
    if role != Role::Choice {
        return message(Json::Object(body), role.as_str());
    }
    let finish = body.remove("finish_reason");
    let mut inner = match body.remove("message") {
        Some(Json::Object(inner)) => inner,
        Some(other) => Map::from_iter([("content".to_owned(), other)]),
        None => body,
    };
    if let Some(finish) = finish {
        inner.insert("finish_reason".to_owned(), finish);
    }
    message(Json::Object(inner), role.as_str())
}
