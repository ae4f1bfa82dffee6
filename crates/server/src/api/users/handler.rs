//! `GET /api/v1/users`.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use pellucid_query::{Group, Order};

use super::wire::UserList;
use crate::api::error::ErrorBody;
use crate::api::listing::listing;
use crate::api::request::{Params, Reader};
use crate::api::wire::{FilterParams, GroupParams};
use crate::api::{Answered, Desk};

/// List end users, summed up inside window and filters
#[utoipa::path(get, path = "/api/v1/users", tag = "users", operation_id = "users", params(FilterParams, GroupParams),
    responses((status = 200, body = UserList), (status = 400, body = ErrorBody)))]
pub(crate) async fn list(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let (listing, params) = listing(params, &["cursor", "limit", "order"])?;
    let order = params.one("order").map_or(Ok(Order::default()), Order::parse)?;
    Ok(Json(desk.engine.groups(&access, Group::Users, order, &listing).await?).into_response())
}
