//! Users on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of users.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserList {
    pub(crate) items: Vec<UserRow>,
    /// Give this back as `cursor` for the next page; null at the end.
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
}

/// One user, inside the window and the filters.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserRow {
    pub(crate) user_id: String,
    /// RFC 3339.
    pub(crate) first_seen: String,
    /// RFC 3339.
    pub(crate) last_seen: String,
    pub(crate) session_count: i64,
    pub(crate) trace_count: i64,
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
    /// At most 20 of the models that answered.
    pub(crate) models: Option<Vec<String>>,
}
