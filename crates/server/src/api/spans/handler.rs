//! `GET /api/v1/spans/{trace_id}/{span_id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use pellucid_model::{Error, ErrorKind};
use utoipa::IntoParams;

use super::explain::SpanExplanation;
use super::wire::SpanDetail;
use crate::api::error::ErrorBody;
use crate::api::request::{Params, Reader};
use crate::api::{Answered, Desk};

/// What to tell besides.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct SpanParams {
    /// Also tell where each column comes from, what was refused and what contradicts. Default: false.
    explain: Option<bool>,
}

/// One span with every column and its logs
#[utoipa::path(get, path = "/api/v1/spans/{trace_id}/{span_id}", tag = "traces",
    params(
        ("trace_id" = String, Path, description = "32 hexadecimal digits"),
        ("span_id" = String, Path, description = "16 hexadecimal digits"),
        SpanParams),
    responses((status = 200, body = SpanDetail), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn span(
    Reader(access): Reader,
    State(desk): State<Desk>,
    Path((trace_id, span_id)): Path<(String, String)>,
    params: Params,
) -> Answered {
    let explain = params.only(&["explain"])?.truth("explain")?;
    let mut span = desk.engine.span(&access, &trace_id, &span_id).await?;
    if explain {
        let (row, mut logs) = desk.engine.stored_span(&access, &trace_id, &span_id).await?;
        logs.retain(|log| pellucid_genai::tells_of(log, &row.span));
        span["explain"] = serde_json::to_value(SpanExplanation::from(pellucid_genai::explain(&row, &logs)))
            .map_err(|cause| Error::new(ErrorKind::Internal, "an explanation cannot be written").caused_by(cause))?;
    }
    Ok(Json(span).into_response())
}
