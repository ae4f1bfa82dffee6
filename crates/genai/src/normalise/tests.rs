//! Whole spans, the rules that no single module shows.

use std::sync::Arc;

use pellucid_model::{Attributes, Flags, RawEvent, Resource, Scope, SpanId, TraceId, UsageSource, Value};

use super::*;

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn map(entries: &[(&str, Value)]) -> Attributes {
    entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

fn raw(scope: &str, name: &str, attributes: &[(&str, Value)]) -> RawSpan {
    RawSpan {
        resource: Arc::new(Resource { attributes: map(&[("service.name", text("shop"))]) }),
        scope: Arc::new(Scope { name: scope.to_owned(), ..Scope::default() }),
        trace_id: TraceId::from_bytes(&[1; 16]).expect("a trace id"),
        span_id: SpanId::from_bytes(&[2; 8]).expect("a span id"),
        parent_span_id: None,
        name: name.to_owned(),
        kind: SpanKind::Client,
        start: Timestamp::from_nanos(1_000_000_000),
        end: Timestamp::from_nanos(2_000_000_000),
        attributes: map(attributes),
        events: Vec::new(),
        links: Vec::new(),
        status: RawStatus::Unset,
        status_message: String::new(),
        dropped_attributes: 0,
        flags: Flags::default(),
    }
}

fn canonical(raw: RawSpan) -> Span {
    normalise(&ProjectId::default(), Timestamp::ZERO, raw)
}

#[test]
fn openlit_fillers_are_nothing_and_real_values_stay() {
    let span = canonical(raw(
        "openlit.instrumentation.openai",
        "chat moonshot-v1-8k",
        &[
            ("gen_ai.operation.name", text("chat")),
            ("gen_ai.provider.name", text("openai")),
            ("gen_ai.request.model", text("moonshot-v1-8k")),
            ("gen_ai.request.temperature", Value::Double(0.3)),
            ("gen_ai.request.top_p", Value::Double(1.0)),
            ("gen_ai.request.seed", Value::Int(0)),
            ("gen_ai.request.max_tokens", Value::Int(-1)),
            ("gen_ai.request.user", text("")),
            ("gen_ai.request.stream", Value::Bool(false)),
            ("gen_ai.server.time_to_first_token", Value::Double(0.9)),
            ("gen_ai.usage.cost", Value::Int(0)),
            ("gen_ai.usage.input_tokens", Value::Int(26)),
            ("gen_ai.usage.output_tokens", Value::Int(23)),
            ("gen_ai.usage.cache_read.input_tokens", Value::Int(0)),
        ],
    ));
    assert_eq!(span.dialects, ["openlit", "otel_genai"]);
    assert_eq!((span.params.temperature, span.params.top_p), (Some(0.3), None));
    assert_eq!((span.params.seed, span.params.max_tokens), (None, None));
    assert_eq!((span.ttft_ns, span.reported_cost, span.who.user_id), (None, None, None));
    assert_eq!((span.usage.total, span.usage.cache_read), (Some(49), None));
    assert_eq!((span.provider.as_deref(), span.provider_raw.as_deref()), (Some("moonshot_ai"), Some("openai")));
    assert_eq!((span.kind, span.counts), (Kind::Llm, true));
}

#[test]
fn a_plain_http_span_is_a_plain_span() {
    let span =
        canonical(raw("opentelemetry.instrumentation.flask", "POST /ask", &[("http.status_code", Value::Int(200))]));
    assert_eq!((span.kind, span.counts, span.operation, span.provider), (Kind::Span, false, None, None));
    assert!(span.dialects.is_empty());
    assert_eq!(span.http_status_code, Some(200));
    assert_eq!(span.who.app_name.as_deref(), Some("shop"));
}

#[test]
fn kinds_follow_the_operation_then_the_keys() {
    let kind = |attributes: &[(&str, Value)]| canonical(raw("x", "x", attributes)).kind;
    assert_eq!(kind(&[("gen_ai.operation.name", text("execute_tool")), ("gen_ai.tool.name", text("f"))]), Kind::Tool);
    assert_eq!(kind(&[("mcp.method.name", text("tools/call"))]), Kind::Tool);
    assert_eq!(kind(&[("mcp.method.name", text("tools/list"))]), Kind::Mcp);
    assert_eq!(kind(&[("mcp.method.name", text("notifications/x"))]), Kind::Mcp);
    assert_eq!(kind(&[("db.system", text("Qdrant"))]), Kind::VectorDb);
    assert_eq!(kind(&[("db.system", text("postgresql"))]), Kind::Span);
    assert_eq!(kind(&[("gen_ai.request.model", text("gpt-4o"))]), Kind::Span);
    assert_eq!(
        kind(&[("gen_ai.request.model", text("gpt-4o")), ("gen_ai.usage.input_tokens", Value::Int(1))]),
        Kind::Llm
    );
    assert_eq!(kind(&[("gen_ai.operation.name", text("search_memory"))]), Kind::Memory);
}

#[test]
fn an_exception_is_an_error_unless_the_sender_says_otherwise() {
    let exception = RawEvent {
        name: "exception".into(),
        attributes: map(&[("exception.type", text("E")), ("exception.message", text("Error code: 429 - x"))]),
        ..RawEvent::default()
    };
    let chat = [("gen_ai.operation.name", text("chat"))];
    let failed = canonical(RawSpan { events: vec![exception.clone()], ..raw("x", "chat", &chat) });
    assert_eq!((failed.status, failed.error_type.as_deref()), (Status::Error, Some("E")));
    assert_eq!(failed.http_status_code, Some(429));
    let fine = canonical(RawSpan { events: vec![exception], status: RawStatus::Ok, ..raw("x", "chat", &chat) });
    assert_eq!((fine.status, fine.error_type), (Status::Ok, None));
}

#[test]
fn the_time_to_the_first_token_is_before_the_end() {
    assert_eq!(plausible_ttft(500, 1_000_000_000), Some(500));
    // Milliseconds taken for seconds.
    assert_eq!(plausible_ttft(250_000_000_000, 1_000_000_000), Some(250_000_000));
    assert_eq!(plausible_ttft(i64::MAX, 1_000), None);
    assert_eq!(plausible_ttft(1_000_000, 0), Some(1_000_000));
}

#[test]
fn dropped_attributes_are_told() {
    let span = canonical(RawSpan { dropped_attributes: 3, ..raw("x", "chat", &[("gen_ai.system", text("openai"))]) });
    assert!(span.content.truncated);
}

#[test]
fn a_guess_of_half_of_the_characters_is_an_estimate() {
    let messages = r#"[{"role":"user","parts":[{"type":"text","content":"async stream hello"}]}]"#;
    let answer = r#"[{"role":"assistant","parts":[{"type":"text","content":"abcde"}]}]"#;
    let with = |output: i64, more: &[(&str, Value)]| {
        let mut attributes = vec![
            ("gen_ai.operation.name", text("chat")),
            ("gen_ai.provider.name", text("openai")),
            ("gen_ai.request.stream", Value::Bool(true)),
            ("gen_ai.input.messages", text(messages)),
            ("gen_ai.output.messages", text(answer)),
            ("gen_ai.usage.input_tokens", Value::Int(12)),
            ("gen_ai.usage.output_tokens", Value::Int(output)),
        ];
        attributes.extend_from_slice(more);
        canonical(raw("openlit.instrumentation.openai", "chat gpt-4o", &attributes)).usage.source
    };
    let told = [("gen_ai.usage.cache_read.input_tokens", Value::Int(0))];
    assert_eq!(with(3, &told), Some(UsageSource::Estimated));
    assert_eq!(with(4, &told), Some(UsageSource::Reported));
    // Without texts to count, the keys that only a told usage brings give it away.
    assert_eq!(with(4, &[]), Some(UsageSource::Estimated));
}

#[test]
fn a_row_normalised_again_is_the_same_row() {
    let span = canonical(raw(
        "opentelemetry.instrumentation.genai.openai",
        "chat gpt-4o",
        &[
            ("gen_ai.operation.name", text("chat")),
            ("gen_ai.provider.name", text("openai")),
            ("gen_ai.input.messages", text(r#"[{"role":"system","parts":[{"type":"text","content":"Be br"#)),
            ("gen_ai.usage.input_tokens", text("12")),
        ],
    ));
    assert!(span.content.truncated);
    assert_eq!(renormalise(&span), span);
}
