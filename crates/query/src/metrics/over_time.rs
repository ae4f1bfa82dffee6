//! Metrics over time: one row a group and bucket.
//!
//! In: a checked question with a step. Out: its frame in order of time. Where all groups fit they come from one reading;
//! where some must be left out, a first reading finds the largest.

use std::collections::{HashMap, HashSet};

use pellucid_model::{Frame, Result, Timestamp};
use serde_json::Value as Json;

use super::{Checked, Metric, groups, named, statement, zero};
use crate::filter::{Field, Where, Window};
use crate::frame::rfc3339;
use crate::session::Session;

/// Most rows of an answer that is tried without asking for the largest groups first.
const MAX_ROWS_AT_ONCE: usize = 20_000;

/// One row a group and time bucket, in order of time; the groups are the largest over the whole window.
pub(super) async fn buckets(session: &Session, mut checked: Checked, window: Window, step_ns: i64) -> Result<Frame> {
    if let Some(frame) = few_buckets(session, &checked, step_ns).await? {
        return Ok(frame);
    }
    let mut truncated = false;
    if !checked.splits.is_empty() {
        let top = groups(session, &checked, &[]).await?;
        truncated = top.truncated;
        let terms = top.rows.iter().map(|row| same_group(&mut checked.condition, &checked.splits, row));
        let terms = terms.collect::<Result<Vec<_>>>()?;
        checked.condition.and(format!("({})", if terms.is_empty() { "false".to_owned() } else { terms.join(" OR ") }));
    }
    let metrics = checked.metrics.clone();
    let keys = (0..checked.splits.len()).map(|n| format!(", s{n} NULLS LAST")).collect::<String>();
    let tail = format!("ORDER BY bucket{keys}");
    let frame = session.rows(&statement(&checked, &metrics, Some(step_ns), &tail), checked.condition.params()).await?;
    let mut frame = named(frame, &checked, &metrics, true);
    frame.truncated = truncated;
    if checked.splits.is_empty() {
        frame.rows = filled(frame.rows, &metrics, window, step_ns);
    }
    show_times(&mut frame);
    Ok(frame)
}

fn show_times(frame: &mut Frame) {
    for row in &mut frame.rows {
        if let Some(cell) = row.first_mut() {
            *cell = Json::from(rfc3339(cell.as_i64().unwrap_or_default()));
        }
    }
}

/// The same where no group has to be left out: reading once is enough. Nothing if there are too many groups or rows.
async fn few_buckets(session: &Session, checked: &Checked, step_ns: i64) -> Result<Option<Frame>> {
    if checked.splits.is_empty() {
        return Ok(None);
    }
    let keys = (0..checked.splits.len()).map(|n| format!(", s{n} NULLS LAST")).collect::<String>();
    let tail = format!("ORDER BY bucket{keys} LIMIT {}", MAX_ROWS_AT_ONCE + 1);
    let statement = statement(checked, &checked.metrics, Some(step_ns), &tail);
    let frame = session.rows(&statement, checked.condition.params()).await?;
    let groups: HashSet<String> =
        frame.rows.iter().map(|row| Json::from(&row[1..=checked.splits.len()]).to_string()).collect();
    if frame.rows.len() > MAX_ROWS_AT_ONCE || groups.len() > checked.limit {
        return Ok(None);
    }
    let mut frame = named(frame, checked, &checked.metrics, true);
    show_times(&mut frame);
    Ok(Some(frame))
}

/// "This row is of this group", with the group's values as parameters.
fn same_group(condition: &mut Where, splits: &[&Field], row: &[Json]) -> Result<String> {
    let terms = splits.iter().zip(row).map(|(field, value)| condition.same(field, value));
    Ok(format!("({})", terms.collect::<Result<Vec<_>>>()?.join(" AND ")))
}

/// Every bucket of the window, the empty ones with zeros or nulls.
fn filled(rows: Vec<Vec<Json>>, metrics: &[&'static Metric], window: Window, step_ns: i64) -> Vec<Vec<Json>> {
    let mut known: HashMap<i64, Vec<Json>> =
        rows.into_iter().filter_map(|row| Some((row.first()?.as_i64()?, row))).collect();
    let first = floor(window.from, step_ns);
    let times = std::iter::successors(Some(first), |time| time.checked_add(step_ns));
    let times = times.take_while(|time| *time < window.to.as_nanos());
    times
        .map(|time| {
            known.remove(&time).unwrap_or_else(|| {
                let values = metrics.iter().map(|metric| if metric.zero_fill { zero(metric) } else { Json::Null });
                std::iter::once(Json::from(time)).chain(values).collect()
            })
        })
        .collect()
}

/// The start of the bucket in which `time` lies; buckets count from 1970, so that they do not move with the window.
pub(crate) fn floor(time: Timestamp, step_ns: i64) -> i64 {
    time.as_nanos().div_euclid(step_ns) * step_ns
}
