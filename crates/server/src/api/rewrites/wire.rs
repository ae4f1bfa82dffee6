//! `/api/v1/prices/reprice`, `/api/v1/renormalize` and `/api/v1/audit` on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};

use crate::rewrites::RewriteProgress;

/// Which stored rows to make again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewriteBody {
    /// First moment a row may start: RFC 3339, a day such as `2026-01-31`, or milliseconds since 1970.
    pub(crate) from: String,
    /// First moment after. Default: now.
    #[serde(default)]
    pub(crate) to: Option<String>,
    /// Only calls of this model, as asked for or as answered.
    #[serde(default)]
    pub(crate) model: Option<String>,
    /// Only say what would change.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// Answer when it is done, not when it has begun.
    #[serde(default)]
    pub(crate) wait: bool,
}

/// What was changed by hand, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditList {
    pub(crate) items: Vec<AuditLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// One thing that was changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditLine {
    pub(crate) id: i64,
    /// RFC 3339.
    pub(crate) time: String,
    /// The name of the key; `local` where none is asked for.
    pub(crate) who: String,
    /// `price_set`, `price_removed`, `cost_choice`, `reprice`, `renormalize`.
    pub(crate) what: String,
    /// How a walk over stored rows stands; null for everything else.
    pub(crate) rewrite: Option<RewriteProgress>,
    /// The particulars of everything else.
    #[schema(value_type = Object)]
    pub(crate) details: Json,
}

/// Which part of the list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct AuditParams {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Lines a page, 1 to 500. Default: 50.
    limit: Option<usize>,
}
