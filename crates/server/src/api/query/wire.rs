//! `POST /api/v1/query` on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::api::request::show_time;
use crate::api::wire::{Cells, FrameColumn, Window};

/// Which numbers, of what, when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricRequest {
    /// Ids of the catalogue.
    pub(crate) metrics: Vec<String>,
    /// Fields to split by.
    #[serde(default)]
    pub(crate) splits: Vec<String>,
    /// All must hold.
    #[serde(default)]
    pub(crate) filters: Vec<MetricFilter>,
    /// First moment: RFC 3339 or milliseconds since 1970.
    #[serde(default)]
    pub(crate) from: Option<TimeInput>,
    /// First moment after.
    #[serde(default)]
    pub(crate) to: Option<TimeInput>,
    /// Length of a bucket; absent or null for one number over the whole window.
    #[serde(default)]
    pub(crate) step_s: Option<u64>,
    /// At most this many series.
    #[serde(default)]
    pub(crate) limit: Option<usize>,
    /// The metric that decides which series are kept.
    #[serde(default)]
    pub(crate) order_by: Option<String>,
}

/// RFC 3339, or milliseconds since 1970.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum TimeInput {
    Millis(i64),
    Text(String),
}

/// One condition.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricFilter {
    pub(crate) field: String,
    /// `eq`, `ne`, `in`, `contains`, `gt` or `lt`.
    pub(crate) op: String,
    /// A text, number or truth value; a list for `in`.
    #[schema(value_type = Value)]
    pub(crate) value: Json,
}

/// The numbers: `time` first if there is a step, then splits, then metrics.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricFrame {
    pub(crate) columns: Vec<FrameColumn>,
    #[schema(value_type = Vec<Cells>)]
    pub(crate) rows: Vec<Vec<Json>>,
    pub(crate) window: Window,
    pub(crate) step_s: Option<u64>,
    pub(crate) truncated: bool,
}

impl From<pellucid_query::MetricFrame> for MetricFrame {
    fn from(answer: pellucid_query::MetricFrame) -> Self {
        let columns = answer.frame.columns.into_iter().map(|column| FrameColumn {
            name: column.name,
            unit: column.unit.map(str::to_owned),
            type_name: column.type_name,
        });
        Self {
            columns: columns.collect(),
            rows: answer.frame.rows,
            window: Window { from: show_time(answer.window.from), to: show_time(answer.window.to) },
            step_s: answer.step_s,
            truncated: answer.frame.truncated,
        }
    }
}
