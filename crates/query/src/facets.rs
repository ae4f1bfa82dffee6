//! What stands beside and above a list: values with counts, and counts over time.
//!
//! In: the same [`Listing`] as the list's. Out: the API's JSON. A facet leaves its own filter out, so that other values
//! can be added to it.

use std::collections::HashMap;

use futures::future::try_join_all;
use pellucid_model::{Error, ErrorKind, Result};
use serde_json::{Value as Json, json};

use crate::engine::{Access, Engine, Reading};
use crate::filter::field;
use crate::frame::{NANOS_PER_S, rfc3339};
use crate::list::{Listing, View};
use crate::metrics::floor;
use crate::session::Session;

/// The fields that have facets.
pub const FACETS: &[&str] = &["app", "model", "provider", "status", "kind", "operation"];

/// Most values of one facet.
const MAX_VALUES: usize = 50;
/// Most bars of a histogram.
const MAX_BARS: usize = 1_000;
/// Bar lengths people can read, in seconds.
const STEPS_S: &[i64] = &[
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    2_592_000,
];

/// What one row of the list is counted as.
fn count_of(view: View) -> (&'static str, &'static str) {
    match view {
        View::Traces => ("count(DISTINCT trace_id)", "count(DISTINCT CASE WHEN status = 'error' THEN trace_id END)"),
        View::Calls | View::Spans => ("count(*)", "count(*) FILTER (WHERE status = 'error')"),
    }
}

impl Engine {
    /// `{"items":[{"field","values":[{"value","count"}]}]}`.
    pub async fn facets(&self, access: &Access, listing: &Listing) -> Result<Json> {
        let session = self.session(access, Reading::Sums)?;
        let items = try_join_all(FACETS.iter().map(|name| facet(&session, listing, name))).await?;
        Ok(json!({ "items": items }))
    }

    /// `{"step_s","buckets":[{"time","count","errors"}]}` with about `bars` buckets.
    pub async fn histogram(&self, access: &Access, listing: &Listing, bars: usize) -> Result<Json> {
        let session = self.session(access, Reading::Sums)?;
        let condition = listing.condition(None)?;
        let step_ns = step_ns(listing, bars)?;
        let (count, errors) = count_of(listing.view);
        let sql = format!(
            "SELECT bucket, {count} AS n, {errors} AS errors FROM \
             (SELECT *, CAST(start_time AS BIGINT) / {step_ns} * {step_ns} AS bucket FROM spans WHERE {}) GROUP BY bucket",
            condition.sql()
        );
        let frame = session.rows(&sql, condition.params()).await?;
        let cells = frame.rows.into_iter().filter_map(|row| Some((row.first()?.as_i64()?, row)));
        let known: HashMap<i64, Vec<Json>> = cells.collect();
        let first = floor(listing.window.from, step_ns);
        let times = std::iter::successors(Some(first), |time| time.checked_add(step_ns));
        let buckets = times.take_while(|time| *time < listing.window.to.as_nanos()).map(|time| {
            let cell = |n: usize| known.get(&time).and_then(|row| row.get(n)).cloned().unwrap_or_else(|| Json::from(0));
            json!({ "time": rfc3339(time), "count": cell(1), "errors": cell(2) })
        });
        Ok(json!({ "step_s": step_ns / NANOS_PER_S, "buckets": buckets.collect::<Vec<_>>() }))
    }
}

async fn facet(session: &Session, listing: &Listing, name: &'static str) -> Result<Json> {
    let condition = listing.condition(Some(name))?;
    let (count, _) = count_of(listing.view);
    let sql = format!(
        "SELECT value, {count} AS n FROM (SELECT *, {} AS value FROM spans WHERE {}) WHERE value IS NOT NULL \
         GROUP BY value ORDER BY n DESC, value LIMIT {MAX_VALUES}",
        field(name)?.sql,
        condition.sql()
    );
    let frame = session.rows(&sql, condition.params()).await?;
    let values = frame.rows.into_iter().map(|row| json!({ "value": row.first(), "count": row.get(1) }));
    Ok(json!({ "field": name, "values": values.collect::<Vec<_>>() }))
}

/// The shortest readable bar that gives at most `bars` of them.
fn step_ns(listing: &Listing, bars: usize) -> Result<i64> {
    if bars == 0 || bars > MAX_BARS {
        return Err(Error::new(ErrorKind::Invalid, format!("buckets must lie between 1 and {MAX_BARS}")));
    }
    let bars = i64::try_from(bars).unwrap_or(1);
    let least_s = listing.window.to.since(listing.window.from).div_euclid(bars) / NANOS_PER_S;
    let known = STEPS_S.iter().copied().find(|step| *step >= least_s);
    Ok(known.unwrap_or(least_s + 1).saturating_mul(NANOS_PER_S))
}
