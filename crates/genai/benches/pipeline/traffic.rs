//! Made-up requests of the shapes that applications send: without models, chats, retrieval, agents that send their whole
//! history with every call. Protobuf, as SDKs batch it. The same bytes in every run.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use serde_json::{Value as Json, json};

/// Spans a request, the most that SDKs send by default.
const BATCH: usize = 512;
/// Calls of one agent run; each sends what was said before.
const STEPS: usize = 24;
const START_NS: u64 = 1_795_485_600_000_000_000;

/// Requests of one shape.
pub(crate) struct Traffic {
    /// Its name.
    pub(crate) name: &'static str,
    /// Spans in all requests.
    pub(crate) spans: usize,
    /// Bodies, protobuf.
    pub(crate) bodies: Vec<Vec<u8>>,
    /// The JSON texts among the attributes.
    pub(crate) texts: Vec<String>,
}

type Attributes = Vec<KeyValue>;
/// The attributes of span number `n`, and the scope they are from.
type Make = fn(usize) -> (&'static str, Attributes);

/// Requests with about so many spans of each shape.
pub(crate) const SHAPES: &[(&str, Make)] = &[("plain", plain), ("chat", chat), ("rag", rag), ("agent", agent)];

impl Traffic {
    /// Makes requests of a shape.
    pub(crate) fn new(name: &'static str, make: Make, spans: usize) -> Self {
        let all: Vec<(&str, Span)> = (0..spans).map(|n| span(n, make(n))).collect();
        let texts = all.iter().flat_map(|(_, span)| &span.attributes).filter_map(json_text).collect();
        let bodies = all.chunks(BATCH).map(|batch| request(batch).encode_to_vec()).collect();
        Self { name, spans, bodies, texts }
    }

    /// Bytes of all bodies.
    pub(crate) fn bytes(&self) -> u64 {
        self.bodies.iter().map(|body| body.len() as u64).sum()
    }
}

fn json_text(attribute: &KeyValue) -> Option<String> {
    match attribute.value.as_ref()?.value.as_ref()? {
        any_value::Value::StringValue(text) if text.starts_with(['[', '{']) => Some(text.clone()),
        _ => None,
    }
}

fn request(batch: &[(&str, Span)]) -> ExportTraceServiceRequest {
    let mut scopes: Vec<ScopeSpans> = Vec::new();
    for (scope, span) in batch {
        let known = scopes.iter_mut().find(|known| known.scope.as_ref().is_some_and(|known| known.name == *scope));
        match known {
            Some(known) => known.spans.push(span.clone()),
            None => scopes.push(ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: (*scope).to_owned(),
                    version: "1.4.0".to_owned(),
                    ..Default::default()
                }),
                spans: vec![span.clone()],
                ..Default::default()
            }),
        }
    }
    let attributes = vec![
        text("service.name", "shop"),
        text("service.version", "2.3.1"),
        text("deployment.environment.name", "production"),
        text("telemetry.sdk.language", "python"),
        text("telemetry.sdk.name", "opentelemetry"),
        text("telemetry.sdk.version", "1.45.2"),
        text("host.name", "shop-7d9f8c6b5-x2x4z"),
        text("process.runtime.name", "cpython"),
    ];
    let resource = Some(Resource { attributes, ..Default::default() });
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource, scope_spans: scopes, ..Default::default() }],
    }
}

fn span(n: usize, (scope, attributes): (&'static str, Attributes)) -> (&'static str, Span) {
    let start = START_NS + n as u64 * 1_000_000;
    let trace = (n / 8 + 1) as u128;
    let span = Span {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: (n as u64 + 1).to_be_bytes().to_vec(),
        parent_span_id: if n.is_multiple_of(8) { Vec::new() } else { (n as u64 / 8 * 8 + 1).to_be_bytes().to_vec() },
        name: format!("operation {}", n % 16),
        kind: 3,
        start_time_unix_nano: start,
        end_time_unix_nano: start + 800_000_000,
        attributes,
        ..Default::default()
    };
    (scope, span)
}

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..Default::default() }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, any_value::Value::StringValue(value.to_owned()))
}

fn int(key: &str, value: usize) -> KeyValue {
    attribute(key, any_value::Value::IntValue(value as i64))
}

fn float(key: &str, value: f64) -> KeyValue {
    attribute(key, any_value::Value::DoubleValue(value))
}

fn json_of(key: &str, value: &Json) -> KeyValue {
    text(key, &value.to_string())
}

