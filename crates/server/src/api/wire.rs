//! Shapes that several nouns share. Each is what goes over the wire, not what the engine thinks in.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};

/// One column of a frame.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrameColumn {
    /// Name as asked for.
    pub(crate) name: String,
    /// Unit, such as `ns`, `usd`, `tokens` or `1/s`; null where there is none.
    pub(crate) unit: Option<String>,
    /// Type in the words of SQL.
    #[serde(rename = "type")]
    pub(crate) type_name: String,
}

/// The time an answer is about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    /// First moment, RFC 3339.
    pub(crate) from: String,
    /// First moment after it, RFC 3339.
    pub(crate) to: String,
}

/// One row of a frame: a value a column. Money and other decimals are strings, times RFC 3339, 64-bit integers numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(value_type = Vec<Json>)]
pub(crate) struct Cells(pub(crate) Vec<Json>);

/// Filters of lists, facets and histograms. Each may repeat, which means "any of these".
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads, since repeated parameters need an own reader")]
pub(crate) struct FilterParams {
    /// Rows: `calls` (default), `traces` or `spans`.
    view: Option<String>,
    /// First moment: RFC 3339 or milliseconds since 1970. Default: a day before `to`.
    from: Option<String>,
    /// First moment after. Default: now.
    to: Option<String>,
    /// Application name, or service name where there is none.
    app: Option<Vec<String>>,
    /// Response model, or request model where there is none.
    model: Option<Vec<String>>,
    /// Who bills.
    provider: Option<Vec<String>>,
    /// `ok`, `error` or `unset`.
    status: Option<Vec<String>>,
    /// Kind of span.
    kind: Option<Vec<String>>,
    /// Operation.
    operation: Option<Vec<String>>,
    /// User id.
    user: Option<Vec<String>>,
    /// Session id.
    session: Option<Vec<String>>,
    /// A question to the texts: `refund 退款` (both), `"a phrase"`, `-without`, `a OR b`, `(…)`, `begin*`.
    q: Option<String>,
}

/// The order of sessions and users, and the part of them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct GroupParams {
    /// What comes first: the latest (`time`, default), or the most `cost`, `tokens`, `calls`, `errors`.
    order: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows a page, 1 to 500. Default: 50.
    limit: Option<usize>,
}

/// Names in [`FilterParams`].
pub(crate) const FILTER_NAMES: &[&str] =
    &["view", "from", "to", "app", "model", "provider", "status", "kind", "operation", "user", "session", "q"];
