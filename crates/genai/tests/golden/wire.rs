//! Raw spans written as protobuf and as OTLP JSON, so that both decoders can be asked for the same.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use pellucid_model::{Attributes, RawSpan, RawStatus, SpanKind, Value};
use prost::Message as _;
use serde_json::{Value as Json, json};

fn kind(kind: SpanKind) -> i32 {
    match kind {
        SpanKind::Unspecified => 0,
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

fn status(status: RawStatus) -> i32 {
    match status {
        RawStatus::Unset => 0,
        RawStatus::Ok => 1,
        RawStatus::Error => 2,
    }
}

fn any(value: &Value) -> AnyValue {
    use any_value::Value as Arm;
    let arm = match value {
        Value::Null => None,
        Value::Bool(truth) => Some(Arm::BoolValue(*truth)),
        Value::Int(number) => Some(Arm::IntValue(*number)),
        Value::Double(number) => Some(Arm::DoubleValue(*number)),
        Value::Str(text) => Some(Arm::StringValue(text.clone())),
        Value::Bytes(bytes) => Some(Arm::BytesValue(bytes.clone())),
        Value::Array(items) => Some(Arm::ArrayValue(ArrayValue { values: items.iter().map(any).collect() })),
        Value::Map(map) => Some(Arm::KvlistValue(KeyValueList { values: pairs(map) })),
    };
    AnyValue { value: arm }
}

fn pairs(attributes: &Attributes) -> Vec<KeyValue> {
    let pair =
        |(key, value): (&str, &Value)| KeyValue { key: key.to_owned(), value: Some(any(value)), ..Default::default() };
    attributes.iter().map(pair).collect()
}

fn nanos(time: pellucid_model::Timestamp) -> u64 {
    time.as_nanos().cast_unsigned()
}

/// One request with one span, in protobuf.
pub(crate) fn protobuf(span: &RawSpan) -> Vec<u8> {
    let event = |event: &pellucid_model::RawEvent| Event {
        time_unix_nano: nanos(event.time),
        name: event.name.clone(),
        attributes: pairs(&event.attributes),
        dropped_attributes_count: 0,
    };
    let link = |link: &pellucid_model::RawLink| Link {
        trace_id: link.trace_id.as_bytes().to_vec(),
        span_id: link.span_id.as_bytes().to_vec(),
        attributes: pairs(&link.attributes),
        ..Default::default()
    };
    let sent = Span {
        trace_id: span.trace_id.as_bytes().to_vec(),
        span_id: span.span_id.as_bytes().to_vec(),
        parent_span_id: span.parent_span_id.map(|id| id.as_bytes().to_vec()).unwrap_or_default(),
        name: span.name.clone(),
        kind: kind(span.kind),
        start_time_unix_nano: nanos(span.start),
        end_time_unix_nano: nanos(span.end),
        attributes: pairs(&span.attributes),
        dropped_attributes_count: span.dropped_attributes,
        events: span.events.iter().map(event).collect(),
        links: span.links.iter().map(link).collect(),
        status: Some(Status { message: span.status_message.clone(), code: status(span.status) }),
        ..Default::default()
    };
    let scope = InstrumentationScope {
        name: span.scope.name.clone(),
        version: span.scope.version.clone(),
        attributes: pairs(&span.scope.attributes),
        ..Default::default()
    };
    let scopes = vec![ScopeSpans { scope: Some(scope), spans: vec![sent], ..Default::default() }];
    let resource = Resource { attributes: pairs(&span.resource.attributes), ..Default::default() };
    let group = ResourceSpans { resource: Some(resource), scope_spans: scopes, ..Default::default() };
    ExportTraceServiceRequest { resource_spans: vec![group] }.encode_to_vec()
}

fn any_json(value: &Value) -> Json {
    match value {
        Value::Null => json!({}),
        Value::Bool(truth) => json!({ "boolValue": truth }),
        Value::Int(number) => json!({ "intValue": number.to_string() }),
        Value::Double(number) if number.is_finite() => json!({ "doubleValue": number }),
        Value::Double(number) => {
            json!({ "doubleValue": if number.is_nan() { "NaN" } else if *number > 0.0 { "Infinity" } else { "-Infinity" } })
        }
        Value::Str(text) => json!({ "stringValue": text }),
        Value::Bytes(bytes) => {
            json!({ "bytesValue": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes) })
        }
        Value::Array(items) => json!({ "arrayValue": { "values": items.iter().map(any_json).collect::<Vec<_>>() } }),
        Value::Map(map) => json!({ "kvlistValue": { "values": pairs_json(map) } }),
    }
}

fn pairs_json(attributes: &Attributes) -> Json {
    attributes.iter().map(|(key, value)| json!({ "key": key, "value": any_json(value) })).collect()
}

/// The same in OTLP's JSON.
pub(crate) fn json(span: &RawSpan) -> Vec<u8> {
    let event = |event: &pellucid_model::RawEvent| {
        json!({
            "timeUnixNano": nanos(event.time).to_string(),
            "name": event.name,
            "attributes": pairs_json(&event.attributes),
        })
    };
    let link = |link: &pellucid_model::RawLink| {
        json!({
            "traceId": link.trace_id.to_string(),
            "spanId": link.span_id.to_string(),
            "attributes": pairs_json(&link.attributes),
        })
    };
    let sent = json!({
        "traceId": span.trace_id.to_string(),
        "spanId": span.span_id.to_string(),
        "parentSpanId": span.parent_span_id.map(|id| id.to_string()).unwrap_or_default(),
        "name": span.name,
        "kind": kind(span.kind),
        "startTimeUnixNano": nanos(span.start).to_string(),
        "endTimeUnixNano": nanos(span.end).to_string(),
        "attributes": pairs_json(&span.attributes),
        "droppedAttributesCount": span.dropped_attributes,
        "events": span.events.iter().map(event).collect::<Vec<_>>(),
        "links": span.links.iter().map(link).collect::<Vec<_>>(),
        "status": { "message": span.status_message, "code": status(span.status) },
    });
    let scope = json!({
        "name": span.scope.name,
        "version": span.scope.version,
        "attributes": pairs_json(&span.scope.attributes),
    });
    let request = json!({ "resourceSpans": [{
        "resource": { "attributes": pairs_json(&span.resource.attributes) },
        "scopeSpans": [{ "scope": scope, "spans": [sent] }],
    }] });
    request.to_string().into_bytes()
}
