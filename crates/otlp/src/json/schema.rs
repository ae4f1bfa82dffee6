//! The tables of OTLP's messages: JSON name, protobuf field number, type. Source: `opentelemetry-proto` 1.11.

/// How a JSON value becomes a protobuf field.
pub(super) enum Type {
    /// A nested message; behind a function because attribute values contain themselves.
    Message(fn() -> &'static Message),
    /// A `KeyValue` message, or a plain object in place of the list.
    KeyValue,
    Text,
    /// An id of so many bytes.
    Id(usize),
    Base64,
    Bool,
    /// Any varint integer.
    Int,
    /// A zigzag integer.
    Sint,
    Enum(&'static [(&'static str, i64)]),
    Fixed64,
    Double,
}

pub(super) struct Field {
    name: &'static str,
    pub(super) number: u32,
    pub(super) kind: Type,
}

impl Field {
    /// Whether the field is one of the envelope's lists: groups of a request, of a resource, items of a scope.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.number, 1 | 2) && self.name.ends_with('s')
    }
}

pub(super) struct Message {
    fields: &'static [Field],
}

impl Message {
    /// Finds a field by its lowerCamelCase name; snake_case is folded, as the Collector does.
    pub(super) fn field(&self, key: &str) -> Option<&'static Field> {
        let by_name = |name: &str| self.fields.iter().find(|field| field.name == name);
        by_name(key).or_else(|| key.contains('_').then(|| by_name(&camel(key)))?)
    }
}

fn camel(snake: &str) -> String {
    let mut upper = false;
    let mut out = String::with_capacity(snake.len());
    for character in snake.chars() {
        match character {
            '_' => upper = true,
            letter if upper => {
                out.extend(letter.to_uppercase());
                upper = false;
            }
            letter => out.push(letter),
        }
    }
    out
}

const fn f(name: &'static str, number: u32, kind: Type) -> Field {
    Field { name, number, kind }
}

macro_rules! message {
    ($($name:ident = [$($field:expr),* $(,)?];)*) => {
        $(pub(super) static $name: Message = Message { fields: &[$($field),*] };)*
    };
}

const KINDS: &[(&str, i64)] = &[
    ("SPAN_KIND_INTERNAL", 1),
    ("SPAN_KIND_SERVER", 2),
    ("SPAN_KIND_CLIENT", 3),
    ("SPAN_KIND_PRODUCER", 4),
    ("SPAN_KIND_CONSUMER", 5),
];
const STATUS_CODES: &[(&str, i64)] = &[("STATUS_CODE_OK", 1), ("STATUS_CODE_ERROR", 2)];
const TEMPORALITIES: &[(&str, i64)] =
    &[("AGGREGATION_TEMPORALITY_DELTA", 1), ("AGGREGATION_TEMPORALITY_CUMULATIVE", 2)];
/// First number of each severity; the table names all four steps of each.
const SEVERITIES: &[(&str, i64)] = &[
    ("SEVERITY_NUMBER_TRACE", 1),
    ("SEVERITY_NUMBER_DEBUG", 5),
    ("SEVERITY_NUMBER_INFO", 9),
    ("SEVERITY_NUMBER_WARN", 13),
    ("SEVERITY_NUMBER_ERROR", 17),
    ("SEVERITY_NUMBER_FATAL", 21),
];

use Type::{Base64, Bool, Double, Enum, Fixed64, Id, Int, KeyValue, Message as Msg, Sint, Text};

