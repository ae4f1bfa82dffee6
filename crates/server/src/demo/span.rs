//! Spans of the demo as an OpenTelemetry SDK would send them: OTLP in JSON.

use serde_json::{Value as Json, json};

/// Nanoseconds of a millisecond.
pub(super) const MS: i64 = 1_000_000;

/// A span to be sent.
#[derive(Debug, Clone)]
pub(super) struct DemoSpan {
    pub(super) trace_id: u128,
    pub(super) span_id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: String,
    /// OTLP's number: 1 internal, 2 server, 3 client.
    pub(super) kind: u8,
    /// Nanoseconds since 1970.
    pub(super) start: i64,
    /// Nanoseconds since 1970.
    pub(super) end: i64,
    pub(super) attributes: Vec<Json>,
    /// Exception class and message, if it failed.
    pub(super) failure: Option<(&'static str, &'static str)>,
}

impl DemoSpan {
    /// Adds an attribute. Texts, numbers, truths and lists of texts are what OTLP knows; a null adds nothing.
    pub(super) fn set(&mut self, key: &str, value: impl Into<Json>) {
        self.attributes.extend(attribute(key, value.into()));
    }

    fn to_json(&self) -> Json {
        let mut span = json!({
            "traceId": format!("{:032x}", self.trace_id),
            "spanId": format!("{:016x}", self.span_id),
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": self.start.to_string(),
            "endTimeUnixNano": self.end.to_string(),
            "attributes": self.attributes,
            "status": {},
        });
        if let Some(parent) = self.parent {
            span["parentSpanId"] = Json::from(format!("{parent:016x}"));
        }
        if let Some((class, message)) = self.failure {
            span["status"] = json!({ "code": 2, "message": message });
            let told = [("exception.type", class), ("exception.message", message)];
            let told: Vec<Json> = told.into_iter().filter_map(|(key, text)| attribute(key, text.into())).collect();
            span["events"] = json!([{ "name": "exception", "timeUnixNano": self.end.to_string(), "attributes": told }]);
        }
        span
    }
}

fn attribute(key: &str, value: Json) -> Option<Json> {
    let value = match value {
        Json::Null => return None,
        Json::Bool(truth) => json!({ "boolValue": truth }),
        Json::Number(number) if number.is_i64() => json!({ "intValue": number.to_string() }),
        Json::Number(number) => json!({ "doubleValue": number }),
        Json::String(text) => json!({ "stringValue": text }),
        Json::Array(items) => {
            let items: Vec<Json> = items.into_iter().map(|item| json!({ "stringValue": item })).collect();
            json!({ "arrayValue": { "values": items } })
        }
        Json::Object(_) => json!({ "stringValue": value.to_string() }),
    };
    Some(json!({ "key": key, "value": value }))
}

/// One export request of one application.
pub(super) fn request(app: &str, spans: &[DemoSpan]) -> Json {
    let resource = [
        ("service.name", app),
        ("service.version", "1.4.2"),
        ("deployment.environment.name", "demo"),
        ("telemetry.sdk.name", "opentelemetry"),
        ("telemetry.sdk.language", "python"),
    ];
    let resource: Vec<Json> = resource.into_iter().filter_map(|(key, text)| attribute(key, text.into())).collect();
    let spans: Vec<Json> = spans.iter().map(DemoSpan::to_json).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{ "scope": { "name": "pellucid.demo" }, "spans": spans }],
    }] })
}
