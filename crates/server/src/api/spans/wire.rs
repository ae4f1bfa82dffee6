//! `GET /api/v1/spans/{trace_id}/{span_id}` on the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::explain::SpanExplanation;

/// Every column of table `spans`: messages, attributes, events and links as JSON, not as text; and the logs of the span.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SpanDetail {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) logs: Vec<SpanLog>,
    /// Where the columns come from; only with `explain=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) explain: Option<SpanExplanation>,
    /// The other columns, by name.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub(crate) columns: Map<String, Json>,
}

/// One log record of the span.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanLog {
    pub(crate) time: Option<String>,
    pub(crate) event_name: Option<String>,
    pub(crate) severity: Option<String>,
    #[schema(value_type = Value)]
    pub(crate) body: Json,
    #[schema(value_type = Object)]
    pub(crate) attributes: Map<String, Json>,
}
