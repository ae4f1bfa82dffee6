//! Tolerances of both decoders, and their agreement.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use pellucid_model::{Flag, RawPointValue, RawSpan, SpanKind, Value};
use proptest::prelude::*;
use prost::Message as _;

use super::*;

const CAPTURE: &[u8] = include_bytes!("../testdata/openlit-flask.pb");

fn json_span(span: &str) -> Result<Decoded, DecodeError> {
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    decode(Signal::Traces, Encoding::Json, body.as_bytes())
}

fn one(span: &str) -> RawSpan {
    json_span(span).expect("decodes").spans.remove(0)
}

const IDS: &str = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#;

#[test]
fn a_real_capture_agrees_with_prost() {
    let reference = ExportTraceServiceRequest::decode(CAPTURE).expect("prost reads it");
    let decoded = decode(Signal::Traces, Encoding::Protobuf, CAPTURE).expect("we read it");
    let spans: Vec<_> =
        reference.resource_spans.iter().flat_map(|r| &r.scope_spans).flat_map(|scope| &scope.spans).collect();
    assert_eq!(decoded.spans.len(), spans.len());
    assert!(!spans.is_empty());
    for (ours, theirs) in decoded.spans.iter().zip(spans) {
        assert_eq!(ours.trace_id.as_bytes().as_slice(), theirs.trace_id);
        assert_eq!(ours.name, theirs.name);
        assert_eq!(ours.start.as_nanos() as u64, theirs.start_time_unix_nano);
        assert_eq!(ours.attributes.len(), theirs.attributes.len());
        assert_eq!(ours.events.len(), theirs.events.len());
    }
}

#[test]
fn a_cut_body_is_an_error_or_a_shorter_answer_but_never_a_panic() {
    for end in 0..CAPTURE.len().min(20_000) {
        drop(decode(Signal::Traces, Encoding::Protobuf, &CAPTURE[..end]));
    }
    assert!(decode(Signal::Traces, Encoding::Protobuf, &CAPTURE[..CAPTURE.len() - 1]).is_err());
}

