//! One trace as a tree in reading order.
//!
//! In: a trace id and a window of rows. Out: the trace's sums and its spans, depth first, siblings by start. A span whose
//! parent is not here hangs at the top and says so; parents in a circle are cut at the earliest span.

use std::collections::{HashMap, HashSet};

use futures::try_join;
use pellucid_model::{Error, ErrorKind, Result, TraceId};
use serde_json::{Map, Value as Json, json};

use crate::engine::{Access, Engine, Reading};
use crate::filter::{Where, text_value};
use crate::list::{key_of, texts};

/// Most spans of one answer.
const MAX_SPANS: usize = 10_000;

/// The columns of a row in the tree but for its texts.
const LIGHT: &str = "trace_id, span_id, parent_span_id, name, kind, operation, status, start_time, end_time, \
    duration_ns, ttft_ns, coalesce(response_model, request_model) AS model, provider, input_tokens, output_tokens, \
    usage_source, counts, cost_usd, truncated, redacted, flags, tool_name, db_system, service_name, error_type, CAST(end_time AS BIGINT) = 0 AS running";

/// The trace's own row; its texts are not asked for.
const HEAD: &str = "trace_id, start_time, end_time, duration_ns, span_count, call_count, error_count, status, app, \
    session_id, user_id, models, input_tokens, output_tokens, total_tokens, cost_usd, unpriced_calls, \
    estimated_calls, truncated, redacted, complete";

/// The flag of a span whose parents lead back to itself. It belongs to the trace, so it is not in the column.
const PARENT_CIRCLE: &str = "parent_circle";

type Row = Map<String, Json>;

impl Engine {
    /// A trace with at most `limit` of its spans, those after the span `after`.
    pub async fn trace(&self, access: &Access, trace_id: &str, limit: usize, after: Option<&str>) -> Result<Json> {
        let session = self.session(access, Reading::Rows)?;
        let mut condition = Where::default();
        let id = condition.bind(text_value(&canonical(trace_id)?));
        let head = format!("SELECT {HEAD} FROM traces WHERE trace_id = {id}");
        let sql = format!("SELECT {LIGHT} FROM spans WHERE trace_id = {id} ORDER BY start_time, span_id");
        let (head, spans) =
            try_join!(session.objects(&head, condition.params()), session.objects(&sql, condition.params()))?;
        let Some(mut trace) = head.into_iter().next() else { return Err(unknown(trace_id)) };
        if trace.get("models").is_none_or(Json::is_null) {
            trace.insert("models".into(), json!([]));
        }
        let ordered = depth_first(spans);
        if ordered.iter().any(|row| row.get("parent_missing") == Some(&Json::Bool(true))) {
            trace.insert("complete".into(), Json::Bool(false));
        }
        let (mut spans, next) = window(ordered, limit.clamp(1, MAX_SPANS), after)?;
        let texts = texts(&session, &spans).await?;
        for span in &mut spans {
            let (input, output) = texts.get(&key_of(span)).cloned().unwrap_or_default();
            span.insert("input_preview".into(), Json::from(input));
            span.insert("output_preview".into(), Json::from(output));
            span.remove("trace_id");
            span.remove("end_time");
        }
        trace.insert("spans".into(), spans.into_iter().map(Json::Object).collect());
        if let Some(next) = next {
            trace.insert("next".into(), Json::from(next));
        }
        Ok(Json::Object(trace))
    }
}

/// The id in the form of the columns.
pub(crate) fn canonical(trace_id: &str) -> Result<String> {
    let id = TraceId::from_hex(trace_id);
    id.map(|id| id.to_string()).map_err(|reason| {
        Error::new(ErrorKind::Invalid, format!("the trace id is not valid: {reason}"))
            .with_hint("32 hexadecimal digits")
    })
}

pub(crate) fn unknown(trace_id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("no trace {trace_id}"))
}

/// The part of the tree after one span, and the span to go on with.
fn window(rows: Vec<Row>, limit: usize, after: Option<&str>) -> Result<(Vec<Row>, Option<String>)> {
    let skip = match after {
        None => 0,
        Some(after) => {
            let place = rows.iter().position(|row| row.get("span_id").and_then(Json::as_str) == Some(after));
            place.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no span {after} in this trace")))? + 1
        }
    };
    let more = rows.len() > skip + limit;
    let spans: Vec<Row> = rows.into_iter().skip(skip).take(limit).collect();
    let next = spans.last().filter(|_| more).map(|row| key_of(row).1);
    Ok((spans, next))
}