/// So many words, with line ends, quotes and Chinese among them.
fn words(n: usize, count: usize) -> String {
    const WORDS: &[&str] = &[
        "the",
        "customer",
        "asked",
        "for",
        "a",
        "refund",
        "of",
        "order",
        "\"4711\"",
        "because",
        "it",
        "came",
        "late.\n",
        "我要退款",
        "so",
        "we",
        "checked",
        "the",
        "policy",
        "and",
        "found",
        "that",
        "it",
        "applies,",
        "within",
        "thirty",
        "days;",
        "see",
        "C:\\docs",
        "for",
        "more",
    ];
    let word = |at: usize| WORDS[(n * 7 + at * 13 + at / 5) % WORDS.len()];
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

/// A web application's spans, no model anywhere.
fn plain(n: usize) -> (&'static str, Attributes) {
    let attributes = vec![
        text("http.request.method", "GET"),
        text("url.scheme", "https"),
        text("url.path", &format!("/api/orders/{n}")),
        text("http.route", "/api/orders/{id}"),
        int("http.response.status_code", 200),
        text("server.address", "shop.example"),
        int("server.port", 443),
        text("network.protocol.version", "1.1"),
        text("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)"),
        text("client.address", "203.0.113.7"),
        text("thread.name", "worker-3"),
        int("thread.id", 17),
    ];
    ("opentelemetry.instrumentation.flask", attributes)
}

fn message(role: &str, said: &str) -> Json {
    json!({"role": role, "parts": [{"type": "text", "content": said}]})
}

fn call(n: usize, input: &Json, output: &Json) -> Attributes {
    vec![
        text("gen_ai.operation.name", "chat"),
        text("gen_ai.provider.name", "openai"),
        text("gen_ai.request.model", "gpt-4o"),
        text("gen_ai.response.model", "gpt-4o-2024-08-06"),
        text("gen_ai.response.id", &format!("chatcmpl-{n:024x}")),
        float("gen_ai.request.temperature", 0.2),
        int("gen_ai.request.max_tokens", 1024),
        attribute(
            "gen_ai.response.finish_reasons",
            any_value::Value::ArrayValue(opentelemetry_proto::tonic::common::v1::ArrayValue {
                values: vec![AnyValue { value: Some(any_value::Value::StringValue("stop".to_owned())) }],
            }),
        ),
        int("gen_ai.usage.input_tokens", 200 + n % 50),
        int("gen_ai.usage.output_tokens", 80 + n % 20),
        int("gen_ai.usage.cache_read.input_tokens", 64),
        text("server.address", "api.openai.com"),
        int("server.port", 443),
        text("gen_ai.conversation.id", &format!("session-{}", n / 24)),
        json_of("gen_ai.system_instructions", &json!([{"type": "text", "content": words(1, 40)}])),
        json_of("gen_ai.input.messages", input),
        json_of("gen_ai.output.messages", output),
    ]
}

/// Chats of four dialects, a quarter each.
fn chat(n: usize) -> (&'static str, Attributes) {
    let (asked, answered) = (words(n, 60), words(n + 3, 120));
    let input = json!([message("user", &asked)]);
    let output =
        json!([{"role": "assistant", "finish_reason": "stop", "parts": [{"type": "text", "content": answered}]}]);
    match n % 4 {
        0 => ("opentelemetry.instrumentation.genai.openai", call(n, &input, &output)),
        1 => {
            let mut attributes = call(n, &input, &output);
            attributes.extend([text("telemetry.sdk.name", "openlit"), float("gen_ai.usage.cost", 0.0021)]);
            attributes.push(float("gen_ai.server.time_to_first_token", 0.0));
            ("openlit.instrumentation.openai", attributes)
        }
        2 => ("openinference.instrumentation.openai", openinference(n, &asked, &answered)),
        _ => ("opentelemetry.instrumentation.openai.v1", traceloop(n, &asked, &answered)),
    }
}

fn openinference(n: usize, asked: &str, answered: &str) -> Attributes {
    let request = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": asked}], "temperature": 0.2});
    let answer = json!({"id": format!("chatcmpl-{n:024x}"), "object": "chat.completion", "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": answered}}],
        "usage": {"prompt_tokens": 200, "completion_tokens": 80, "total_tokens": 280}});
    vec![
        text("openinference.span.kind", "LLM"),
        text("llm.system", "openai"),
        text("llm.model_name", "gpt-4o-2024-08-06"),
        json_of("llm.invocation_parameters", &json!({"model": "gpt-4o", "temperature": 0.2})),
        json_of("input.value", &request),
        text("input.mime_type", "application/json"),
        json_of("output.value", &answer),
        text("output.mime_type", "application/json"),
        text("llm.input_messages.0.message.role", "user"),
        text("llm.input_messages.0.message.content", asked),
        text("llm.output_messages.0.message.role", "assistant"),
        text("llm.output_messages.0.message.content", answered),
        int("llm.token_count.prompt", 200),
        int("llm.token_count.completion", 80),
        int("llm.token_count.total", 280),
        text("session.id", &format!("session-{}", n / 24)),
    ]
}

