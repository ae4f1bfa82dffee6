//! One line of plain text for a list row: what was asked, what was answered.
//!
//! In: the JSON of messages, or plain text. Out: at most [`MAX_CHARS`] characters of real text: the last user message,
//! the first text of the assistant. Only rows on screen are parsed.

use serde_json::Value as Json;

/// Length of a preview.
pub(crate) const MAX_CHARS: usize = 200;

/// Length of a text on a card of a conversation.
const MAX_CARD_CHARS: usize = 4_000;

/// What was asked: the text of the last user message, else the last text at all, else the plain value.
pub(crate) fn of_input(messages: Option<&str>, value: Option<&str>) -> Option<String> {
    input_text(messages, value).and_then(|text| line(&text))
}

fn input_text(messages: Option<&str>, value: Option<&str>) -> Option<String> {
    let list = messages.and_then(parse);
    let messages = list.as_deref().unwrap_or_default();
    let user = messages.iter().rev().find(|message| message["role"] == "user" && text_of(message).is_some());
    let text = user.and_then(text_of).or_else(|| messages.iter().rev().find_map(text_of));
    text.or_else(|| value.map(str::to_owned))
}

/// What was answered: the first text of the assistant, else the first tool call, else the plain value.
pub(crate) fn of_output(messages: Option<&str>, value: Option<&str>) -> Option<String> {
    output_text(messages, value).and_then(|text| line(&text))
}

fn output_text(messages: Option<&str>, value: Option<&str>) -> Option<String> {
    let list = messages.and_then(parse);
    let messages = list.as_deref().unwrap_or_default();
    let text = messages.iter().find_map(text_of).or_else(|| messages.iter().find_map(call_of));
    text.or_else(|| value.map(str::to_owned))
}

/// What was asked, with its lines, for the card of a turn. The text may be messages or a plain value.
pub(crate) fn question(text: &str) -> Option<String> {
    input_text(Some(text), parse(text).is_none().then_some(text)).and_then(|text| passage(&text))
}

/// What was answered, likewise.
pub(crate) fn reply(text: &str) -> Option<String> {
    output_text(Some(text), parse(text).is_none().then_some(text)).and_then(|text| passage(&text))
}

/// The text as it stands, cut at a character; three dots tell that something was cut.
fn passage(text: &str) -> Option<String> {
    let text = text.trim();
    match text.char_indices().nth(MAX_CARD_CHARS) {
        Some((cut, _)) => text.split_at_checked(cut).map(|(head, _)| format!("{head}…")),
        None => (!text.is_empty()).then(|| text.to_owned()),
    }
}

/// The list of messages in a text; a list of anything else, such as the texts of an embedding, is none.
fn parse(text: &str) -> Option<Vec<Json>> {
    let list: Vec<Json> = serde_json::from_str(text).ok()?;
    list.iter().all(|message| message["parts"].is_array()).then_some(list)
}

/// What was asked, where a text may be messages or a plain value.
pub(crate) fn of_any_input(text: &str) -> Option<String> {
    of_input(Some(text), parse(text).is_none().then_some(text))
}

/// What was answered, where a text may be messages or a plain value.
pub(crate) fn of_any_output(text: &str) -> Option<String> {
    of_output(Some(text), parse(text).is_none().then_some(text))
}

/// The text parts of a message.
fn text_of(message: &Json) -> Option<String> {
    let parts = message["parts"].as_array()?;
    let texts: Vec<&str> =
        parts.iter().filter(|part| part["type"] == "text").filter_map(|part| part["content"].as_str()).collect();
    let text = texts.join(" ");
    (!text.trim().is_empty()).then_some(text)
}

/// The first tool call of a message, as `name(arguments)`.
fn call_of(message: &Json) -> Option<String> {
    let call = message["parts"].as_array()?.iter().find(|part| part["type"] == "tool_call")?;
    let arguments = match &call["arguments"] {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    };
    Some(format!("{}({arguments})", call["name"].as_str()?))
}

/// One line, cut at a character.
fn line(text: &str) -> Option<String> {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
        if short.len() > MAX_CHARS * 4 {
            break;
        }
    }
    let cut: String = short.chars().take(MAX_CHARS).collect();
    (!cut.is_empty()).then_some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_user_message_is_the_question() {
        let messages = r#"[{"role":"user","parts":[{"type":"text","content":"old"}]},
            {"role":"user","parts":[{"type":"text","content":"退款\n在哪里"}]},
            {"role":"tool","parts":[{"type":"tool_call_response","id":"1","response":"x"}]}]"#;
        assert_eq!(of_input(Some(messages), None).as_deref(), Some("退款 在哪里"));
        assert_eq!(of_input(None, Some("plain")).as_deref(), Some("plain"));
        assert_eq!(of_input(Some("[]"), None), None);
        assert_eq!(of_any_input(messages).as_deref(), Some("退款 在哪里"));
        assert_eq!(of_any_input(r#"["a","b"]"#).as_deref(), Some(r#"["a","b"]"#));
    }

    #[test]
    fn a_tool_call_is_an_answer_too() {
        let messages =
            r#"[{"role":"assistant","parts":[{"type":"tool_call","id":"1","name":"f","arguments":{"a":1}}]}]"#;
        assert_eq!(of_output(Some(messages), None).as_deref(), Some(r#"f({"a":1})"#));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(of_input(None, Some(&"汉".repeat(500))).map(|text| text.chars().count()), Some(MAX_CHARS));
    }
}
