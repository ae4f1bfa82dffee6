//! The parameters that lists, facets and histograms share, as the engine's question.

use pellucid_model::{Result, Timestamp};
use pellucid_query::{Filter, Listing, Op, View, Window};
use serde_json::Value as Json;

use super::request::Params;
use super::wire::FILTER_NAMES;
use crate::clock;

/// What is shown when nobody says when.
const DEFAULT_WINDOW_NS: i64 = 24 * 3600 * 1_000_000_000;
/// Now, as the end of a window, must hold what was sent by a clock that runs ahead of ours.
const CLOCK_SLACK_NS: i64 = 5 * 60 * 1_000_000_000;
const PAGE: usize = 50;
const MAX_PAGE: usize = 500;

/// Parameters and the fields they filter by.
const FIELDS: [(&str, &str); 8] = [
    ("app", "app"),
    ("model", "model"),
    ("provider", "provider"),
    ("status", "status"),
    ("kind", "kind"),
    ("operation", "operation"),
    ("user", "user_id"),
    ("session", "session_id"),
];

/// Reads the shared parameters; `own` are those that only this endpoint knows.
pub(super) fn listing(params: Params, own: &[&str]) -> Result<(Listing, Params)> {
    let params = params.only(&[FILTER_NAMES, own].concat())?;
    let filters = FIELDS.iter().filter_map(|(name, field)| filter(field, params.all(name))).collect();
    let listing = Listing {
        view: params.one("view").map_or(Ok(View::Calls), View::parse)?,
        window: window(params.time("from")?, params.time("to")?),
        filters,
        q: params.one("q").map(str::to_owned),
        cursor: params.one("cursor").map(str::to_owned),
        limit: params.number("limit", PAGE, MAX_PAGE)?,
    };
    Ok((listing, params))
}

fn filter(field: &str, values: Vec<String>) -> Option<Filter> {
    let (op, value) = match values.len() {
        0 => return None,
        1 => (Op::Eq, values.into_iter().next().map(Json::from)?),
        _ => (Op::In, Json::from(values)),
    };
    Some(Filter { field: field.to_owned(), op, value })
}

/// The last day where nothing is said.
pub(super) fn window(from: Option<Timestamp>, to: Option<Timestamp>) -> Window {
    let shift = |time: Timestamp, nanos: i64| Timestamp::from_nanos(time.as_nanos().saturating_add(nanos));
    let to = to.unwrap_or_else(|| shift(clock::now(), CLOCK_SLACK_NS));
    Window { from: from.unwrap_or_else(|| shift(to, -DEFAULT_WINDOW_NS)), to }
}
