//! Arbitrary text wherever an instrumentation writes messages, tools, whole requests or answers: never a panic, and what
//! comes out is in the canonical form, so that reading it again changes nothing.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pellucid_genai::normalise;
use pellucid_model::{
    Attributes, ProjectId, RawEvent, RawSpan, RawStatus, Scope, Span, SpanId, SpanKind, Timestamp, TraceId, Value,
};
use serde_json::Value as Json;

/// Scope, key, and the keys that make the span what it must be there.
type Place = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CHAT: &[(&str, &str)] = &[("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m")];
const PLACES: &[Place] = &[
    ("app", "gen_ai.input.messages", CHAT),
    ("app", "gen_ai.output.messages", CHAT),
    ("app", "gen_ai.system_instructions", CHAT),
    ("app", "gen_ai.tool.definitions", CHAT),
    ("app", "gen_ai.prompt", CHAT),
    ("app", "gen_ai.completion", CHAT),
    ("app", "gen_ai.retrieval.documents", CHAT),
    ("opentelemetry.instrumentation.openai.v1", "gen_ai.prompt.0.content", &[("llm.request.type", "chat")]),
    (
        "opentelemetry.instrumentation.openai.v1",
        "gen_ai.prompt.0.tool_calls.0.arguments",
        &[("llm.request.type", "chat")],
    ),
    ("opentelemetry.instrumentation.langchain", "traceloop.entity.input", &[("traceloop.span.kind", "workflow")]),
    (
        "openinference.instrumentation.openai",
        "llm.input_messages.0.message.content",
        &[("openinference.span.kind", "LLM")],
    ),
    ("openinference.instrumentation.openai", "llm.tools.0.tool.json_schema", &[("openinference.span.kind", "LLM")]),
    ("openinference.instrumentation.openai", "input.value", &[("openinference.span.kind", "LLM")]),
    ("openinference.instrumentation.openai", "output.value", &[("openinference.span.kind", "LLM")]),
    (
        "openinference.instrumentation.langchain",
        "retrieval.documents.0.document.metadata",
        &[("openinference.span.kind", "RETRIEVER")],
    ),
    ("ai", "ai.prompt", &[("ai.operationId", "ai.generateText")]),
    ("ai", "ai.prompt.messages", &[("ai.operationId", "ai.generateText.doGenerate")]),
    ("ai", "ai.response.toolCalls", &[("ai.operationId", "ai.generateText.doGenerate")]),
    ("ai", "ai.response.providerMetadata", &[("ai.operationId", "ai.generateText.doGenerate")]),
    ("logfire.openai", "request_data", CHAT),
    ("logfire.openai", "response_data", CHAT),
    ("pydantic-ai", "pydantic_ai.all_messages", &[("gen_ai.operation.name", "invoke_agent")]),
    ("litellm", "gen_ai.input.messages", CHAT),
    ("langfuse-sdk", "langfuse.observation.input", &[("langfuse.observation.type", "generation")]),
    ("langfuse-sdk", "langfuse.observation.output", &[("langfuse.observation.type", "generation")]),
    ("langsmith", "gen_ai.prompt", &[("langsmith.span.kind", "llm")]),
    ("mlflow", "mlflow.spanInputs", &[("mlflow.spanType", "\"CHAT_MODEL\"")]),
    ("mlflow", "mlflow.spanOutputs", &[("mlflow.spanType", "\"CHAT_MODEL\"")]),
    ("haystack", "haystack.component.output", &[("haystack.component.type", "OpenAIChatGenerator")]),
    ("haystack", "haystack.agent.step.llm.input", &[]),
    ("genkit-tracer", "genkit:input", &[("genkit:metadata:subtype", "model")]),
    ("genkit-tracer", "genkit:output", &[("genkit:metadata:subtype", "model")]),
    ("gcp.vertex.agent", "gcp.vertex.agent.llm_request", CHAT),
    ("gcp.vertex.agent", "gcp.vertex.agent.llm_response", CHAT),
];

/// Events that carry messages.
const EVENTS: &[(&str, &str)] = &[
    ("gen_ai.user.message", "content"),
    ("gen_ai.assistant.message", "tool_calls"),
    ("gen_ai.tool.message", "content"),
    ("gen_ai.choice", "message"),
    ("gen_ai.content.prompt", "gen_ai.prompt"),
    ("gen_ai.content.completion", "gen_ai.completion"),
    ("gen_ai.client.inference.operation.details", "gen_ai.output.messages"),
];

fn span(scope: &str, attributes: Attributes, events: Vec<RawEvent>) -> Option<Span> {
    let raw = RawSpan {
        resource: Arc::default(),
        scope: Arc::new(Scope { name: scope.to_owned(), ..Scope::default() }),
        trace_id: TraceId::from_bytes(&[1; 16]).ok()?,
        span_id: SpanId::from_bytes(&[1; 8]).ok()?,
        parent_span_id: None,
        name: "call".to_owned(),
        kind: SpanKind::Client,
        start: Timestamp::from_nanos(1),
        end: Timestamp::from_nanos(2),
        attributes,
        events,
        links: Vec::new(),
        status: RawStatus::Unset,
        status_message: String::new(),
        dropped_attributes: 0,
    };
    Some(normalise(&ProjectId::default(), Timestamp::ZERO, raw))
}

fn pair(key: &str, value: &str) -> (String, Value) {
    (key.to_owned(), Value::Str(value.to_owned()))
}

/// What was read is in the canonical form: sent as such, it is read as it is.
fn is_canonical(row: &Span) {
    let content = &row.content;
    let told = [
        ("gen_ai.system_instructions", &content.system_instructions),
        ("gen_ai.input.messages", &content.input_messages),
        ("gen_ai.output.messages", &content.output_messages),
        ("gen_ai.tool.definitions", &content.tool_definitions),
    ];
    let sent = told.iter().filter_map(|(key, value)| Some(pair(key, &value.as_ref()?.to_string())));
    let sent: Attributes = CHAT.iter().map(|(key, value)| pair(key, value)).chain(sent).collect();
    let Some(again) = span("app", sent, Vec::new()) else { return };
    let again = &again.content;
    for (one, other) in [
        (&again.system_instructions, &content.system_instructions),
        (&again.input_messages, &content.input_messages),
        (&again.output_messages, &content.output_messages),
        (&again.tool_definitions, &content.tool_definitions),
    ] {
        assert_eq!(one.clone().map(rounded), other.clone().map(rounded));
    }
}

/// The same with numbers to six digits: `serde_json` reads the seventeenth digit of a number sometimes one off.
fn rounded(json: Json) -> Json {
    match json {
        Json::Number(number) => number.as_f64().map_or(Json::Null, |number| Json::from(format!("{number:.6e}"))),
        Json::Array(items) => items.into_iter().map(rounded).collect(),
        Json::Object(map) => map.into_iter().map(|(key, item)| (key, rounded(item))).collect(),
        other => other,
    }
}

fuzz_target!(|text: &str| {
    for (scope, key, marks) in PLACES {
        let marks = marks.iter().map(|(key, value)| pair(key, value));
        span(scope, marks.chain([pair(key, text)]).collect(), Vec::new()).iter().for_each(is_canonical);
    }
    let event = |(name, key): &(&str, &str)| RawEvent {
        time: Timestamp::from_nanos(1),
        name: (*name).to_owned(),
        attributes: [pair(key, text)].into_iter().collect(),
    };
    let marks = CHAT.iter().map(|(key, value)| pair(key, value)).collect();
    span("app", marks, EVENTS.iter().map(event).collect()).iter().for_each(is_canonical);
});
