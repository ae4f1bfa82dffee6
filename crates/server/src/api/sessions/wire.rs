//! Sessions and their turns on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of sessions.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionList {
    pub(crate) items: Vec<SessionRow>,
    /// Give this back as `cursor` for the next page; null at the end.
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
}

/// One session, whole: tokens and cost are sums over its calls.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionRow {
    pub(crate) session_id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) app: Option<String>,
    /// RFC 3339.
    pub(crate) start_time: String,
    /// RFC 3339.
    pub(crate) end_time: String,
    /// Traces, which are its turns.
    pub(crate) trace_count: i64,
    pub(crate) span_count: i64,
    pub(crate) call_count: i64,
    pub(crate) error_count: i64,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) total_tokens: Option<i64>,
    /// US dollars as a decimal; null if nothing is priced.
    pub(crate) cost_usd: Option<String>,
    /// Calls without a price; their cost is not in the sum.
    pub(crate) unpriced_calls: i64,
    /// Calls whose tokens are guessed.
    pub(crate) estimated_calls: i64,
    /// Content was cut before it reached this server.
    pub(crate) truncated: Option<bool>,
    /// Content was masked before it reached this server.
    pub(crate) redacted: Option<bool>,
    pub(crate) models: Option<Vec<String>>,
    /// The first question, at most 200 characters of plain text.
    pub(crate) first_input_preview: Option<String>,
}

/// A session and a page of its turns.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionTurns {
    pub(crate) session: SessionRow,
    pub(crate) items: Vec<Turn>,
    /// Give this back as `cursor` for the next page; null at the end.
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
}

/// A trace of a session: what was asked and answered, and what it took.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Turn {
    pub(crate) trace_id: String,
    pub(crate) root_span_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) status: Option<String>,
    /// RFC 3339.
    pub(crate) start_time: String,
    /// RFC 3339.
    pub(crate) end_time: String,
    pub(crate) duration_ns: i64,
    pub(crate) span_count: i64,
    pub(crate) call_count: i64,
    pub(crate) tool_count: i64,
    pub(crate) error_count: i64,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) total_tokens: Option<i64>,
    /// US dollars as a decimal; null if nothing is priced.
    pub(crate) cost_usd: Option<String>,
    pub(crate) unpriced_calls: i64,
    pub(crate) estimated_calls: i64,
    pub(crate) truncated: Option<bool>,
    pub(crate) redacted: Option<bool>,
    pub(crate) models: Option<Vec<String>>,
    pub(crate) user_id: Option<String>,
    /// At most 4000 characters; three dots at the end tell that it was longer.
    pub(crate) input_text: Option<String>,
    /// At most 4000 characters; three dots at the end tell that it was longer.
    pub(crate) output_text: Option<String>,
}
