//! `GET /api/v1/histogram` on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Rows of a list over time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Histogram {
    pub(crate) step_s: u64,
    pub(crate) buckets: Vec<Bucket>,
}

/// One step.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bucket {
    /// Its start, RFC 3339.
    pub(crate) time: String,
    pub(crate) count: u64,
    pub(crate) errors: u64,
}