/// Rows ordered by start, put into depth-first order with `depth` and `parent_missing`.
fn depth_first(rows: Vec<Row>) -> Vec<Row> {
    let ids: HashMap<String, usize> = rows.iter().enumerate().map(|(n, row)| (key_of(row).1, n)).collect();
    let parent_of = |row: &Row| row.get("parent_span_id").and_then(Json::as_str).map(str::to_owned);
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut tops = Vec::new();
    let mut missing = HashSet::new();
    for (place, row) in rows.iter().enumerate() {
        match parent_of(row) {
            None => tops.push(place),
            Some(parent) => match ids.get(&parent) {
                Some(parent) => children.entry(*parent).or_default().push(place),
                None => {
                    missing.insert(place);
                    tops.push(place);
                }
            },
        }
    }
    let mut seen = vec![false; rows.len()];
    let mut order = Vec::with_capacity(rows.len());
    for top in tops {
        walk(top, &children, &mut seen, &mut order);
    }
    // What no top reaches goes in circles: cut each circle at its earliest span, and say so.
    let mut cut = HashSet::new();
    for place in 0..rows.len() {
        if !seen[place] {
            cut.insert(place);
            walk(place, &children, &mut seen, &mut order);
        }
    }
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    let placed = order.into_iter().filter_map(|(place, depth)| {
        let mut row = rows.get_mut(place)?.take()?;
        row.insert("depth".into(), Json::from(depth));
        row.insert("parent_missing".into(), Json::Bool(missing.contains(&place)));
        if cut.contains(&place)
            && let Some(flags) = row.get_mut("flags")
        {
            let mut told = flags.as_array().cloned().unwrap_or_default();
            told.push(Json::from(PARENT_CIRCLE));
            *flags = Json::Array(told);
        }
        Some(row)
    });
    placed.collect()
}

/// Without recursion, as a trace may be deeper than the stack.
fn walk(top: usize, children: &HashMap<usize, Vec<usize>>, seen: &mut [bool], order: &mut Vec<(usize, usize)>) {
    let mut open = vec![(top, 0)];
    while let Some((place, depth)) = open.pop() {
        if std::mem::replace(&mut seen[place], true) {
            continue;
        }
        order.push((place, depth));
        let below = children.get(&place).map(Vec::as_slice).unwrap_or_default();
        open.extend(below.iter().rev().map(|child| (*child, depth + 1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(spans: &[(&str, Option<&str>)]) -> Vec<(String, u64, bool)> {
        let rows = spans.iter().map(|(id, parent)| match json!({ "span_id": id, "parent_span_id": parent }) {
            Json::Object(row) => row,
            _ => Row::new(),
        });
        let placed = depth_first(rows.collect()).into_iter().map(|row| {
            (key_of(&row).1, row["depth"].as_u64().unwrap_or(99), row["parent_missing"] == Json::Bool(true))
        });
        placed.collect()
    }

    fn at(id: &str, depth: u64, missing: bool) -> (String, u64, bool) {
        (id.to_owned(), depth, missing)
    }

    #[test]
    fn children_follow_their_parent_in_order_of_start() {
        let spans = [("r", None), ("a", Some("r")), ("b", Some("r")), ("aa", Some("a"))];
        assert_eq!(tree(&spans), [at("r", 0, false), at("a", 1, false), at("aa", 2, false), at("b", 1, false)]);
    }

    #[test]
    fn orphans_hang_at_the_top_and_circles_are_cut() {
        assert_eq!(tree(&[("x", Some("gone")), ("y", Some("x"))]), [at("x", 0, true), at("y", 1, false)]);
        assert_eq!(tree(&[("x", Some("y")), ("y", Some("x"))]), [at("x", 0, false), at("y", 1, false)]);
        assert_eq!(tree(&[("x", Some("x"))]), [at("x", 0, false)]);
    }

    #[test]
    fn a_circle_says_where_it_was_cut() {
        let row = |id: &str, parent: &str| match json!({ "span_id": id, "parent_span_id": parent, "flags": ["time_unit"] })
        {
            Json::Object(row) => row,
            _ => Row::new(),
        };
        let placed = depth_first(vec![row("x", "y"), row("y", "x"), row("z", "gone")]);
        let flags: Vec<&Json> = placed.iter().map(|row| &row["flags"]).collect();
        let (cut, plain) = (json!(["time_unit", "parent_circle"]), json!(["time_unit"]));
        assert_eq!(placed.iter().map(|row| key_of(row).1).collect::<Vec<_>>(), ["z", "x", "y"]);
        assert_eq!(flags, [&plain, &cut, &plain]);
    }

    #[test]
    fn a_deep_trace_does_not_overflow() {
        let names: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        let spans: Vec<(&str, Option<&str>)> =
            (0..names.len()).map(|n| (names[n].as_str(), n.checked_sub(1).map(|n| names[n].as_str()))).collect();
        assert_eq!(tree(&spans).last().map(|row| row.1), Some(99_999));
    }
}
