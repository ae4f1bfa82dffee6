//! The HTTP API under `/api/v1`: a folder a noun, with its handler and its shapes on the wire.
//!
//! In: authenticated requests. Out: JSON in the shapes of `openapi.json`, errors in one form. Handlers translate between
//! wire and engine and hold no rules of their own.

mod backup;
mod deletions;
mod error;
mod export;
mod facets;
mod histogram;
mod listing;
mod metrics;
mod openapi;
mod prices;
mod query;
mod reports;
mod request;
mod rewrites;
mod sessions;
mod spans;
mod sql;
mod status;
mod traces;
mod users;
mod wire;

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use http::{Method, Uri};
use pellucid_model::{Error, ErrorKind};
use pellucid_query::Engine;
use pellucid_store::Store;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use backup::wire::BackupAnswer;
pub(crate) use error::Fault;
pub(crate) use export::wire::ExportRequest;
pub(crate) use reports::handler::report as unmapped_report;
pub(crate) use request::{parse_moment, parse_time, show_time};
pub(crate) use spans::explain::SpanExplanation;
pub(crate) use sql::handler::{CSV, PARQUET, elapsed_ms};
pub(crate) use sql::wire::SqlAnswer;

use crate::auth::Keyring;
use crate::deletions::Deletions;
use crate::prices::PriceKeeper;
use crate::receive::Budget;
use crate::retention::Keeping;
use crate::rewrites::Rewrites;
use crate::telemetry::{API_REQUESTS, Registry};

/// What a handler gives back.
pub(crate) type Answered = Result<Response, Fault>;

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Arc<Engine>,
    pub(crate) store: Arc<Store>,
    pub(crate) prices: Arc<PriceKeeper>,
    pub(crate) rewrites: Arc<Rewrites>,
    pub(crate) deletions: Arc<Deletions>,
    pub(crate) keeping: Arc<Keeping>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) telemetry: Arc<Registry>,
    pub(crate) budget: Budget,
    /// Where backups go, if that is set.
    pub(crate) backup_dir: Option<PathBuf>,
    pub(crate) started: Instant,
}

/// Every route of the API, and a JSON 404 for the rest of `/api`.
pub(crate) fn routes(desk: &Desk) -> Router {
    Router::new()
        .route("/api/v1/status", get(status::handler::status))
        .route("/api/v1/sql", post(sql::handler::sql))
        .route("/api/v1/export", post(export::handler::export))
        .route("/api/v1/store/backup", post(backup::handler::backup))
        .route("/api/v1/query", post(query::handler::query))
        .route("/api/v1/metrics", get(metrics::handler::metrics))
        .route("/api/v1/traces", get(traces::handler::list))
        .route("/api/v1/traces/{trace_id}", get(traces::handler::trace))
        .route("/api/v1/sessions", get(sessions::handler::list))
        .route("/api/v1/sessions/{session_id}", get(sessions::handler::one))
        .route("/api/v1/users", get(users::handler::list))
        .route("/api/v1/spans/{trace_id}/{span_id}", get(spans::handler::span))
        .route("/api/v1/facets", get(facets::handler::facets))
        .route("/api/v1/histogram", get(histogram::handler::histogram))
        .route("/api/v1/reports/unmapped", get(reports::handler::unmapped))
        .route("/api/v1/prices", get(prices::handler::list))
        .route("/api/v1/prices/unpriced", get(prices::handler::unpriced))
        .route("/api/v1/prices/choice", put(prices::handler::choose))
        .route("/api/v1/prices/reprice", post(rewrites::handler::reprice))
        .route("/api/v1/prices/{id}", put(prices::handler::set).delete(prices::handler::remove))
        .route("/api/v1/renormalize", post(rewrites::handler::renormalize))
        .route("/api/v1/audit", get(rewrites::handler::list))
        .route("/api/v1/audit/{id}", get(rewrites::handler::one))
        .route("/api/v1/deletions", get(deletions::handler::list).post(deletions::handler::order))
        .route("/api/v1/deletions/{id}", get(deletions::handler::one))
        .route("/api/v1/openapi.json", get(openapi::serve))
        .route("/api", any(not_found))
        .route("/api/{*path}", any(not_found))
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(desk.clone(), count))
        .with_state(desk.clone())
}

async fn not_found(uri: Uri) -> Fault {
    Fault(
        Error::new(ErrorKind::NotFound, format!("no such path: {}", uri.path()))
            .with_hint("/api/v1/openapi.json lists every path"),
    )
}

async fn wrong_method(method: Method, uri: Uri) -> Response {
    let error = Error::new(ErrorKind::Invalid, format!("{method} is not possible at {}", uri.path()));
    let mut response = Fault(error).into_response();
    *response.status_mut() = http::StatusCode::METHOD_NOT_ALLOWED;
    response
}

async fn count(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let class = match response.status().as_u16() {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    };
    desk.telemetry.add(&API_REQUESTS, &[class], 1);
    response
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Fault(Error::new(ErrorKind::Internal, "this question cannot be answered")).into_response()
}

/// A task that panicked.
fn broken(cause: tokio::task::JoinError) -> Fault {
    Fault(Error::new(ErrorKind::Internal, "this question cannot be answered").caused_by(cause))
}