message! {
    TRACES = [f("resourceSpans", 1, Msg(|| &RESOURCE_SPANS))];
    METRICS = [f("resourceMetrics", 1, Msg(|| &RESOURCE_METRICS))];
    LOGS = [f("resourceLogs", 1, Msg(|| &RESOURCE_LOGS))];
    RESOURCE_SPANS = [
        f("resource", 1, Msg(|| &RESOURCE)),
        f("scopeSpans", 2, Msg(|| &SCOPE_SPANS)),
        f("instrumentationLibrarySpans", 2, Msg(|| &SCOPE_SPANS)),
    ];
    RESOURCE_METRICS = [
        f("resource", 1, Msg(|| &RESOURCE)),
        f("scopeMetrics", 2, Msg(|| &SCOPE_METRICS)),
        f("instrumentationLibraryMetrics", 2, Msg(|| &SCOPE_METRICS)),
    ];
    RESOURCE_LOGS = [
        f("resource", 1, Msg(|| &RESOURCE)),
        f("scopeLogs", 2, Msg(|| &SCOPE_LOGS)),
        f("instrumentationLibraryLogs", 2, Msg(|| &SCOPE_LOGS)),
    ];
    RESOURCE = [f("attributes", 1, KeyValue)];
    SCOPE = [f("name", 1, Text), f("version", 2, Text), f("attributes", 3, KeyValue)];
    SCOPE_SPANS = [
        f("scope", 1, Msg(|| &SCOPE)),
        f("instrumentationLibrary", 1, Msg(|| &SCOPE)),
        f("spans", 2, Msg(|| &SPAN)),
    ];
    SCOPE_METRICS = [
        f("scope", 1, Msg(|| &SCOPE)),
        f("instrumentationLibrary", 1, Msg(|| &SCOPE)),
        f("metrics", 2, Msg(|| &METRIC)),
    ];
    SCOPE_LOGS = [
        f("scope", 1, Msg(|| &SCOPE)),
        f("instrumentationLibrary", 1, Msg(|| &SCOPE)),
        f("logRecords", 2, Msg(|| &LOG)),
        f("logs", 2, Msg(|| &LOG)),
    ];
    KEY_VALUE = [f("key", 1, Text), f("value", 2, Msg(|| &ANY_VALUE))];
    ANY_VALUE = [
        f("stringValue", 1, Text),
        f("boolValue", 2, Bool),
        f("intValue", 3, Int),
        f("doubleValue", 4, Double),
        f("arrayValue", 5, Msg(|| &ARRAY_VALUE)),
        f("kvlistValue", 6, Msg(|| &KVLIST_VALUE)),
        f("bytesValue", 7, Base64),
    ];
    ARRAY_VALUE = [f("values", 1, Msg(|| &ANY_VALUE))];
    KVLIST_VALUE = [f("values", 1, KeyValue)];
    SPAN = [
        f("traceId", 1, Id(16)),
        f("spanId", 2, Id(8)),
        f("parentSpanId", 4, Id(8)),
        f("name", 5, Text),
        f("kind", 6, Enum(KINDS)),
        f("startTimeUnixNano", 7, Fixed64),
        f("endTimeUnixNano", 8, Fixed64),
        f("attributes", 9, KeyValue),
        f("droppedAttributesCount", 10, Int),
        f("events", 11, Msg(|| &EVENT)),
        f("links", 13, Msg(|| &LINK)),
        f("status", 15, Msg(|| &STATUS)),
    ];
    EVENT = [f("timeUnixNano", 1, Fixed64), f("name", 2, Text), f("attributes", 3, KeyValue)];
    LINK = [f("traceId", 1, Id(16)), f("spanId", 2, Id(8)), f("attributes", 4, KeyValue)];
    STATUS = [f("message", 2, Text), f("code", 3, Enum(STATUS_CODES))];
    LOG = [
        f("timeUnixNano", 1, Fixed64),
        f("severityNumber", 2, Enum(SEVERITIES)),
        f("severityText", 3, Text),
        f("body", 5, Msg(|| &ANY_VALUE)),
        f("attributes", 6, KeyValue),
        f("traceId", 9, Id(16)),
        f("spanId", 10, Id(8)),
        f("observedTimeUnixNano", 11, Fixed64),
        f("eventName", 12, Text),
    ];
    METRIC = [
        f("name", 1, Text),
        f("description", 2, Text),
        f("unit", 3, Text),
        f("gauge", 5, Msg(|| &GAUGE)),
        f("sum", 7, Msg(|| &SUM)),
        f("histogram", 9, Msg(|| &HISTOGRAM)),
        f("exponentialHistogram", 10, Msg(|| &EXPONENTIAL_HISTOGRAM)),
        f("summary", 11, Msg(|| &SUMMARY)),
    ];
    GAUGE = [f("dataPoints", 1, Msg(|| &NUMBER_POINT))];
    SUM = [
        f("dataPoints", 1, Msg(|| &NUMBER_POINT)),
        f("aggregationTemporality", 2, Enum(TEMPORALITIES)),
        f("isMonotonic", 3, Bool),
    ];
    HISTOGRAM = [
        f("dataPoints", 1, Msg(|| &HISTOGRAM_POINT)),
        f("aggregationTemporality", 2, Enum(TEMPORALITIES)),
    ];
    EXPONENTIAL_HISTOGRAM = [
        f("dataPoints", 1, Msg(|| &EXPONENTIAL_POINT)),
        f("aggregationTemporality", 2, Enum(TEMPORALITIES)),
    ];
    SUMMARY = [f("dataPoints", 1, Msg(|| &SUMMARY_POINT))];
    NUMBER_POINT = [
        f("startTimeUnixNano", 2, Fixed64),
        f("timeUnixNano", 3, Fixed64),
        f("asDouble", 4, Double),
        f("asInt", 6, Fixed64),
        f("attributes", 7, KeyValue),
        f("flags", 8, Int),
    ];
    HISTOGRAM_POINT = [
        f("startTimeUnixNano", 2, Fixed64),
        f("timeUnixNano", 3, Fixed64),
        f("count", 4, Fixed64),
        f("sum", 5, Double),
        f("bucketCounts", 6, Fixed64),
        f("explicitBounds", 7, Double),
        f("attributes", 9, KeyValue),
        f("flags", 10, Int),
        f("min", 11, Double),
        f("max", 12, Double),
    ];
    EXPONENTIAL_POINT = [
        f("attributes", 1, KeyValue),
        f("startTimeUnixNano", 2, Fixed64),
        f("timeUnixNano", 3, Fixed64),
        f("count", 4, Fixed64),
        f("sum", 5, Double),
        f("scale", 6, Sint),
        f("zeroCount", 7, Fixed64),
        f("positive", 8, Msg(|| &BUCKETS)),
        f("negative", 9, Msg(|| &BUCKETS)),
        f("flags", 10, Int),
        f("min", 12, Double),
        f("max", 13, Double),
    ];
    BUCKETS = [f("offset", 1, Sint), f("bucketCounts", 2, Int)];
    SUMMARY_POINT = [
        f("startTimeUnixNano", 2, Fixed64),
        f("timeUnixNano", 3, Fixed64),
        f("count", 4, Fixed64),
        f("sum", 5, Double),
        f("quantileValues", 6, Msg(|| &QUANTILE)),
        f("attributes", 7, KeyValue),
        f("flags", 8, Int),
    ];
    QUANTILE = [f("quantile", 1, Double), f("value", 2, Double)];
}
