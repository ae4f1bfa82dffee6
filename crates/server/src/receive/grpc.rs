//! OTLP/gRPC: the unary `Export` of three services.
//!
//! gRPC's unary framing is five bytes before one message and a status in the trailers. It is spoken here directly, since
//! the caps, the ratio guard and the shared memory budget must hold *while* a message is read and inflated, which a
//! stack that hands over whole messages cannot promise.

use std::any::Any;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use base64::Engine as _;
use bytes::{BufMut, Bytes, BytesMut};
use futures::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_otlp::{Encoding, Signal, status_body, success_body};
use tower_http::catch_panic::CatchPanicLayer;

use super::{Bounds, Compression, Envelope, Intake, RETRY_AFTER_S, Stored, collect, received_now};

const TRANSPORT: &str = "grpc";
/// One byte says whether the message is compressed, four how long it is.
const PREFIX_BYTES: usize = 5;
const MEDIA_TYPE: &str = "application/grpc";
/// `google.rpc.Code.UNIMPLEMENTED`.
const UNIMPLEMENTED: i32 = 12;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const GRPC_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip,zstd,identity");

/// The three methods; every other path is an unimplemented method.
pub(crate) fn routes(intake: &Arc<Intake>) -> Router {
    let mut router = Router::new();
    for signal in Signal::ALL {
        let intake = Arc::clone(intake);
        let handler = move |request: Request<Body>| async move { handle(&intake, signal, request).await };
        router = router.route(method_path(signal), any(handler));
    }
    let unknown = |request: Request<Body>| async move {
        if is_grpc(&request) { trailers_only(UNIMPLEMENTED, "no such method", None) } else { not_grpc() }
    };
    router.fallback(unknown).layer(CatchPanicLayer::custom(panicked))
}

/// A message that breaks us must not be sent again.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    failure(&Error::new(ErrorKind::Internal, "this request cannot be worked on"))
}

fn method_path(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    }
}

fn is_grpc(request: &Request<Body>) -> bool {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // `application/grpc-web` is another protocol.
    let rest = media_type.strip_prefix(MEDIA_TYPE);
    request.method() == Method::POST && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', ';']))
}

async fn handle(intake: &Intake, signal: Signal, request: Request<Body>) -> Response {
    if !is_grpc(&request) {
        return not_grpc();
    }
    let (parts, mut body) = request.into_parts();
    let mut sent_bytes = 0;
    let outcome = accept(intake, signal, &parts.headers, &mut body, &mut sent_bytes).await;
    intake.count(signal, TRANSPORT, sent_bytes, &outcome);
    match outcome {
        Ok(stored) => success(success_body(signal, Encoding::Protobuf, &stored.rejects)),
        Err(error) => failure(&error),
    }
}

async fn accept(
    intake: &Intake,
    signal: Signal,
    headers: &HeaderMap,
    body: &mut Body,
    sent_bytes: &mut usize,
) -> Result<Stored> {
    let grant = intake.admit(headers)?;
    let mut reservation = intake.budget.reserve();
    let prefix = u64::try_from(PREFIX_BYTES).unwrap_or_default();
    let bounds = Bounds { bytes: intake.body_bytes.saturating_add(prefix), time: intake.body_time };
    let framed = collect(body, bounds, &mut reservation).await?;
    *sent_bytes = framed.len();
    let received_at = received_now();
    let (compression, body) = unframe(headers, framed)?;
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    if compression != Compression::Identity && length > intake.compressed_body_bytes {
        let limit = intake.compressed_body_bytes;
        return Err(Error::new(ErrorKind::TooLarge, format!("the compressed message is larger than {limit} bytes")));
    }
    let encoding = Encoding::Protobuf;
    intake
        .ingest(Envelope { project: grant.project, signal, encoding, compression, body, received_at, reservation })
        .await
}