#[test]
fn ids_come_in_hex_of_either_case_base64_and_uuid_form() {
    let hex = one(&format!("{{{IDS}}}"));
    for ids in [
        r#""traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174""#,
        r#""trace_id":"5b8efff7-9803-8103-d269-b633813fc60c","span_id":"eee19b7ec3c1b174""#,
        r#""traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ=""#,
    ] {
        assert_eq!(one(&format!("{{{ids}}}")).trace_id, hex.trace_id, "{ids}");
    }
    let short = one(r#"{"traceId":"d269b633813fc60c","spanId":"eee19b7ec3c1b174"}"#);
    assert_eq!(short.trace_id.to_string(), "0000000000000000d269b633813fc60c");
}

#[test]
fn a_bad_id_costs_its_span_alone() {
    let bad = [
        r#"{"traceId":"","spanId":"eee19b7ec3c1b174"}"#,
        r#"{"traceId":"00000000000000000000000000000000","spanId":"eee19b7ec3c1b174"}"#,
        r#"{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"zz"}"#,
    ]
    .join(",");
    let decoded = json_span(&format!("{bad},{{{IDS}}}")).expect("decodes");
    assert_eq!((decoded.spans.len(), decoded.rejects.count), (1, 3));
    assert!(!success_body(Signal::Traces, Encoding::Protobuf, &decoded.rejects).is_empty());
}

#[test]
fn a_field_that_cannot_be_read_costs_itself_and_an_item_that_is_none_costs_itself() {
    let decoded = json_span(&format!(
        r#"{{{IDS},"name":"odd","status":"OK","attributes":[7,{{"key":"a","value":"bare"}},{{"key":"b","value":{{"stringValue":"kept"}}}}]}},17"#
    ))
    .expect("decodes");
    assert_eq!((decoded.spans.len(), decoded.rejects.count), (1, 1));
    assert_eq!(decoded.spans[0].attributes.get("a"), Some(&Value::Str("bare".into())));
    assert_eq!(decoded.spans[0].attributes.get("b"), Some(&Value::Str("kept".into())));
    let told = decoded.rejects.message();
    assert!(["spans", "status", "attributes"].iter().all(|field| told.contains(field)), "{told}");
}

#[test]
fn mended_times_are_flagged() {
    for (sent, flagged) in [
        ("1795485588", true),
        ("1795485588820", true),
        ("1795485588820014", true),
        ("1795485588820014123", false),
        ("0", false),
    ] {
        let span = one(&format!(r#"{{{IDS},"startTimeUnixNano":{sent}}}"#));
        assert_eq!(span.flags.contains(Flag::TimeUnit), flagged, "{sent}");
        assert_eq!(span.start.as_nanos() / 1_000_000_000, if sent == "0" { 0 } else { 1_795_485_588 }, "{sent}");
    }
}

#[test]
fn numbers_enums_and_values_are_read_as_clients_write_them() {
    let span = one(&format!(
        r#"{{{IDS},"kind":"SPAN_KIND_CLIENT","startTimeUnixNano":1795485588820014123,"endTimeUnixNano":"1795485588820014123",
        "status":null,"unknown":{{"a":[1]}},"attributes":[{{"key":"i","value":{{"intValue":"25"}}}},
        {{"key":"f","value":{{"intValue":25.0}}}},{{"key":"nan","value":{{"doubleValue":"NaN"}}}},
        {{"key":"empty","value":{{}}}},{{"key":"two","value":{{"intValue":1,"stringValue":"last"}}}},
        {{"key":"bytes","value":{{"bytesValue":"_-8"}}}},
        {{"key":"list","value":{{"arrayValue":{{"values":[{{"boolValue":true}},{{}}]}}}}}}]}}"#
    ));
    assert_eq!(span.kind, SpanKind::Client);
    assert_eq!(span.start, span.end);
    assert_eq!(span.start.as_nanos(), 1_795_485_588_820_014_123);
    assert_eq!(span.attributes.get("i"), Some(&Value::Int(25)));
    assert_eq!(span.attributes.get("f"), Some(&Value::Int(25)));
    assert!(matches!(span.attributes.get("nan"), Some(Value::Double(nan)) if nan.is_nan()));
    assert_eq!(span.attributes.get("empty"), Some(&Value::Null));
    assert_eq!(span.attributes.get("two"), Some(&Value::Str("last".into())));
    assert_eq!(span.attributes.get("bytes"), Some(&Value::Bytes(vec![0xff, 0xef])));
    assert_eq!(span.attributes.get("list"), Some(&Value::Array(vec![Value::Bool(true), Value::Null])));
}

#[test]
fn hand_written_clients_are_understood() {
    let span = one(&format!(r#"{{{IDS},"startTimeUnixNano":1795485588,"attributes":{{"a":1,"b":{{"c":["x"]}}}}}}"#));
    assert_eq!(span.start.as_nanos(), 1_795_485_588_000_000_000);
    assert_eq!(span.attributes.get("a"), Some(&Value::Int(1)));
    assert!(matches!(span.attributes.get("b"), Some(Value::Map(_))));
}

#[test]
fn lone_surrogates_and_byte_order_marks_are_mended() {
    assert_eq!(one(&format!(r#"{{{IDS},"name":"a\ud800b\ud83e\udd8a\\ud800"}}"#)).name, "a\u{fffd}b🦊\\ud800");
    let body = format!("\u{feff}{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{{{IDS}}}]}}]}}]}}");
    assert_eq!(decode(Signal::Traces, Encoding::Json, body.as_bytes()).map(|d| d.spans.len()), Ok(1));
}

#[test]
fn what_is_no_request_is_refused() {
    for body in ["", "[]", "null", "{\"a\":NaN}", "{", "\"x\"", "{\"resourceSpans\":[1]}"] {
        assert!(decode(Signal::Traces, Encoding::Json, body.as_bytes()).is_err(), "{body}");
    }
    assert!(decode(Signal::Traces, Encoding::Json, "[".repeat(1_000_000).as_bytes()).is_err());
    assert_eq!(decode(Signal::Traces, Encoding::Protobuf, b"").map(|d| d.spans.len()), Ok(0));
    for body in
        [&b"{\"resourceSpans\":[]}"[..], &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], &[0xff; 12]]
    {
        assert!(decode(Signal::Traces, Encoding::Protobuf, body).is_err(), "{body:?}");
    }
}

#[test]
fn nesting_is_bounded_in_both_encodings() {
    let mut value = Vec::new();
    for _ in 0..5_000 {
        let mut list = Vec::new();
        wire::put_bytes(&mut list, 1, &value);
        value = Vec::new();
        wire::put_bytes(&mut value, 5, &list);
    }
    let deep = wrap_value(&value);
    assert_eq!(decode(Signal::Traces, Encoding::Protobuf, &deep), Err(DecodeError::Protobuf(wire::WireError::Depth)));
}

/// Wraps an `AnyValue` into the attribute of a span of a request.
fn wrap_value(value: &[u8]) -> Vec<u8> {
    [2, 9, 2, 2, 1].into_iter().fold(value.to_vec(), |inner, number| {
        let mut outer = Vec::new();
        wire::put_bytes(&mut outer, number, &inner);
        outer
    })
}

#[test]
fn broken_utf8_is_replaced_and_groups_are_skipped() {
    let mut span = Vec::new();
    wire::put_bytes(&mut span, 1, &[1; 16]);
    wire::put_bytes(&mut span, 2, &[2; 8]);
    wire::put_bytes(&mut span, 5, b"a\xffb");
    span.extend_from_slice(&[0x9b, 0x06, 0x08, 0x01, 0x9c, 0x06]); // group 99 holding a varint
    let body = [2, 2, 1].into_iter().fold(span, |inner, number| {
        let mut outer = Vec::new();
        wire::put_bytes(&mut outer, number, &inner);
        outer
    });
    let decoded = decode(Signal::Traces, Encoding::Protobuf, &body).expect("decodes");
    assert_eq!(decoded.spans[0].name, "a\u{fffd}b");
}

#[test]
fn metrics_keep_their_shape() {
    let body = br#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
      {"name":"h","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[{"count":"3","sum":1.5,"bucketCounts":["1","2"],"explicitBounds":[0.5]}]}},
      {"name":"e","exponentialHistogram":{"dataPoints":[{"scale":-2,"positive":{"offset":-3,"bucketCounts":["1",2]}}]}},
      {"name":"s","sum":{"isMonotonic":true,"dataPoints":[{"asInt":"-7"},{"flags":1,"asDouble":1}]}}]}]}]}"#;
    let points = decode(Signal::Metrics, Encoding::Json, body).expect("decodes").points;
    assert!(matches!(&points[0].value, RawPointValue::Histogram { count: 3, counts, bounds, .. }
        if counts == &[1, 2] && bounds == &[0.5]));
    assert!(matches!(&points[1].value, RawPointValue::ExponentialHistogram { scale: -2, positive_offset: -3, .. }));
    assert_eq!(points[2].value, RawPointValue::Sum { value: -7.0, monotonic: true });
    assert_eq!(points[3].value, RawPointValue::None);
}

