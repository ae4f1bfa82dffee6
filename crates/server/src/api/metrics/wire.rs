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
    pub(crate) unit: String,
    /// `up_is_good`, `up_is_bad` or `neutral`.
    pub(crate) direction: String,
    /// Fields it can be split and filtered by.
    pub(crate) splits: Vec<String>,
}

impl From<&pellucid_query::Metric> for CatalogueItem {
    fn from(metric: &pellucid_query::Metric) -> Self {
        Self {
            id: metric.id.to_owned(),
            unit: metric.unit.to_owned(),
            direction: metric.direction.as_str().to_owned(),
            splits: metric.splits.iter().map(|split| (*split).to_owned()).collect(),
        }
    }
}
