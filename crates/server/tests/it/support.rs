//! A server on free ports with an empty directory, a client, and OTLP bodies to send.

use std::io::Write;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use pellucid_server::{Config, Ports, Running};
use prost::Message;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value as Json, json};

pub(crate) const PROTOBUF: &str = "application/x-protobuf";
pub(crate) const JSON: &str = "application/json";
/// 2026-01-31T12:00:00Z.
pub(crate) const NOON_NS: u64 = 1_769_860_800_000_000_000;

/// A running server.
pub(crate) struct Site {
    running: Running,
    pub(crate) ports: Ports,
    pub(crate) client: Client,
    _dir: tempfile::TempDir,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let any = || "127.0.0.1:0".to_owned();
        let mut config = Config {
            listen: any(),
            otlp_http: any(),
            otlp_grpc: any(),
            data: dir.path().join("data"),
            ..Config::default()
        };
        change(&mut config);
        let running = pellucid_server::start(&config).await.unwrap();
        Self { ports: running.ports, running, client: client(), _dir: dir }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.ports.http)
    }

    pub(crate) fn otlp_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.ports.otlp_http)
    }

    pub(crate) fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.client.post(self.url(path)).header("content-type", content_type).body(body)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn sql(&self, query: &str) -> Json {
        let response = self.client.post(self.url("/api/v1/sql")).json(&json!({ "query": query })).send().await.unwrap();
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{query}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The single value of a query.
    pub(crate) async fn value(&self, query: &str) -> Json {
        self.sql(query).await["rows"][0][0].clone()
    }

    pub(crate) async fn metric(&self, line: &str) -> f64 {
        let text = self.get("/metrics").await.text().await.unwrap();
        let found = text.lines().find_map(|known| known.strip_prefix(line)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("no {line} in\n{text}"))
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await.unwrap();
    }
}

pub(crate) fn client() -> Client {
    rustls::crypto::ring::default_provider().install_default().unwrap_or_default();
    Client::builder().no_proxy().build().unwrap()
}

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(Value::StringValue(value.into())) }),
        ..KeyValue::default()
    }
}

pub(crate) fn number(key: &str, value: i64) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(Value::IntValue(value)) }), ..KeyValue::default() }
}

/// The ids of span number `n`.
pub(crate) fn ids(n: u64) -> (Vec<u8>, Vec<u8>) {
    let trace = [[0xaa; 8], n.to_be_bytes()].concat();
    (trace, (n | 1 << 63).to_be_bytes().to_vec())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn span(n: u64, name: &str) -> Span {
    let (trace_id, span_id) = ids(n);
    Span {
        trace_id,
        span_id,
        name: name.into(),
        kind: 3,
        start_time_unix_nano: NOON_NS + n,
        end_time_unix_nano: NOON_NS + n + 1_000_000,
        attributes: vec![
            text("gen_ai.operation.name", "chat"),
            text("gen_ai.provider.name", "openai"),
            text("gen_ai.request.model", "gpt-4o"),
            number("gen_ai.usage.input_tokens", 10),
            number("gen_ai.usage.output_tokens", 5),
        ],
        ..Span::default()
    }
}

fn resource(service: &str) -> Option<Resource> {
    Some(Resource { attributes: vec![text("service.name", service)], ..Resource::default() })
}

/// A request with spans.
pub(crate) fn traces(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource: resource("it"), scope_spans, ..ResourceSpans::default() }],
    }
}

/// Span number `n` as protobuf.
pub(crate) fn trace_protobuf(n: u64) -> Vec<u8> {
    traces(vec![span(n, "chat gpt-4o")]).encode_to_vec()
}

/// Span number `n` as JSON.
pub(crate) fn trace_json(n: u64) -> Vec<u8> {
    let (trace, span) = ids(n);
    json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "it"}}]},
        "scopeSpans": [{"spans": [{
            "traceId": hex(&trace), "spanId": hex(&span), "name": "chat gpt-4o", "kind": 3,
            "startTimeUnixNano": (NOON_NS + n).to_string(), "endTimeUnixNano": (NOON_NS + n + 1_000_000).to_string(),
            "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
            ],
        }]}],
    }]})
    .to_string()
    .into_bytes()
}

/// One log record.
pub(crate) fn log_protobuf(n: u64) -> Vec<u8> {
    let record = LogRecord {
        time_unix_nano: NOON_NS + n,
        severity_number: 9,
        body: Some(AnyValue { value: Some(Value::StringValue(format!("line {n}"))) }),
        ..LogRecord::default()
    };
    let scope_logs = vec![ScopeLogs { log_records: vec![record], ..ScopeLogs::default() }];
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs { resource: resource("it"), scope_logs, ..ResourceLogs::default() }],
    }
    .encode_to_vec()
}

/// One point of a gauge.
pub(crate) fn metric_protobuf(n: u64) -> Vec<u8> {
    let point = NumberDataPoint {
        time_unix_nano: NOON_NS + n,
        value: Some(number_data_point::Value::AsInt(7)),
        ..NumberDataPoint::default()
    };
    let gauge = Metric {
        name: "queue".into(),
        data: Some(metric::Data::Gauge(Gauge { data_points: vec![point] })),
        ..Metric::default()
    };
    let scope_metrics = vec![ScopeMetrics { metrics: vec![gauge], ..ScopeMetrics::default() }];
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: resource("it"),
            scope_metrics,
            ..ResourceMetrics::default()
        }],
    }
    .encode_to_vec()
}

/// The body in a content encoding; an empty name leaves it as it is.
pub(crate) fn compress(encoding: &str, body: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::fast();
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "zstd" => zstd::encode_all(body, 1).unwrap(),
        _ => body.to_vec(),
    }
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<prost_types_any::Any>,
}

/// `google.protobuf.Any`.
pub(crate) mod prost_types_any {
    /// A message with its type.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Any {
        #[prost(string, tag = "1")]
        pub(crate) type_url: String,
        #[prost(bytes = "vec", tag = "2")]
        pub(crate) value: Vec<u8>,
    }
}

/// Asserts that an answer is a `google.rpc.Status` in the encoding asked for, and gives its code and message.
pub(crate) async fn status_of(response: Response, content_type: &str) -> (u16, i32, String) {
    let http = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], content_type, "{http}");
    let body = response.bytes().await.unwrap();
    let status = if content_type == PROTOBUF {
        Status::decode(body).unwrap()
    } else {
        let json: Json = serde_json::from_slice(&body).unwrap();
        let code = i32::try_from(json["code"].as_i64().unwrap()).unwrap();
        Status { code, message: json["message"].as_str().unwrap().to_owned(), details: Vec::new() }
    };
    assert!(!status.message.is_empty());
    (http, status.code, status.message)
}
