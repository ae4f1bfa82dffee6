//! Which records are calls, and that they are the same row whenever they come.

use pellucid_model::{Attributes, Kind, Resource, Scope, Status, UsageSource};

use super::*;

fn log(scope: &str, seconds: i64, entries: &[(&str, Value)]) -> RawLog {
    RawLog {
        resource: Arc::new(Resource::default()),
        scope: Arc::new(Scope { name: scope.to_owned(), ..Scope::default() }),
        time: Timestamp::from_nanos(seconds * 1_000_000_000),
        observed_time: Timestamp::ZERO,
        severity_number: 0,
        severity_text: String::new(),
        event_name: String::new(),
        body: Value::Null,
        attributes: entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect::<Attributes>(),
        trace_id: None,
        span_id: None,
    }
}

fn says(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn claude(seconds: i64, event: &str, more: &[(&str, Value)]) -> RawLog {
    let mut entries = vec![
        ("event.name", says(event)),
        ("session.id", says("s")),
        ("prompt.id", says("p")),
        ("model", says("claude-sonnet-4-5")),
        ("duration_ms", Value::Int(250)),
    ];
    entries.extend(more.iter().cloned());
    log("com.anthropic.claude_code.events", seconds, &entries)
}

fn request(seconds: i64) -> RawLog {
    claude(
        seconds,
        "api_request",
        &[
            ("input_tokens", Value::Int(207)),
            ("output_tokens", Value::Int(43)),
            ("cache_read_tokens", Value::Int(65)),
            ("cache_creation_tokens", says("17")),
            ("cost_usd", Value::Double(0.00134925)),
            ("request_id", says("req_1")),
        ],
    )
}

fn codex(seconds: i64, event: &str, more: &[(&str, Value)]) -> RawLog {
    let mut entries = vec![("event.name", says(event)), ("conversation.id", says("c")), ("model", says("gpt-5-codex"))];
    entries.extend(more.iter().cloned());
    log("codex_otel.log_only", seconds, &entries)
}

fn completed(seconds: i64) -> RawLog {
    let count = |number: &str| says(number);
    codex(
        seconds,
        "codex.sse_event",
        &[
            ("event.kind", says("response.completed")),
            ("input_token_count", count("207")),
            ("output_token_count", count("52")),
            ("cached_token_count", Value::Int(65)),
            ("reasoning_token_count", Value::Int(9)),
            ("tool_token_count", count("259")),
        ],
    )
}

fn calls(logs: &[RawLog]) -> Vec<Span> {
    calls_in_logs(&ProjectId::default(), Timestamp::ZERO, logs)
}

#[test]
fn claude_codes_numbers_are_the_providers() {
    let rows = calls(&[claude(9, "user_prompt", &[]), request(10)]);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.source, row.kind, row.counts), (SpanSource::Log, Kind::Llm, true));
    assert_eq!((row.usage.input, row.usage.output, row.usage.total), (Some(289), Some(43), Some(332)));
    assert_eq!((row.usage.cache_read, row.usage.cache_write), (Some(65), Some(17)));
    assert_eq!(row.usage.source, Some(UsageSource::Reported));
    assert_eq!(row.duration_ns(), 250_000_000);
    assert_eq!(row.response_model.as_deref(), Some("claude-sonnet-4-5"));
    assert_eq!((row.provider.as_deref(), row.who.session_id.as_deref()), (Some("anthropic"), Some("s")));
    assert_eq!(row.response_id.as_deref(), Some("req_1"));
    assert!(row.reported_cost.is_some());
}

#[test]
fn a_failed_request_is_a_failed_call() {
    let failed = claude(10, "api_error", &[("error", says("Rate limit reached")), ("status_code", says("429"))]);
    let rows = calls(&[failed]);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.status, row.http_status_code), (Status::Error, Some(429)));
    assert_eq!(row.error_message.as_deref(), Some("Rate limit reached"));
    assert_eq!((row.request_model.as_deref(), row.response_model.as_deref()), (Some("claude-sonnet-4-5"), None));
    assert_eq!(row.usage.input, None);
}

#[test]
fn sent_again_it_is_the_same_row_and_another_call_is_another() {
    let (one, other) = (calls(&[request(10)]), calls(&[request(11)]));
    assert_eq!(one, calls(&[request(10)]));
    assert_eq!(one[0].trace_id, other[0].trace_id);
    assert_ne!(one[0].span_id, other[0].span_id);
    let mut shuffled = request(10);
    shuffled.attributes =
        shuffled.attributes.iter().rev().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    assert_eq!(calls(&[shuffled])[0].span_id, one[0].span_id);
}

#[test]
fn who_traces_has_spans() {
    let traced = |mut log: RawLog| {
        log.trace_id = TraceId::from_bytes(&[7; 16]).ok();
        log
    };
    assert_eq!(calls(&[traced(request(10))]), []);
    let first = codex(1, "codex.user_prompt", &[]);
    assert_eq!(calls(&[first.clone(), completed(2)]).len(), 1);
    assert_eq!(calls(&[traced(first), completed(2)]), []);
}

#[test]
fn of_codexs_many_records_one_is_the_call() {
    let rows = calls(&[
        codex(1, "codex.api_request", &[("http.response.status_code", Value::Int(200))]),
        codex(2, "codex.sse_event", &[("event.kind", says("response.completed"))]),
        completed(3),
        codex(4, "codex.api_request", &[("http.response.status_code", says("429"))]),
    ]);
    let [row, failed] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.usage.input, row.usage.output, row.usage.reasoning), (Some(207), Some(52), Some(9)));
    assert_eq!((row.request_model.as_deref(), row.who.session_id.as_deref()), (Some("gpt-5-codex"), Some("c")));
    assert_eq!((failed.kind, failed.status, failed.http_status_code), (Kind::Llm, Status::Error, Some(429)));
}

#[test]
fn geminis_thoughts_are_added_by_the_total() {
    let sent = log(
        "gemini-cli",
        5,
        &[
            ("event.name", says("gemini_cli.api_response")),
            ("session.id", says("s")),
            ("model", says("gemini-2.5-flash-001")),
            ("duration_ms", Value::Int(202)),
            ("input_token_count", Value::Int(207)),
            ("output_token_count", Value::Int(43)),
            ("cached_content_token_count", Value::Int(65)),
            ("thoughts_token_count", Value::Int(5)),
            ("total_token_count", Value::Int(255)),
            ("finish_reasons", Value::Array(vec![says("stop"), says("stop")])),
        ],
    );
    let rows = calls(&[sent]);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.usage.input, row.usage.output, row.usage.total), (Some(207), Some(48), Some(255)));
    assert_eq!(row.provider.as_deref(), Some("gcp.gemini"));
    assert_eq!(row.response_model.as_deref(), Some("gemini-2.5-flash-001"));
}
