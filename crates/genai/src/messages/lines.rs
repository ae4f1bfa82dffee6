//! The flat text of old OpenLIT: one `role: text` after the other, lines of their own only by custom.

use serde_json::{Value as Json, json};

use super::canonical_role;

const ROLES: &[&str] = &["system", "developer", "user", "assistant", "tool", "function", "model"];

/// Python's word for an assistant message that only calls tools.
const NOTHING: &str = "None";

/// Messages of such a text; a text without roles is one message of the user.
pub(crate) fn from_lines(text: &str) -> Vec<Json> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for line in text.split('\n') {
        let start = line.split_once(": ").filter(|(role, _)| ROLES.contains(role));
        match (start, found.last_mut()) {
            (Some((role, rest)), _) => found.push((canonical_role(role), rest.to_owned())),
            (None, Some((_, said))) => {
                said.push('\n');
                said.push_str(line);
            }
            (None, None) => found.push(("user", line.to_owned())),
        }
    }
    let said = found.into_iter().filter(|(_, said)| !said.is_empty() && said != NOTHING);
    said.map(|(role, said)| one(role, &said)).collect()
}

fn one(role: &str, said: &str) -> Json {
    match role {
        "tool" => json!({"role": role, "parts": [{"type": "tool_call_response", "response": said}]}),
        _ => json!({"role": role, "parts": [{"type": "text", "content": said}]}),
    }
}
