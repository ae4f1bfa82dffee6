//! `GET /api/v1/sessions` and `GET /api/v1/sessions/{session_id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use pellucid_query::{Group, Order};
use utoipa::IntoParams;

use super::wire::{SessionList, SessionTurns};
use crate::api::error::ErrorBody;
use crate::api::listing::listing;
use crate::api::request::{Params, Reader};
use crate::api::wire::{FilterParams, GroupParams};
use crate::api::{Answered, Desk};

const TURNS: usize = 50;
const MAX_TURNS: usize = 500;

/// The part of a session.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct TurnParams {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Turns a page, 1 to 500. Default: 50.
    limit: Option<usize>,
}

/// List sessions that have matching spans
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", operation_id = "sessions",
    params(FilterParams, GroupParams),
    responses((status = 200, body = SessionList), (status = 400, body = ErrorBody)))]
pub(crate) async fn list(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let (listing, params) = listing(params, &["cursor", "limit", "order"])?;
    let order = params.one("order").map_or(Ok(Order::default()), Order::parse)?;
    Ok(Json(desk.engine.groups(&access, Group::Sessions, order, &listing).await?).into_response())
}

/// One session, turn by turn, the oldest first
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}", tag = "sessions", operation_id = "session",
    params(("session_id" = String, Path, description = "as sent"), TurnParams),
    responses((status = 200, body = SessionTurns), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(
    Reader(access): Reader,
    State(desk): State<Desk>,
    Path(session_id): Path<String>,
    params: Params,
) -> Answered {
    let params = params.only(&["cursor", "limit"])?;
    let limit = params.number("limit", TURNS, MAX_TURNS)?;
    Ok(Json(desk.engine.session_turns(&access, &session_id, params.one("cursor"), limit).await?).into_response())
}
