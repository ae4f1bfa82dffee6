//! `GET /api/v1/metrics` on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The metric catalogue.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Catalogue {
    pub(crate) items: Vec<CatalogueItem>,
}

/// One metric.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct CatalogueItem {
    pub(crate) id: String,
    /// Unit of its values.
    pub(crate) unit: Option<String>,
    /// Whether more is `good`, `bad` or `neutral`.
    pub(crate) direction: String,
    /// Fields it can be split and filtered by.
    pub(crate) splits: Vec<String>,
}