/// The one message of a unary request.
fn unframe(headers: &HeaderMap, framed: Bytes) -> Result<(Compression, Bytes)> {
    let broken = || Error::new(ErrorKind::Invalid, "the request is not exactly one gRPC message");
    let (prefix, message) = framed.split_first_chunk::<PREFIX_BYTES>().ok_or_else(broken)?;
    let [flag, length @ ..] = *prefix;
    if usize::try_from(u32::from_be_bytes(length)).ok() != Some(message.len()) {
        return Err(broken());
    }
    let compression = match flag {
        0 => Compression::Identity,
        1 => {
            let name = headers.get(GRPC_ENCODING).and_then(|name| name.to_str().ok()).unwrap_or_default();
            Compression::parse(name).filter(|known| *known != Compression::Identity).ok_or_else(|| {
                Error::new(ErrorKind::Unsupported, format!("grpc-encoding {name:?} is not supported, use gzip or zstd"))
            })?
        }
        _ => return Err(broken()),
    };
    Ok((compression, framed.slice(PREFIX_BYTES..)))
}

fn success(message: Vec<u8>) -> Response {
    let mut framed = BytesMut::with_capacity(PREFIX_BYTES + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.put_slice(&message);
    let trailers = HeaderMap::from_iter([(GRPC_STATUS, HeaderValue::from_static("0"))]);
    let frames = [Frame::data(framed.freeze()), Frame::trailers(trailers)].map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::new(StreamBody::new(stream::iter(frames))));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response.headers_mut().insert(GRPC_ACCEPT_ENCODING, ACCEPTED);
    response
}

fn failure(error: &Error) -> Response {
    let code = error.kind.code();
    // gRPC asks for UNIMPLEMENTED when a compression is not known.
    let number = if error.kind == ErrorKind::Unsupported { UNIMPLEMENTED } else { code.grpc };
    trailers_only(number, &error.message, code.retry.then_some(RETRY_AFTER_S))
}

fn trailers_only(number: i32, message: &str, retry_after_s: Option<u32>) -> Response {
    let details = status_body(Encoding::Protobuf, number, message, retry_after_s);
    let details = base64::engine::general_purpose::STANDARD_NO_PAD.encode(details);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(GRPC_ACCEPT_ENCODING, ACCEPTED);
    headers.insert(GRPC_STATUS, HeaderValue::from(number));
    for (name, text) in [(GRPC_MESSAGE, percent_encoded(message)), (GRPC_DETAILS, details)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
    response
}

/// `grpc-message` is printable ASCII, everything else percent-encoded.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => out.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => write!(out, "%{byte:02X}").unwrap_or_default(),
        }
    }
    out
}

fn not_grpc() -> Response {
    let mut response = Response::new(Body::from("this port speaks OTLP over gRPC; OTLP over HTTP is on port 4318\n"));
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_whole_message_or_nothing() {
        let headers = HeaderMap::from_iter([(GRPC_ENCODING, HeaderValue::from_static("gzip"))]);
        let run = |bytes: &'static [u8]| unframe(&headers, Bytes::from_static(bytes));
        assert_eq!(run(b"\0\0\0\0\x02hi").unwrap(), (Compression::Identity, Bytes::from_static(b"hi")));
        assert_eq!(run(b"\x01\0\0\0\x02hi").unwrap(), (Compression::Gzip, Bytes::from_static(b"hi")));
        for bytes in [&b""[..], b"\0\0\0", b"\0\0\0\0\x03hi", b"\0\0\0\0\x01hi", b"\x02\0\0\0\x02hi"] {
            assert_eq!(run(bytes).unwrap_err().kind, ErrorKind::Invalid, "{bytes:?}");
        }
        assert_eq!(
            unframe(&HeaderMap::new(), Bytes::from_static(b"\x01\0\0\0\0")).unwrap_err().kind,
            ErrorKind::Unsupported
        );
    }

    #[test]
    fn messages_survive_the_header() {
        assert_eq!(percent_encoded("100 % über\n"), "100 %25 %C3%BCber%0A");
    }
}
