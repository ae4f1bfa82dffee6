//! OTLP/HTTP: protobuf and JSON, four compressions, every prefix that SDKs are pointed at.
//!
//! Promises: success bodies and errors (`google.rpc.Status`) are in the encoding of the request; JSON when that is unknown.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_otlp::{Encoding, Signal, status_body, success_body};
use tower_http::catch_panic::CatchPanicLayer;

use super::body::drain;
use super::inflate::ACCEPTED;
use super::{Bounds, Compression, Envelope, Intake, RETRY_AFTER_S, Stored, collect, received_now};

/// What may stand before `/v1/traces`: nothing, DataKit's, Grafana's, Langfuse's, and our API's own.
const PREFIXES: &[&str] = &["", "/otel", "/otlp", "/api/public/otel", "/api/v1/otel"];

const TRANSPORT: &str = "http";
const METHODS: HeaderValue = HeaderValue::from_static("POST, OPTIONS");
const TYPES: HeaderValue = HeaderValue::from_static("application/x-protobuf, application/json");

/// Every path of OTLP/HTTP, with and without a slash at the end.
pub(crate) fn routes(intake: &Arc<Intake>) -> Router {
    let mut router = Router::new();
    for signal in Signal::ALL {
        let name = signal.as_str();
        for prefix in PREFIXES {
            for slash in ["", "/"] {
                let intake = Arc::clone(intake);
                let handler = move |request: Request<Body>| async move { handle(&intake, signal, request).await };
                router = router.route(&format!("{prefix}/v1/{name}{slash}"), any(handler));
            }
        }
    }
    router.layer(CatchPanicLayer::custom(panicked))
}

/// A body that breaks us must not be sent again.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    failure(Encoding::Json, &Error::new(ErrorKind::Internal, "this request cannot be worked on"))
}

/// The answer to a path that is no OTLP path, on a port that has nothing else.
pub(crate) async fn not_found(request: Request<Body>) -> Response {
    let encoding = encoding_of(request.headers()).unwrap_or(Encoding::Json);
    let error = Error::new(ErrorKind::NotFound, format!("no such path: {}", request.uri().path()))
        .with_hint("send to /v1/traces, /v1/metrics or /v1/logs");
    failure(encoding, &error)
}

async fn handle(intake: &Intake, signal: Signal, request: Request<Body>) -> Response {
    let (parts, mut body) = request.into_parts();
    let headers = &parts.headers;
    if parts.method == Method::OPTIONS {
        let mut response = plain(StatusCode::NO_CONTENT);
        response.headers_mut().insert(ALLOW, METHODS);
        intake.origins.preflight(headers, response.headers_mut());
        return response;
    }
    let encoding = encoding_of(headers);
    let mut sent_bytes = 0;
    let outcome = if parts.method == Method::POST {
        accept(intake, signal, encoding, headers, &mut body, &mut sent_bytes).await
    } else {
        Err(Error::new(ErrorKind::Invalid, format!("{} is not possible here, use POST", parts.method)))
    };
    intake.count(signal, TRANSPORT, sent_bytes, &outcome);
    let told = encoding.unwrap_or(Encoding::Json);
    let mut response = match &outcome {
        Ok(stored) => answer(StatusCode::OK, told, success_body(signal, told, &stored.rejects)),
        Err(error) => failure(told, error),
    };
    if parts.method != Method::POST {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(ALLOW, METHODS);
    }
    intake.origins.admit(headers, response.headers_mut());
    if outcome.is_err() && !headers.contains_key(EXPECT) {
        drain(body).await;
    }
    response
}

async fn accept(
    intake: &Intake,
    signal: Signal,
    encoding: Option<Encoding>,
    headers: &HeaderMap,
    body: &mut Body,
    sent_bytes: &mut usize,
) -> Result<Stored> {
    let grant = intake.admit(headers)?;
    let unsupported = |message: String| Error::new(ErrorKind::Unsupported, message);
    let encoding = encoding
        .ok_or_else(|| unsupported("the content type must be application/x-protobuf or application/json".to_owned()))?;
    let compression = compression_of(headers)
        .ok_or_else(|| unsupported(format!("the content encoding must be one of {ACCEPTED}")))?;
    let bytes = if compression == Compression::Identity { intake.body_bytes } else { intake.compressed_body_bytes };
    let mut reservation = intake.budget.reserve();
    let body = collect(body, Bounds { bytes, time: intake.body_time }, &mut reservation).await?;
    *sent_bytes = body.len();
    let received_at = received_now();
    intake
        .ingest(Envelope { project: grant.project, signal, encoding, compression, body, received_at, reservation })
        .await
}

/// The encoding by media type; parameters such as a charset do not matter.
fn encoding_of(headers: &HeaderMap) -> Option<Encoding> {
    let media_type = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
    match media_type.as_str() {
        "application/x-protobuf" | "application/protobuf" => Some(Encoding::Protobuf),
        "application/json" => Some(Encoding::Json),
        _ => None,
    }
}

fn compression_of(headers: &HeaderMap) -> Option<Compression> {
    let mut named = headers.get_all(CONTENT_ENCODING).iter();
    match (named.next(), named.next()) {
        (None, _) => Some(Compression::Identity),
        (Some(one), None) => Compression::parse(one.to_str().ok()?),
        (Some(_), Some(_)) => None,
    }
}

fn failure(encoding: Encoding, error: &Error) -> Response {
    let code = error.kind.code();
    let retry_after = code.retry.then_some(RETRY_AFTER_S);
    let message = match &error.hint {
        Some(hint) => format!("{}; {hint}", error.message),
        None => error.message.clone(),
    };
    let status = StatusCode::from_u16(code.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = answer(status, encoding, status_body(encoding, code.grpc, &message, retry_after));
    let headers = response.headers_mut();
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    match error.kind {
        ErrorKind::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        ErrorKind::Unsupported => {
            headers.insert(ACCEPT, TYPES);
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
        }
        _ => {}
    }
    response
}

fn answer(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response {
    let media_type = match encoding {
        Encoding::Protobuf => HeaderValue::from_static("application/x-protobuf"),
        Encoding::Json => HeaderValue::from_static("application/json"),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
