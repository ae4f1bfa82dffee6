//! `GET /api/v1/spans/{trace_id}/{span_id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;

use super::wire::SpanDetail;
use crate::api::error::ErrorBody;
use crate::api::request::Reader;
use crate::api::{Answered, Desk};

/// One span with every column and its logs
#[utoipa::path(get, path = "/api/v1/spans/{trace_id}/{span_id}", tag = "traces",
    params(
        ("trace_id" = String, Path, description = "32 hexadecimal digits"),
        ("span_id" = String, Path, description = "16 hexadecimal digits")),
    responses((status = 200, body = SpanDetail), (status = 404, body = ErrorBody)))]
pub(crate) async fn span(
    Reader(access): Reader,
    State(desk): State<Desk>,
    Path((trace_id, span_id)): Path<(String, String)>,
) -> Answered {
    Ok(Json(desk.engine.span(&access, &trace_id, &span_id).await?).into_response())
}
