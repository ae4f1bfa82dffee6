//! OTLP/gRPC, spoken by tonic's client.

use bytes::{Buf, BufMut, Bytes};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use pellucid_server::{ApiKey, Right};
use prost::Message;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Response, Status as GrpcStatus};

use crate::support::*;

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

/// Messages as bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = GrpcStatus;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), GrpcStatus> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = GrpcStatus;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, GrpcStatus> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

async fn call(
    site: &Site,
    path: &'static str,
    compression: Option<CompressionEncoding>,
    body: impl Into<Bytes>,
    secret: Option<&str>,
) -> Result<Response<Bytes>, GrpcStatus> {
    let client: Client<HttpConnector, tonic::body::Body> =
        Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let origin = format!("http://{}", site.ports.otlp_grpc).parse().unwrap();
    let mut grpc = tonic::client::Grpc::with_origin(client, origin);
    if let Some(compression) = compression {
        grpc = grpc.send_compressed(compression);
    }
    grpc.ready().await.map_err(|cause| GrpcStatus::unknown(cause.to_string()))?;
    let mut request = Request::new(body.into());
    if let Some(secret) = secret {
        let value: MetadataValue<_> = format!("Bearer {secret}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    grpc.unary(request, path.parse().unwrap(), Raw).await
}

#[tokio::test]
async fn every_service_and_compression_is_stored() {
    let site = Site::start().await;
    let compressions = [None, Some(CompressionEncoding::Gzip), Some(CompressionEncoding::Zstd)];
    for (n, compression) in (1..).zip(compressions) {
        for (path, body) in [(TRACES, trace_protobuf(n)), (LOGS, log_protobuf(n)), (METRICS, metric_protobuf(n))] {
            let response = call(&site, path, compression, body, None).await;
            assert_eq!(response.unwrap().into_inner(), "", "{path} {compression:?}");
        }
    }
    for table in ["spans", "logs", "metrics"] {
        assert_eq!(site.value(&format!("SELECT count(*) FROM {table}")).await, 3, "{table}");
    }
    site.stop().await;
}

#[tokio::test]
async fn refusals_have_the_code_that_clients_act_on() {
    let site = Site::with(|config| config.limits.body_bytes = 1 << 20).await;
    let garbage = call(&site, TRACES, None, &b"\xff\xff\xff"[..], None).await.unwrap_err();
    assert_eq!(garbage.code(), Code::InvalidArgument);
    for compression in [None, Some(CompressionEncoding::Gzip)] {
        let large = call(&site, TRACES, compression, vec![0; 2 << 20], None).await.unwrap_err();
        assert_eq!(large.code(), Code::ResourceExhausted, "{large:?}");
        let details = Status::decode(large.details()).unwrap();
        assert!(details.details.is_empty(), "too large must not be retried");
    }
    let unknown = call(&site, "/opentelemetry.proto.collector.trace.v1.TraceService/Import", None, "", None).await;
    assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
    assert!(call(&site, TRACES, None, trace_protobuf(1), None).await.is_ok());
    site.stop().await;
}

#[tokio::test]
async fn an_overloaded_server_says_when_to_come_back() {
    let site = Site::with(|config| config.limits.in_flight_bytes = 64 * 1024).await;
    let (sender, stream) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    sender.send(Ok(vec![b' '; 63 * 1024])).await.unwrap();
    let body = reqwest::Body::wrap_stream(tokio_stream::wrappers::ReceiverStream::new(stream));
    let slow = tokio::spawn(site.post("/v1/traces", JSON, body).send());
    while site.metric("pellucid_in_flight_bytes ").await < 63_000.0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let refused = call(&site, TRACES, None, vec![0; 30 * 1024], None).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    let details = Status::decode(refused.details()).unwrap().details;
    assert_eq!(details[0].type_url, "type.googleapis.com/google.rpc.RetryInfo");
    drop(sender);
    assert_eq!(slow.await.unwrap().unwrap().status(), 400);
    site.stop().await;
}

#[tokio::test]
async fn keys_hold_here_too() {
    let site = Site::with(|config| {
        let key = |name: &str, secret: &str, can| ApiKey {
            name: name.into(),
            sha256: crate::access::sha256(secret),
            project: "p".into(),
            can: vec![can],
        };
        config.auth.keys = vec![key("in", "in", Right::Ingest), key("out", "out", Right::Read)];
    })
    .await;
    let code = |secret: Option<&'static str>| {
        let site = &site;
        async move {
            call(site, TRACES, None, trace_protobuf(1), secret).await.map_or_else(|status| status.code(), |_| Code::Ok)
        }
    };
    assert_eq!(code(None).await, Code::Unauthenticated);
    assert_eq!(code(Some("guess")).await, Code::Unauthenticated);
    assert_eq!(code(Some("out")).await, Code::PermissionDenied);
    assert_eq!(code(Some("in")).await, Code::Ok);
    site.stop().await;
}
