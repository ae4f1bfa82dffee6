//! `GET /api/v1/traces` and `GET /api/v1/traces/{trace_id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use utoipa::IntoParams;

use super::wire::{Trace, TraceList};
use crate::api::error::ErrorBody;
use crate::api::listing::listing;
use crate::api::request::{Params, Reader};
use crate::api::wire::FilterParams;
use crate::api::{Answered, Desk};

const SPANS: usize = 2_000;
const MAX_SPANS: usize = 10_000;

/// Where a page begins and how long it is.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct PageParams {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows a page, 1 to 500. Default: 50.
    limit: Option<usize>,
}

/// The part of a trace.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct TreeParams {
    /// Spans, 1 to 10000. Default: 2000.
    limit: Option<usize>,
    /// `next` of the part before.
    after: Option<String>,
}

/// List calls, traces or spans, newest first
#[utoipa::path(get, path = "/api/v1/traces", tag = "traces", params(FilterParams, PageParams),
    responses((status = 200, body = TraceList), (status = 400, body = ErrorBody)))]
pub(crate) async fn list(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let (listing, _) = listing(params, &["cursor", "limit"])?;
    Ok(Json(desk.engine.list(&access, &listing).await?).into_response())
}

/// One trace as a tree
#[utoipa::path(get, path = "/api/v1/traces/{trace_id}", tag = "traces",
    params(("trace_id" = String, Path, description = "32 hexadecimal digits"), TreeParams),
    responses((status = 200, body = Trace), (status = 404, body = ErrorBody)))]
pub(crate) async fn trace(
    Reader(access): Reader,
    State(desk): State<Desk>,
    Path(trace_id): Path<String>,
    params: Params,
) -> Answered {
    let params = params.only(&["limit", "after"])?;
    let limit = params.number("limit", SPANS, MAX_SPANS)?;
    Ok(Json(desk.engine.trace(&access, &trace_id, limit, params.one("after")).await?).into_response())
}
