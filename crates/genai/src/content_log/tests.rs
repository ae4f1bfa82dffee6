//! Records that join their spans: in any order, again and again, and never against what the span says.

use pellucid_model::{Timestamp, UsageSource};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{priced, texts};

fn enrich(row: &PricedSpan, logs: &[Arc<RawLog>]) -> Option<PricedSpan> {
    super::enrich(PriceBook::bundled(), row, logs)
}

fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Double(number.as_f64().unwrap_or(0.0)), Value::Int)
        }
        Json::String(text) => Value::Str(text),
        Json::Array(items) => Value::Array(items.into_iter().map(value).collect()),
        Json::Object(map) => Value::Map(map.into_iter().map(|(key, json)| (key, value(json))).collect()),
    }
}

fn log(time: i64, name: &str, body: Json, attributes: Json) -> Arc<RawLog> {
    let Value::Map(attributes) = value(attributes) else { panic!("attributes are an object") };
    Arc::new(RawLog {
        resource: Arc::default(),
        scope: Arc::default(),
        time: Timestamp::from_nanos(time),
        observed_time: Timestamp::ZERO,
        severity_number: 0,
        severity_text: String::new(),
        event_name: name.to_owned(),
        body: value(body),
        attributes,
        trace_id: None,
        span_id: None,
    })
}

fn chat(more: &[(&str, &str)]) -> PricedSpan {
    let mut words =
        vec![("gen_ai.operation.name", "chat"), ("gen_ai.system", "openai"), ("gen_ai.request.model", "gpt-4o")];
    words.extend(more);
    priced(1, None, &texts(&words))
}

fn conversation() -> Vec<Arc<RawLog>> {
    vec![
        log(1, "gen_ai.system.message", json!({"content": "Be brief."}), json!({"gen_ai.system": "openai"})),
        log(2, "gen_ai.user.message", json!({"content": "Weather?"}), json!({})),
        log(
            3,
            "gen_ai.assistant.message",
            json!({"tool_calls": [{"id": "c", "type": "function", "function": {"name": "w", "arguments": "{}"}}]}),
            json!({}),
        ),
        log(4, "gen_ai.tool.message", json!({"content": "18°C", "id": "c"}), json!({})),
        log(
            5,
            "gen_ai.choice",
            json!({"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Sunny."}}),
            json!({}),
        ),
    ]
}

#[test]
fn message_events_become_messages() {
    let row = enrich(&chat(&[]), &conversation()).expect("something is added");
    let content = &row.span.content;
    assert_eq!(content.system_instructions, Some(json!([{"type": "text", "content": "Be brief."}]).into()));
    assert_eq!(
        content.input_messages,
        Some(
            json!([
                {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]},
                {"role": "assistant", "parts": [{"type": "tool_call", "id": "c", "name": "w", "arguments": {}}]},
                {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "18°C"}]},
            ])
            .into()
        )
    );
    assert_eq!(
        content.output_messages,
        Some(
            json!([{"role": "assistant", "parts": [{"type": "text", "content": "Sunny."}], "finish_reason": "stop"}])
                .into()
        )
    );
    assert_eq!(content.finish_reasons, ["stop"]);
}

#[test]
fn details_fill_gaps_and_overwrite_nothing() {
    let details = log(
        1,
        DETAILS_EVENT,
        Json::Null,
        json!({
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "another", "gen_ai.response.id": "r-1",
            "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5,
            "gen_ai.tool.definitions": [{"type": "function", "name": "w"}],
            "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "text", "content": "Hi"}], "finish_reason": "stop"}],
        }),
    );
    let row = enrich(&chat(&[]), &[details]).expect("something is added");
    assert_eq!(row.span.request_model.as_deref(), Some("gpt-4o"));
    assert_eq!(row.span.response_id.as_deref(), Some("r-1"));
    assert_eq!((row.span.usage.total, row.span.usage.source), (Some(15), Some(UsageSource::Reported)));
    assert!(row.cost.total.is_some(), "priced again");
    assert_eq!(row.span.content.tool_definitions, Some(json!([{"type": "function", "name": "w"}]).into()));
}

#[test]
fn a_record_of_another_answer_is_not_ours() {
    let details = log(
        1,
        DETAILS_EVENT,
        Json::Null,
        json!({"gen_ai.operation.name": "chat", "gen_ai.response.id": "other", "gen_ai.usage.input_tokens": 10}),
    );
    assert_eq!(enrich(&chat(&[("gen_ai.response.id", "mine")]), &[details]), None);
}

#[test]
fn a_cut_text_is_replaced_by_the_whole_one() {
    let row = chat(&[(
        "gen_ai.input.messages",
        "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"What is the ca",
    )]);
    assert!(row.span.content.truncated);
    let whole = json!([{"role": "user", "parts": [{"type": "text", "content": "What is the capital?"}]}]);
    let details =
        log(1, DETAILS_EVENT, Json::Null, json!({"gen_ai.operation.name": "chat", "gen_ai.input.messages": whole}));
    let enriched = enrich(&row, &[Arc::clone(&details)]).expect("the whole text");
    assert_eq!(enriched.span.content.input_messages, Some(whole.into()));
    assert!(!enriched.span.content.truncated);
    assert_eq!(enrich(&enriched, &[details]), None);
}

#[test]
fn an_exception_record_is_a_failure() {
    let exception = log(
        1,
        EXCEPTION_EVENT,
        Json::Null,
        json!({"exception.type": "RateLimitError", "exception.message": "Error code: 429 - no"}),
    );
    let row = enrich(&chat(&[]), &[exception]).expect("a failure");
    assert_eq!((row.span.status, row.span.http_status_code), (Status::Error, Some(429)));
    assert_eq!(row.span.error_type.as_deref(), Some("RateLimitError"));
}

#[test]
fn nothing_to_add_is_nothing() {
    assert_eq!(enrich(&chat(&[]), &[]), None);
}

proptest! {
    #[test]
    fn order_repetition_and_arrival_one_by_one_change_nothing(order in Just(conversation()).prop_shuffle(), cut in 0_usize..6) {
        let row = chat(&[]);
        let all = enrich(&row, &conversation());
        prop_assert_eq!(&enrich(&row, &order), &all);
        let twice: Vec<_> = order.iter().chain(&order).cloned().collect();
        prop_assert_eq!(&enrich(&row, &twice), &all);
        let first = enrich(&row, &order[..cut.min(order.len())]).unwrap_or_else(|| row.clone());
        let then = enrich(&first, &order).unwrap_or(first);
        prop_assert_eq!(Some(&then), all.as_ref());
        prop_assert_eq!(enrich(&then, &order), None);
    }
}