fn traceloop(n: usize, asked: &str, answered: &str) -> Attributes {
    vec![
        text("llm.request.type", "chat"),
        text("gen_ai.system", "openai"),
        text("gen_ai.request.model", "gpt-4o"),
        text("gen_ai.response.model", "gpt-4o-2024-08-06"),
        text("gen_ai.response.id", &format!("chatcmpl-{n:024x}")),
        float("gen_ai.request.temperature", 0.2),
        text("gen_ai.prompt.0.role", "user"),
        text("gen_ai.prompt.0.content", asked),
        text("gen_ai.completion.0.role", "assistant"),
        text("gen_ai.completion.0.content", answered),
        text("gen_ai.completion.0.finish_reason", "stop"),
        int("gen_ai.usage.input_tokens", 200),
        int("gen_ai.usage.output_tokens", 80),
        int("llm.usage.total_tokens", 280),
        text("traceloop.workflow.name", "answer"),
        text("traceloop.association.properties.session_id", &format!("session-{}", n / 24)),
    ]
}

/// Of four spans: the embedding of a question, the search, the application's own step, the answer from long passages.
fn rag(n: usize) -> (&'static str, Attributes) {
    const SCOPE: &str = "opentelemetry.instrumentation.genai.openai";
    let asked = words(n, 20);
    match n % 4 {
        0 => {
            let attributes = vec![
                text("gen_ai.operation.name", "embeddings"),
                text("gen_ai.provider.name", "openai"),
                text("gen_ai.request.model", "text-embedding-3-small"),
                int("gen_ai.usage.input_tokens", 12),
                int("gen_ai.embeddings.dimension.count", 1536),
                json_of("gen_ai.input.messages", &json!([message("user", &asked)])),
            ];
            (SCOPE, attributes)
        }
        1 => {
            let passages: Vec<Json> = (0..8).map(|at| json!({"id": at, "content": words(n + at, 150)})).collect();
            let attributes = vec![
                text("db.system.name", "qdrant"),
                text("db.operation.name", "search"),
                text("db.collection.name", "handbook"),
                int("db.vector.query.top_k", 8),
                text("server.address", "qdrant"),
                json_of("gen_ai.retrieval.documents", &Json::Array(passages)),
            ];
            ("opentelemetry.instrumentation.qdrant", attributes)
        }
        2 => plain(n),
        _ => {
            let passages: Vec<String> = (0..8).map(|at| words(n + at, 150)).collect();
            let input = json!([message("user", &format!("{}\n\n{asked}", passages.join("\n---\n")))]);
            let output = json!([message("assistant", &words(n + 5, 150))]);
            (SCOPE, call(n, &input, &output))
        }
    }
}

/// A run of calls, each with everything that was said before: tool calls, results, answers.
fn agent(n: usize) -> (&'static str, Attributes) {
    let history: Vec<Json> = (0..n % STEPS).flat_map(|step| turn(n / STEPS * STEPS + step)).collect();
    let mut input = vec![message("user", &words(n / STEPS, 80))];
    input.extend(history);
    let mut attributes = call(n, &Json::Array(input), &json!([asks(n)]));
    let tools: Vec<Json> = ["search", "read", "write", "run"]
        .iter()
        .map(|name| {
            json!({"type": "function", "name": name, "description": words(3, 30), "parameters": {"type": "object",
                "properties": {"path": {"type": "string"}, "query": {"type": "string", "description": words(4, 12)}}}})
        })
        .collect();
    attributes.push(json_of("gen_ai.tool.definitions", &Json::Array(tools)));
    ("opentelemetry.instrumentation.genai.openai", attributes)
}

fn turn(n: usize) -> [Json; 2] {
    let answer = json!({"type": "tool_call_response", "id": format!("call_{n}"), "response": words(n + 1, 160)});
    [asks(n), json!({"role": "tool", "parts": [answer]})]
}

fn asks(n: usize) -> Json {
    let call = json!({"type": "tool_call", "id": format!("call_{n}"), "name": "search",
        "arguments": {"path": "C:\\docs", "query": words(n, 12)}});
    json!({"role": "assistant", "finish_reason": "tool_call", "parts": [{"type": "text", "content": words(n, 40)}, call]})
}
