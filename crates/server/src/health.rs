//! `/healthz`, `/readyz` and `/metrics`: for machines that watch the server.

use std::fs;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use tokio_util::sync::CancellationToken;

use crate::api::{Desk, Fault};
use crate::config::Right;
use crate::telemetry::gauge;

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Pages of resident memory stand in the second field; Linux pages of all our platforms have this size.
const STATM: &str = "/proc/self/statm";
const PAGE_BYTES: f64 = 4096.0;

/// The three routes.
pub(crate) fn routes(desk: &Desk, stop: &CancellationToken) -> Router {
    let ready = {
        let stop = stop.clone();
        move || async move {
            if stop.is_cancelled() {
                (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
            } else {
                (StatusCode::OK, "ready\n")
            }
        }
    };
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(desk.clone())
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
}

async fn metrics(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    if let Err(error) = desk.keyring.grant(&headers, Right::Read) {
        return Fault(error).into_response();
    }
    let mut text = String::new();
    desk.telemetry.write(&mut text);
    let version = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    gauge(&mut text, "pellucid_build_info", "The running version.", &[(&version, 1.0)]);
    gauge(&mut text, "pellucid_uptime_seconds", "Seconds since start.", &[("", seconds_since(desk.started))]);
    gauge(
        &mut text,
        "pellucid_in_flight_bytes",
        "Memory reserved by requests in work.",
        &[("", number(desk.budget.used_bytes()))],
    );
    if let Some(resident) = resident_bytes() {
        gauge(&mut text, "pellucid_resident_bytes", "Resident memory of the process.", &[("", resident)]);
    }
    store(&desk, &mut text);
    ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response()
}

fn seconds_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}

fn number(count: u64) -> f64 {
    count as f64
}

fn resident_bytes() -> Option<f64> {
    let pages: f64 = fs::read_to_string(STATM).ok()?.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES)
}

fn store(desk: &Desk, text: &mut String) {
    let stats = desk.store.stats();
    let rows = [
        ("{table=\"spans\"}", number(stats.rows.spans)),
        ("{table=\"logs\"}", number(stats.rows.logs)),
        ("{table=\"metrics\"}", number(stats.rows.metrics)),
    ];
    gauge(text, "pellucid_store_rows", "Rows stored.", &rows);
    gauge(text, "pellucid_store_files", "Data files.", &[("", number(stats.files))]);
    gauge(text, "pellucid_store_disk_bytes", "Bytes of data files.", &[("", number(stats.disk_bytes))]);
    gauge(text, "pellucid_store_memory_bytes", "Bytes of rows not yet in files.", &[("", number(stats.memory_bytes))]);
    gauge(text, "pellucid_store_wal_bytes", "Bytes of the write-ahead log.", &[("", number(stats.wal_bytes))]);
}
