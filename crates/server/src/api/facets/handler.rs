//! `GET /api/v1/facets`.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::wire::Facets;
use crate::api::error::ErrorBody;
use crate::api::listing::listing;
use crate::api::request::{Params, Reader};
use crate::api::wire::FilterParams;
use crate::api::{Answered, Desk};

/// What values the filters can take, with counts
#[utoipa::path(get, path = "/api/v1/facets", tag = "traces", params(FilterParams),
    responses((status = 200, body = Facets), (status = 400, body = ErrorBody)))]
pub(crate) async fn facets(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let (listing, _) = listing(params, &[])?;
    Ok(Json(desk.engine.facets(&access, &listing).await?).into_response())
}
