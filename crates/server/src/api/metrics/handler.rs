//! `GET /api/v1/metrics`: the catalogue.

use axum::Json;
use axum::response::IntoResponse;
use pellucid_query::METRICS;

use super::wire::{Catalogue, CatalogueItem};
use crate::api::Answered;
use crate::api::request::Reader;

/// List the metric catalogue
#[utoipa::path(get, path = "/api/v1/metrics", tag = "query", responses((status = 200, body = Catalogue)))]
pub(crate) async fn metrics(_reader: Reader) -> Answered {
    let items = METRICS.iter().map(CatalogueItem::from).collect();
    Ok(Json(Catalogue { items }).into_response())
}
