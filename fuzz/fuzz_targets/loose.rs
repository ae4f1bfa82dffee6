//! Arbitrary text where data is expected, JSON or a Python literal: what is JSON stays what it says, and what was read is
//! JSON, so that reading it again changes nothing.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pellucid_genai::normalise;
use pellucid_model::{ProjectId, RawSpan, RawStatus, SpanId, SpanKind, Timestamp, TraceId, Value};
use serde_json::Value as Json;

fn read(text: &str) -> Option<String> {
    let pair = |key: &str, value: &str| (key.to_owned(), Value::Str(value.to_owned()));
    let raw = RawSpan {
        resource: Arc::default(),
        scope: Arc::default(),
        trace_id: TraceId::from_bytes(&[1; 16]).ok()?,
        span_id: SpanId::from_bytes(&[1; 8]).ok()?,
        parent_span_id: None,
        name: "tool".to_owned(),
        kind: SpanKind::Internal,
        start: Timestamp::from_nanos(1),
        end: Timestamp::from_nanos(2),
        attributes: [
            pair("gen_ai.operation.name", "execute_tool"),
            pair("gen_ai.tool.name", "f"),
            pair("gen_ai.tool.call.arguments", text),
        ]
        .into_iter()
        .collect(),
        events: Vec::new(),
        links: Vec::new(),
        status: RawStatus::Unset,
        status_message: String::new(),
        dropped_attributes: 0,
    };
    normalise(&ProjectId::default(), Timestamp::ZERO, raw).tool.arguments
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
    let once = read(text);
    if let Ok(json @ (Json::Array(_) | Json::Object(_))) = serde_json::from_str::<Json>(text) {
        let read = once.as_deref().map(serde_json::from_str::<Json>);
        let Some(Ok(read)) = read else { panic!("{json} became {once:?}") };
        assert_eq!(rounded(read), rounded(json));
    }
    if let Some(data) = once.as_deref().filter(|data| data.starts_with(['{', '[']))
        && let Ok(json) = serde_json::from_str::<Json>(data)
    {
        let again = read(data).and_then(|again| serde_json::from_str::<Json>(&again).ok());
        assert_eq!(again.map(rounded), Some(rounded(json)));
    }
});
