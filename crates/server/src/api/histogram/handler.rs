//! `GET /api/v1/histogram`.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use utoipa::IntoParams;

use super::wire::Histogram;
use crate::api::error::ErrorBody;
use crate::api::listing::listing;
use crate::api::request::{Params, Reader};
use crate::api::wire::FilterParams;
use crate::api::{Answered, Desk};

const BUCKETS: usize = 60;
const MAX_BUCKETS: usize = 1_000;

/// How fine the histogram is.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct BucketParams {
    /// About how many buckets, 1 to 1000. Default: 60.
    buckets: Option<usize>,
}

/// How many rows a list has, over time
#[utoipa::path(get, path = "/api/v1/histogram", tag = "traces", params(FilterParams, BucketParams),
    responses((status = 200, body = Histogram), (status = 400, body = ErrorBody)))]
pub(crate) async fn histogram(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let (listing, params) = listing(params, &["buckets"])?;
    let buckets = params.number("buckets", BUCKETS, MAX_BUCKETS)?;
    Ok(Json(desk.engine.histogram(&access, &listing, buckets).await?).into_response())
}
