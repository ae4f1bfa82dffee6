//! `GET /api/v1/traces` and `GET /api/v1/traces/{trace_id}` on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of a list, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraceList {
    pub(crate) items: Vec<TraceRow>,
    /// Give this back as `cursor` for the next page; null at the end.
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
    /// Rows in all, where that is known.
    #[serde(default)]
    pub(crate) total: Option<u64>,
}

/// One call, trace or span. In the view `traces`, tokens and cost are sums over its calls.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraceRow {
    pub(crate) trace_id: String,
    pub(crate) span_id: Option<String>,
    /// Start, RFC 3339.
    pub(crate) time: String,
    pub(crate) name: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) app: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) error_type: Option<String>,
    /// At most 200 characters of plain text.
    pub(crate) input_preview: Option<String>,
    /// At most 200 characters of plain text.
    pub(crate) output_preview: Option<String>,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) total_tokens: Option<i64>,
    /// `reported`, `estimated` or `aggregate`.
    pub(crate) usage_source: Option<String>,
    /// US dollars as a decimal; null if unpriced.
    pub(crate) cost_usd: Option<String>,
    pub(crate) duration_ns: Option<i64>,
    pub(crate) ttft_ns: Option<i64>,
    pub(crate) session_id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) stream: Option<bool>,
    /// Only in the view `traces`.
    #[serde(default)]
    pub(crate) span_count: Option<i64>,
    /// Only in the view `traces`.
    #[serde(default)]
    pub(crate) call_count: Option<i64>,
    /// Only in the view `traces`.
    #[serde(default)]
    pub(crate) error_count: Option<i64>,
    /// Calls without a price; their cost is not in the sum. Only in the view `traces`.
    #[serde(default)]
    pub(crate) unpriced_calls: Option<i64>,
    /// Calls whose tokens are guessed. Only in the view `traces`.
    #[serde(default)]
    pub(crate) estimated_calls: Option<i64>,
    /// Content was cut before it reached this server.
    pub(crate) truncated: bool,
    /// Content was masked before it reached this server.
    pub(crate) redacted: bool,
    /// Where the row answers `q`; null without it, or where no single text does.
    #[serde(default)]
    pub(crate) snippet: Option<Snippet>,
}

/// A line of a text around the first place that answers a question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snippet {
    /// The column of `spans` that has the text.
    pub(crate) column: String,
    /// The line in order.
    pub(crate) parts: Vec<SnippetPart>,
}

/// A stretch of a line.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnippetPart {
    pub(crate) text: String,
    /// Whether this is what was asked for.
    pub(crate) hit: bool,
}

/// One trace as a tree, depth first, siblings by start.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trace {
    pub(crate) trace_id: String,
    pub(crate) start_time: String,
    pub(crate) end_time: String,
    pub(crate) duration_ns: i64,
    pub(crate) span_count: i64,
    pub(crate) call_count: i64,
    pub(crate) error_count: i64,
    pub(crate) status: String,
    pub(crate) app: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) models: Vec<String>,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) total_tokens: Option<i64>,
    /// US dollars as a decimal.
    pub(crate) cost_usd: Option<String>,
    /// Calls without a price; their cost is not in the sum.
    pub(crate) unpriced_calls: i64,
    /// Calls whose tokens are guessed.
    pub(crate) estimated_calls: i64,
    /// Content of some span was cut before it reached this server.
    pub(crate) truncated: bool,
    /// Content of some span was masked before it reached this server.
    pub(crate) redacted: bool,
    /// False while a parent is missing or a span runs.
    pub(crate) complete: bool,
    pub(crate) spans: Vec<TreeSpan>,
    /// Give this back as `after` for the rest of a huge trace.
    #[serde(default)]
    pub(crate) next: Option<String>,
}

/// One span of a tree.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TreeSpan {
    pub(crate) span_id: String,
    pub(crate) parent_span_id: Option<String>,
    /// True if it names a parent that has not come.
    pub(crate) parent_missing: bool,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) operation: Option<String>,
    pub(crate) status: String,
    pub(crate) start_time: String,
    pub(crate) duration_ns: i64,
    pub(crate) ttft_ns: Option<i64>,
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) usage_source: Option<String>,
    /// True if it owns its tokens and money.
    pub(crate) counts: bool,
    pub(crate) cost_usd: Option<String>,
    /// Content was cut before it reached this server.
    pub(crate) truncated: bool,
    /// Content was masked before it reached this server.
    pub(crate) redacted: bool,
    /// What is odd about it: see the column `flags`, and `parent_circle` where its parents lead back to itself; null for
    /// spans stored before there was such a column.
    pub(crate) flags: Option<Vec<String>>,
    /// 0 at a root.
    pub(crate) depth: i64,
    pub(crate) input_preview: Option<String>,
    pub(crate) output_preview: Option<String>,
    pub(crate) tool_name: Option<String>,
    pub(crate) db_system: Option<String>,
    pub(crate) service_name: Option<String>,
    /// True if it has not ended.
    pub(crate) running: bool,
    pub(crate) error_type: Option<String>,
}
