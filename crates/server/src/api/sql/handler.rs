//! `POST /api/v1/sql`: any read-only question, as JSON, CSV, Parquet or an Arrow stream.

use std::time::Instant;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Request};

use super::wire::{SqlAnswer, SqlRequest};
use crate::api::error::{ErrorBody, Fault};
use crate::api::request::{Reader, json};
use crate::api::{Answered, Desk, broken};

/// Media types besides JSON.
pub(crate) const ARROW: &str = "application/vnd.apache.arrow.stream";
pub(crate) const PARQUET: &str = "application/vnd.apache.parquet";
pub(crate) const CSV: &str = "text/csv";
/// Tells that the row bound cut an answer which has no place to say so itself.
const TRUNCATED: HeaderName = HeaderName::from_static("x-pellucid-truncated");

/// Ask in SQL
#[utoipa::path(post, path = "/api/v1/sql", tag = "sql", request_body = SqlRequest,
    responses(
        (status = 200, description = "The answer; CSV, Parquet or an Arrow stream where `Accept` asks for it", content(
            (SqlAnswer = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.apache.parquet"))),
        (status = 400, description = "The question is wrong", body = ErrorBody),
        (status = 504, description = "It took too long", body = ErrorBody)))]
pub(crate) async fn sql(Reader(access): Reader, State(desk): State<Desk>, request: Request<Body>) -> Answered {
    let start = Instant::now();
    let form = form(request.headers());
    let SqlRequest { query, params, limit } = json(&desk, request).await?;
    let answer = desk.engine.sql(&access, &query, &params, limit).await?;
    let cut = [(TRUNCATED, if answer.truncated { "true" } else { "false" })];
    let written = tokio::task::spawn_blocking(move || -> Result<Response, Fault> {
        Ok(match form {
            Form::Json => Json(SqlAnswer::new(answer.to_frame()?, elapsed_ms(start))).into_response(),
            Form::Csv => ([(CONTENT_TYPE, "text/csv; charset=utf-8")], cut, answer.to_csv()?).into_response(),
            Form::Parquet => ([(CONTENT_TYPE, PARQUET)], cut, answer.to_parquet()?).into_response(),
            Form::Arrow => ([(CONTENT_TYPE, ARROW)], cut, answer.to_arrow_stream()?).into_response(),
        })
    });
    written.await.unwrap_or_else(|cause| Err(broken(cause)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Csv,
    Arrow,
    Parquet,
}

fn form(headers: &HeaderMap) -> Form {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains(ARROW) {
        Form::Arrow
    } else if accept.contains(PARQUET) {
        Form::Parquet
    } else if accept.contains(CSV) {
        Form::Csv
    } else {
        Form::Json
    }
}

/// Milliseconds since `start`.
pub(crate) fn elapsed_ms(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
