//! Both decoders against `opentelemetry-proto`: random requests, and captures of real SDKs cut at every byte.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use pellucid_model::{RawPointValue, Value};
use proptest::prelude::*;
use prost::Message as _;
use serde_json::json;

use super::*;

const EXPONENTIAL: &[u8] = include_bytes!("../testdata/exponential-histogram.pb");
const LOGS_JSON: &[u8] = include_bytes!("../testdata/transport-logs.json");
const METRICS_JSON: &[u8] = include_bytes!("../testdata/transport-metrics.json");

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1.0e12..1.0e12_f64).prop_map(Value::Double),
        ".{0,12}".prop_map(Value::Str),
    ]
}

fn to_prost(value: &Value) -> AnyValue {
    let arm = match value {
        Value::Bool(truth) => any_value::Value::BoolValue(*truth),
        Value::Int(number) => any_value::Value::IntValue(*number),
        Value::Double(number) => any_value::Value::DoubleValue(*number),
        other => any_value::Value::StringValue(other.as_str().unwrap_or_default().to_owned()),
    };
    AnyValue { value: Some(arm) }
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(truth) => json!({ "boolValue": truth }),
        Value::Int(number) => json!({ "intValue": number.to_string() }),
        Value::Double(number) => json!({ "doubleValue": number.to_string() }),
        other => json!({ "stringValue": other.as_str() }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

proptest! {
    #[test]
    fn random_spans_decode_to_what_was_encoded_and_alike_from_json(
        trace in any::<[u8; 16]>().prop_filter("not zero", |id| id != &[0; 16]),
        span in any::<[u8; 8]>().prop_filter("not zero", |id| id != &[0; 8]),
        name in ".{0,20}",
        start in 1_600_000_000_000_000_000_u64..1_900_000_000_000_000_000,
        attributes in proptest::collection::vec(("[a-z.]{1,10}", scalar()), 0..8),
    ) {
        let sent = Span {
            trace_id: trace.to_vec(),
            span_id: span.to_vec(),
            name: name.clone(),
            start_time_unix_nano: start,
            attributes: attributes
                .iter()
                .map(|(key, value)| KeyValue { key: key.clone(), value: Some(to_prost(value)), ..Default::default() })
                .collect(),
            ..Default::default()
        };
        let scopes = vec![ScopeSpans { spans: vec![sent], ..Default::default() }];
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans { scope_spans: scopes, ..Default::default() }],
        };
        let ours = decode(Signal::Traces, Encoding::Protobuf, &request.encode_to_vec()).expect("decodes");
        prop_assert_eq!(ours.spans.len(), 1);
        prop_assert_eq!(ours.spans[0].trace_id.as_bytes(), &trace);
        prop_assert_eq!(ours.spans[0].span_id.as_bytes(), &span);
        prop_assert_eq!(&ours.spans[0].name, &name);
        prop_assert_eq!(ours.spans[0].start.as_nanos() as u64, start);
        prop_assert_eq!(&ours.spans[0].attributes, &attributes.iter().cloned().collect());

        let list: Vec<_> =
            attributes.iter().map(|(key, value)| json!({ "key": key, "value": to_json(value) })).collect();
        let body = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [{
            "traceId": hex(&trace), "spanId": hex(&span), "name": name,
            "startTimeUnixNano": start.to_string(), "attributes": list,
        }] }] }] });
        let from_json = decode(Signal::Traces, Encoding::Json, body.to_string().as_bytes()).expect("decodes");
        prop_assert_eq!(ours, from_json);
    }
}

#[test]
fn captures_of_metrics_and_logs_decode_whole_and_cut_anywhere_without_panic() {
    let captures = [
        (Signal::Metrics, Encoding::Protobuf, EXPONENTIAL),
        (Signal::Logs, Encoding::Json, LOGS_JSON),
        (Signal::Metrics, Encoding::Json, METRICS_JSON),
    ];
    for (signal, encoding, body) in captures {
        let whole = decode(signal, encoding, body).expect("a real capture decodes");
        assert!(whole.logs.len() + whole.points.len() > 0, "{signal:?} {encoding:?}");
        assert_eq!(whole.rejects.count, 0);
        for end in 0..body.len() {
            drop(decode(signal, encoding, &body[..end]));
        }
    }
    let points = decode(Signal::Metrics, Encoding::Protobuf, EXPONENTIAL).expect("decodes").points;
    assert!(points.iter().any(|point| matches!(point.value, RawPointValue::ExponentialHistogram { .. })));
}

#[test]
fn numbers_as_text_keep_every_digit() {
    let ids = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#;
    let start = |text: &str| {
        let body =
            format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{ids},"startTimeUnixNano":"{text}"}}]}}]}}]}}"#);
        let decoded = decode(Signal::Traces, Encoding::Json, body.as_bytes()).expect("the rest can be read");
        assert_eq!(decoded.rejects.count, 0, "{text}");
        let start = decoded.spans[0].start.as_nanos();
        if decoded.rejects.reasons.is_empty() { Ok(start) } else { Err((start, decoded.rejects.message())) }
    };
    for text in ["1758000000123456789", " 1758000000123456789.0", "1.758000000123456789e18", "1758000000123456789.9"] {
        assert_eq!(start(text), Ok(1_758_000_000_123_456_789), "{text}");
    }
    assert_eq!(start("0.0"), Ok(0));
    assert_eq!(start("5e-1"), Ok(0));
    for text in ["1e999999999", "1e2147483648", "e5", "NaN", "1.2.3"] {
        let (kept, told) = start(text).expect_err(text);
        assert!(kept == 0 && told.contains("startTimeUnixNano"), "{text}: {told}");
    }
}
