//! `POST /api/v1/sql` on the wire.

use pellucid_model::Frame;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use crate::api::wire::Cells;

/// A question in SQL.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SqlRequest {
    /// One SELECT, WITH or EXPLAIN statement.
    pub(crate) query: String,
    /// Values for `$name` in the query.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) params: Map<String, Json>,
    /// At most this many rows.
    #[serde(default = "default_limit")]
    pub(crate) limit: usize,
}

fn default_limit() -> usize {
    10_000
}

/// The answer as JSON.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SqlAnswer {
    columns: Vec<SqlColumn>,
    #[schema(value_type = Vec<Cells>)]
    rows: Vec<Vec<Json>>,
    row_count: usize,
    /// True if the row bound cut the answer.
    truncated: bool,
    elapsed_ms: u64,
}

/// One column of the answer.
#[derive(Debug, Serialize, ToSchema)]
struct SqlColumn {
    name: String,
    /// As the engine prints it, such as `Timestamp(ns, "UTC")`.
    #[serde(rename = "type")]
    type_name: String,
}

impl SqlAnswer {
    pub(crate) fn new(frame: Frame, elapsed_ms: u64) -> Self {
        let columns =
            frame.columns.into_iter().map(|column| SqlColumn { name: column.name, type_name: column.type_name });
        Self {
            columns: columns.collect(),
            row_count: frame.rows.len(),
            rows: frame.rows,
            truncated: frame.truncated,
            elapsed_ms,
        }
    }
}
