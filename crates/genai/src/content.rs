//! What was said: facts to the content columns.

use pellucid_model::{Content, Document, Kind, Span, TokenCount, Value};
use serde_json::{Value as Json, json};

use crate::dialects::{Dialect, Guess};
use crate::field::{Facts, Field};
use crate::finish;
use crate::messages::{self, List};
use crate::usage::half_of_characters;

/// Takes the content facts. `input_tokens` and the like stay for others.
pub(crate) fn content(facts: &mut Facts, kind: Kind) -> Content {
    let mut input = facts.list(Field::InputMessages).unwrap_or_default();
    let mut output = facts.list(Field::OutputMessages).unwrap_or_default();
    let mut system = facts.list(Field::SystemInstructions).unwrap_or_default();
    if let Some(calls) = facts.list(Field::ToolCalls) {
        output.change(|output| add_tool_calls(output, calls.into_items()));
    }
    if let Some(thoughts) = facts.text(Field::Thoughts) {
        output.change(|output| add_thoughts(output, thoughts));
    }
    if !is_text_only(kind) {
        messages::lift_system(&mut system, &mut input);
    }
    let mut content = Content {
        tool_definitions: facts.list(Field::ToolDefinitions).and_then(List::into_document),
        input_value: facts.text(Field::InputValue),
        output_value: facts.text(Field::OutputValue),
        finish_reasons: finish_reasons(facts.texts(Field::FinishReasons), &output),
        truncated: facts.truncated,
        redacted: facts.redacted,
        ..Content::default()
    };
    if is_text_only(kind) {
        content.input_value = texts_value(&input.items()).or(content.input_value);
        // A vector is nothing to read.
        content.output_value =
            texts_value(&output.items()).or(content.output_value).filter(|_| kind != Kind::Embedding);
        return content;
    }
    if kind == Kind::Llm {
        // The whole request and the whole answer once more.
        content.input_value = content.input_value.filter(|_| input.is_empty());
        content.output_value = content.output_value.filter(|_| output.is_empty());
    }
    facts.answered = output.says_something();
    content.system_instructions = system.into_document();
    content.input_messages = input.into_document();
    content.output_messages = output.into_document();
    content
}

/// Kinds whose "messages" are only texts to work on.
fn is_text_only(kind: Kind) -> bool {
    matches!(kind, Kind::Embedding | Kind::Rerank)
}

/// One text as itself, several as a JSON list.
fn texts_value(messages: &[Json]) -> Option<String> {
    let texts: Vec<&str> = messages::texts(messages).collect();
    match texts.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        many => Some(json!(many).to_string()),
    }
}

/// Tool calls told apart belong to the answer.
fn add_tool_calls(output: &mut Vec<Json>, calls: Vec<Json>) {
    match output.first_mut().and_then(|answer| answer["parts"].as_array_mut()) {
        Some(parts) if !parts.iter().any(|part| part["type"] == "tool_call") => {
            // Python's word for "no text", next to tool calls.
            parts.retain(|part| part["content"] != "None");
            parts.extend(calls);
        }
        Some(_) => {}
        None => output.push(json!({"role": "assistant", "parts": calls})),
    }
}

/// Thoughts told apart stand before the answer.
fn add_thoughts(output: &mut Vec<Json>, thoughts: String) {
    let thought = json!({"type": "reasoning", "content": thoughts});
    match output.first_mut().and_then(|answer| answer["parts"].as_array_mut()) {
        Some(parts) if !parts.iter().any(|part| part["type"] == "reasoning") => parts.insert(0, thought),
        Some(_) => {}
        None => output.push(json!({"role": "assistant", "parts": [thought]})),
    }
}

/// As sent for the call, else as the answers tell.
fn finish_reasons(sent: Vec<String>, output: &List) -> Vec<String> {
    let sent: Vec<String> = sent.iter().filter_map(|reason| finish::canonical(reason)).collect();
    if !sent.is_empty() {
        return sent;
    }
    output.finish_reasons()
}

/// True if the SDK guessed the tokens of `span`, whose content is filled already.
pub(crate) fn is_guess(facts: &Facts, span: &Span, order: &[&Dialect]) -> bool {
    let streamed = facts.truth(Field::Stream) == Some(true);
    let has = |key: &str| span.attributes.get(key);
    order.iter().flat_map(|dialect| dialect.guesses).any(|guess| match guess {
        Guess::HalfOfCharacters => is_half(facts, &span.content),
        Guess::StreamedWith(key, value) => streamed && has(key).and_then(Value::as_str) == Some(value),
        Guess::StreamedWithout { scope, key } => {
            streamed && span.scope_name.as_deref() == Some(scope) && has(key).is_none()
        }
    })
}

/// Both numbers are half of the characters. One alone may be chance; an empty prompt or answer proves nothing.
fn is_half(facts: &Facts, content: &Content) -> bool {
    let (Some(input), Some(output)) = (facts.int(Field::InputTokens), facts.int(Field::OutputTokens)) else {
        return false;
    };
    let answer: String = list(&content.output_messages).iter().map(|parts| text_of(parts, "")).collect();
    half_of_characters(&answer) == output && matches_half(&prompt(content), input)
}

fn matches_half(prompt: &str, input: TokenCount) -> bool {
    !prompt.is_empty() && half_of_characters(prompt) == input
}

/// The prompt as OpenLIT writes it: `role: text` lines, the system first.
fn prompt(content: &Content) -> String {
    let system = list(&content.system_instructions);
    let system = system.iter().filter_map(|part| part["content"].as_str());
    let mut lines: Vec<String> = system.map(|text| format!("system: {text}")).collect();
    lines.extend(
        list(&content.input_messages)
            .iter()
            .map(|message| format!("{}: {}", message["role"].as_str().unwrap_or_default(), text_of(message, " "))),
    );
    lines.join("\n")
}

fn list(document: &Option<Document>) -> Vec<Json> {
    match document.as_ref().map(Document::open) {
        Some(Json::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn text_of(message: &Json, separator: &str) -> String {
    let parts = message["parts"].as_array().into_iter().flatten();
    let texts: Vec<&str> = parts.filter_map(|part| part["content"].as_str().or(part["response"].as_str())).collect();
    texts.join(separator)
}
