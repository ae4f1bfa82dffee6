//! `GET /api/v1/facets` on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The values of each filter, with how many rows each would leave.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facets {
    pub(crate) items: Vec<Facet>,
}

/// One filter.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facet {
    pub(crate) field: String,
    pub(crate) values: Vec<FacetValue>,
}

/// One of its values.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FacetValue {
    pub(crate) value: Option<String>,
    pub(crate) count: u64,
}