#[test]
fn answers_are_what_sdks_expect() {
    let none = Rejects::default();
    assert_eq!(success_body(Signal::Logs, Encoding::Protobuf, &none), b"");
    assert_eq!(success_body(Signal::Logs, Encoding::Json, &none), b"{}");
    let some = Rejects { count: 2, reasons: vec!["because".into()] };
    assert_eq!(
        String::from_utf8_lossy(&success_body(Signal::Metrics, Encoding::Json, &some)),
        r#"{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"because"}}"#
    );
    let status = status_body(Encoding::Protobuf, 14, "later", Some(1));
    let decoded = tonic_status(&status);
    assert_eq!(decoded, (14, "later".to_owned(), 1));
}

/// Reads a `google.rpc.Status` back: code, message, number of details.
fn tonic_status(body: &[u8]) -> (u64, String, usize) {
    let (mut code, mut message, mut details) = (0, String::new(), 0);
    let mut reader = wire::Reader::new(body);
    while let Some(field) = reader.next().expect("reads") {
        match field.number {
            1 => code = field.varint().expect("code"),
            2 => message = field.string().expect("message"),
            _ => details += 1,
        }
    }
    (code, message, details)
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        for signal in Signal::ALL {
            drop(decode(signal, Encoding::Protobuf, &bytes));
            drop(decode(signal, Encoding::Json, &bytes));
        }
    }

    #[test]
    fn flipped_bits_in_a_capture_never_panic(at in 0..CAPTURE.len(), bit in 0_u8..8) {
        let mut bytes = CAPTURE.to_vec();
        bytes[at] ^= 1 << bit;
        drop(decode(Signal::Traces, Encoding::Protobuf, &bytes));
    }
}
