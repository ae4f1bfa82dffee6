//! The per-message events of the semantic conventions 1.26–1.36: `gen_ai.user.message`, `gen_ai.choice` and the like.
//!
//! They come as log records with a structured body and as span events with the same keys flattened into attributes, or,
//! from .NET and from Azure's SDKs, as span events with the whole body as JSON text in one attribute.

use serde_json::{Map, Value as Json};

use super::{Read, message};
use crate::convert::is_mask;
use crate::loose;

/// The whole body in one attribute.
/// <https://github.com/open-telemetry/semantic-conventions/blob/v1.27.0/docs/gen-ai/gen-ai-events.md>
const WHOLE: &str = "gen_ai.event.content";

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

/// True if what was said was taken out before it reached us.
pub(crate) fn is_masked(body: &Map<String, Json>) -> bool {
    body.get("content").and_then(Json::as_str).is_some_and(is_mask)
}

/// Flattened attributes carry JSON text where a body carries values.
fn opened(mut body: Map<String, Json>) -> (Map<String, Json>, bool) {
    let mut cut = false;
    match body.remove(WHOLE).map(|whole| whole.as_str().and_then(loose::parse).ok_or(whole)) {
        Some(Ok(loose::Loose { value: Json::Object(inner), cut: ends_early })) => {
            cut |= ends_early;
            body.extend(inner);
        }
        Some(Ok(loose::Loose { value: said, .. }) | Err(said)) => body.extend([("content".to_owned(), said)]),
        None => {}
    }
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
    if is_masked(&body) {
        return None;
    }
    // Google's SDKs put a whole content, with a role of its own, where the content's parts belong.
    if let Some(Json::Object(inner)) = body.get("content").filter(|content| content["parts"].is_array()).cloned() {
        body.remove("content");
        body.extend(inner);
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(role: Role, body: Json) -> Option<Json> {
        let Json::Object(body) = body else { return None };
        from_events(std::iter::once((role, body)), role == Role::Choice)?.list.pop()
    }

    #[test]
    fn a_whole_body_in_one_attribute_is_opened() {
        let user = read(Role::User, json!({"gen_ai.event.content": "{\"role\":\"user\",\"content\":\"Hi\"}"}));
        assert_eq!(user, Some(json!({"role": "user", "parts": [{"type": "text", "content": "Hi"}]})));
        let plain = read(Role::User, json!({"gen_ai.event.content": "Hi", "gen_ai.system": "openai"}));
        assert_eq!(plain, user);
        let choice = json!({"gen_ai.event.content": "{\"index\":0,\"finish_reason\":\"Stop\",\"message\":{\"content\":\"Ho\"}}"});
        let want = json!({"role": "assistant", "parts": [{"type": "text", "content": "Ho"}], "finish_reason": "stop"});
        assert_eq!(read(Role::Choice, choice), Some(want));
    }

    #[test]
    fn googles_contents_keep_their_role() {
        let body = json!({"content": {"role": "model", "parts": [{"text": "Ho"}]}});
        let want = json!({"role": "assistant", "parts": [{"type": "text", "content": "Ho"}]});
        assert_eq!(read(Role::User, body), Some(want));
        let choice =
            json!({"index": 0, "finish_reason": "STOP", "content": {"role": "model", "parts": [{"text": "Ho"}]}});
        let want = json!({"role": "assistant", "parts": [{"type": "text", "content": "Ho"}], "finish_reason": "stop"});
        assert_eq!(read(Role::Choice, choice), Some(want));
    }

    #[test]
    fn what_was_taken_out_is_no_message() {
        assert_eq!(read(Role::User, json!({"content": "<elided>"})), None);
    }
}
