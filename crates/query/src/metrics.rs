//! The metric catalogue and the question it answers.
//!
//! In: metric ids, splits, filters, a window, perhaps a step. Out: a frame with one column a metric. All metrics of one
//! question come from one scan of `spans`, so their numbers belong together. A new number is a row of [`METRICS`].

mod over_time;

use pellucid_model::{Column, ColumnType, Error, ErrorKind, Frame, Result};
use serde_json::Value as Json;

use crate::engine::{Access, Engine, Reading};
use crate::fault::nearest;
use crate::filter::{Field, Filter, Where, Window, field};
use crate::frame::NANOS_PER_S;
use crate::session::Session;
use crate::views::{CALL_ROWS, IS_CALL, IS_UNPRICED};

pub(crate) use over_time::floor;

use over_time::buckets;

use Direction::{Neutral, UpIsBad, UpIsGood};

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    UpIsGood,
    /// More is worse.
    UpIsBad,
    /// Neither.
    Neutral,
}

impl Direction {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UpIsGood => "up_is_good",
            Self::UpIsBad => "up_is_bad",
            Self::Neutral => "neutral",
        }
    }
}

/// A number that can be charted.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Name in requests.
    pub id: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// Aggregate over the rows of one group; may name the words of `BASES` and `MASKED`.
    pub sql: &'static str,
    /// Names of fields it may be split by.
    pub splits: &'static [&'static str],
    /// Which way is good.
    pub direction: Direction,
    /// True if no rows mean zero, false if they mean unknown.
    pub zero_fill: bool,
    base: &'static str,
}

/// Words a metric's expression may name, with the rows they mark.
const BASES: &[(&str, &str)] = &[
    ("is_call", IS_CALL),
    ("is_unpriced", IS_UNPRICED),
    ("is_db", "kind = 'vector_db'"),
    ("is_tool", "kind = 'tool'"),
    ("is_agent", "kind = 'agent'"),
];

const CALL_SPLITS: &[&str] = &[
    "app",
    "model",
    "request_model",
    "provider",
    "operation",
    "kind",
    "status",
    "error_type",
    "user_id",
    "session_id",
    "environment",
    "temperature",
    "agent_name",
    "finish_reason",
    "stream",
    "service_name",
    "usage_source",
];
const DB_SPLITS: &[&str] = &[
    "app",
    "db_system",
    "db_operation",
    "status",
    "error_type",
    "user_id",
    "session_id",
    "environment",
    "service_name",
];
const TOOL_SPLITS: &[&str] =
    &["app", "tool_name", "agent_name", "status", "error_type", "user_id", "session_id", "environment", "service_name"];
const AGENT_SPLITS: &[&str] =
    &["app", "agent_name", "status", "error_type", "user_id", "session_id", "environment", "service_name"];

const fn calls(
    id: &'static str,
    unit: &'static str,
    direction: Direction,
    zero_fill: bool,
    sql: &'static str,
) -> Metric {
    Metric { id, unit, sql, splits: CALL_SPLITS, direction, zero_fill, base: "is_call" }
}

const fn other(
    id: &'static str,
    unit: &'static str,
    zero_fill: bool,
    base: &'static str,
    splits: &'static [&'static str],
    sql: &'static str,
) -> Metric {
    Metric { id, unit, sql, splits, direction: if zero_fill { Neutral } else { UpIsBad }, zero_fill, base }
}

/// The catalogue. Percentiles are exact, not sketches, so that they equal SQL's.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    calls("requests", "1", Neutral, true, "count(*) FILTER (WHERE is_call)"),
    calls("errors", "1", UpIsBad, true, "count(*) FILTER (WHERE is_call AND status = 'error')"),
    calls("error_rate", "ratio", UpIsBad, false, "CAST(count(*) FILTER (WHERE is_call AND status = 'error') AS DOUBLE) / nullif(count(*) FILTER (WHERE is_call), 0)"),
    calls("input_tokens", "tokens", Neutral, true, "sum(input_tokens) FILTER (WHERE is_call)"),
    calls("output_tokens", "tokens", Neutral, true, "sum(output_tokens) FILTER (WHERE is_call)"),
    calls("total_tokens", "tokens", Neutral, true, "sum(total_tokens) FILTER (WHERE is_call)"),
    calls("cache_read_tokens", "tokens", UpIsGood, true, "sum(cache_read_tokens) FILTER (WHERE is_call)"),
    calls("reasoning_tokens", "tokens", Neutral, true, "sum(reasoning_tokens) FILTER (WHERE is_call)"),
    calls("cost", "usd", UpIsBad, true, "CAST(sum(cost_usd) FILTER (WHERE is_call) AS DECIMAL(38, 12))"),
    calls("input_cost", "usd", UpIsBad, true, "CAST(sum(input_cost_usd) FILTER (WHERE is_call) AS DECIMAL(38, 12))"),
    calls("output_cost", "usd", UpIsBad, true, "CAST(sum(output_cost_usd) FILTER (WHERE is_call) AS DECIMAL(38, 12))"),
    calls("avg_cost", "usd", UpIsBad, false, "CAST(avg(cost_usd) FILTER (WHERE is_call) AS DECIMAL(38, 12))"),
    calls("unpriced_calls", "1", UpIsBad, true, "count(*) FILTER (WHERE is_call AND is_unpriced)"),
    calls("estimated_calls", "1", Neutral, true, "count(*) FILTER (WHERE is_call AND usage_source = 'estimated')"),
    calls("truncated_calls", "1", UpIsBad, true, "count(*) FILTER (WHERE is_call AND truncated)"),
    calls("redacted_calls", "1", Neutral, true, "count(*) FILTER (WHERE is_call AND redacted)"),
    calls("latency_avg", "ns", UpIsBad, false, "avg(duration_ns) FILTER (WHERE is_call)"),
    calls("latency_p50", "ns", UpIsBad, false, "percentile_cont(call_ns, 0.5)"),
    calls("latency_p95", "ns", UpIsBad, false, "percentile_cont(call_ns, 0.95)"),
    calls("latency_p99", "ns", UpIsBad, false, "percentile_cont(call_ns, 0.99)"),
    calls("ttft_avg", "ns", UpIsBad, false, "avg(ttft_ns) FILTER (WHERE is_call)"),
    calls("ttft_p50", "ns", UpIsBad, false, "percentile_cont(call_ttft_ns, 0.5)"),
    calls("ttft_p95", "ns", UpIsBad, false, "percentile_cont(call_ttft_ns, 0.95)"),
    calls("tokens_per_second", "1/s", UpIsGood, false, "CAST(sum(output_tokens) FILTER (WHERE is_call AND duration_ns > 0) AS DOUBLE) * 1e9 / sum(duration_ns) FILTER (WHERE is_call AND duration_ns > 0 AND output_tokens IS NOT NULL)"),
    calls("distinct_users", "1", Neutral, true, "count(DISTINCT call_user)"),
    calls("distinct_sessions", "1", Neutral, true, "count(DISTINCT call_session)"),
    other("db_requests", "1", true, "is_db", DB_SPLITS, "count(*) FILTER (WHERE is_db)"),
    other("db_latency_avg", "ns", false, "is_db", DB_SPLITS, "avg(duration_ns) FILTER (WHERE is_db)"),
    other("db_latency_p95", "ns", false, "is_db", DB_SPLITS, "percentile_cont(db_ns, 0.95)"),
    other("tool_calls", "1", true, "is_tool", TOOL_SPLITS, "count(*) FILTER (WHERE is_tool)"),
    Metric { direction: UpIsBad, ..other("tool_errors", "1", true, "is_tool", TOOL_SPLITS, "count(*) FILTER (WHERE is_tool AND status = 'error')") },
    other("agent_runs", "1", true, "is_agent", AGENT_SPLITS, "count(*) FILTER (WHERE is_agent)"),
];

/// Values that are there for the rows of one base only, for aggregates that take no filter.
const MASKED: &[(&str, &str)] = &[
    ("call_ns", "CASE WHEN is_call THEN duration_ns END"),
    ("call_ttft_ns", "CASE WHEN is_call THEN ttft_ns END"),
    ("call_user", "CASE WHEN is_call THEN user_id END"),
    ("call_session", "CASE WHEN is_call THEN session_id END"),
    ("db_ns", "CASE WHEN is_db THEN duration_ns END"),
];

/// The metric's aggregate with the catalogue's words spelled out.
fn aggregate(metric: &Metric) -> String {
    let words = MASKED.iter().chain(BASES);
    words.fold(metric.sql.to_owned(), |sql, (word, meaning)| sql.replace(word, meaning))
}

/// Most groups an answer may have.
const MAX_GROUPS: usize = 1_000;
/// Most time buckets an answer may have: more than pixels is waste.
const MAX_BUCKETS: i64 = 11_000;
/// Most splits of one question.
const MAX_SPLITS: usize = 3;

/// A question to the catalogue.
#[derive(Debug, Clone)]
pub struct MetricQuery {
    /// Ids of [`METRICS`], in the order of the answer's columns.
    pub metrics: Vec<String>,
    /// Fields to group by.
    pub splits: Vec<String>,
    /// Which spans.
    pub filters: Vec<Filter>,
    /// When.
    pub window: Window,
    /// Length of a time bucket in seconds; none for one row a group.
    pub step_s: Option<u64>,
    /// Most groups; the largest by `order_by` stay.
    pub limit: usize,
    /// The metric that ranks groups; the first one if absent.
    pub order_by: Option<String>,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct MetricFrame {
    /// Columns: `time` if there is a step, the splits, the metrics.
    pub frame: Frame,
    /// The window asked for.
    pub window: Window,
    /// The step asked for.
    pub step_s: Option<u64>,
}

fn metric(id: &str) -> Result<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id).ok_or_else(|| {
        let error = Error::new(ErrorKind::Invalid, format!("no metric named {id}"));
        match nearest(id, METRICS.iter().map(|metric| metric.id)) {
            Some(near) => error.with_hint(format!("did you mean {near}?")),
            None => error.with_hint("GET /api/v1/metrics lists them"),
        }
    })
}

/// A checked question.
struct Checked {
    metrics: Vec<&'static Metric>,
    splits: Vec<&'static Field>,
    order: &'static Metric,
    condition: Where,
    limit: usize,
    step_ns: Option<i64>,
}

fn check(query: &MetricQuery) -> Result<Checked> {
    let metrics = query.metrics.iter().map(|id| metric(id)).collect::<Result<Vec<_>>>()?;
    let Some(first) = metrics.first().copied() else {
        return Err(Error::new(ErrorKind::Invalid, "name at least one metric"));
    };
    if query.splits.len() > MAX_SPLITS {
        return Err(Error::new(ErrorKind::Invalid, format!("at most {MAX_SPLITS} splits")));
    }
    let splits = query.splits.iter().map(|name| field(name)).collect::<Result<Vec<_>>>()?;
    for metric in &metrics {
        if let Some(split) = splits.iter().find(|split| !metric.splits.contains(&split.name)) {
            let message = format!("the metric {} cannot be split by {}", metric.id, split.name);
            return Err(Error::new(ErrorKind::Invalid, message)
                .with_hint(format!("it can be split by {}", metric.splits.join(", "))));
        }
    }
    let order = query.order_by.as_deref().map_or(Ok(first), metric)?;
    let mut condition = Where::window(query.window)?;
    condition.filters(&query.filters)?;
    let bases = BASES.iter().filter(|(name, _)| metrics.iter().chain([&order]).any(|metric| metric.base == *name));
    condition.and(format!("({})", bases.map(|(_, sql)| *sql).collect::<Vec<_>>().join(" OR ")));
    Ok(Checked { metrics, splits, order, condition, limit: query.limit.clamp(1, MAX_GROUPS), step_ns: step(query)? })
}

fn step(query: &MetricQuery) -> Result<Option<i64>> {
    let Some(step_s) = query.step_s else { return Ok(None) };
    let step_ns = i64::try_from(step_s).ok().and_then(|step| step.checked_mul(NANOS_PER_S)).filter(|step| *step > 0);
    let step_ns = step_ns.ok_or_else(|| Error::new(ErrorKind::Invalid, "the step must be at least one second"))?;
    if query.window.to.since(query.window.from) / step_ns > MAX_BUCKETS {
        return Err(Error::new(ErrorKind::Invalid, format!("more than {MAX_BUCKETS} time buckets"))
            .with_hint("use a longer step"));
    }
    Ok(Some(step_ns))
}

impl Engine {
    /// Answers a question to the metric catalogue.
    pub async fn metrics(&self, access: &Access, query: &MetricQuery) -> Result<MetricFrame> {
        let checked = check(query)?;
        let session = self.session(access, Reading::Sums)?;
        let frame = match checked.step_ns {
            None => groups(&session, &checked, &checked.metrics).await?,
            Some(step_ns) => buckets(&session, checked, query.window, step_ns).await?,
        };
        Ok(MetricFrame { frame, window: query.window, step_s: query.step_s })
    }
}

/// The statement: `time` if asked for, the splits as `s0…`, the metrics as `m0…`, the ranking as `rank`.
fn statement(checked: &Checked, metrics: &[&Metric], step_ns: Option<i64>, tail: &str) -> String {
    let time = step_ns.map(|step| (format!("CAST(start_time AS BIGINT) / {step} * {step}"), "bucket".to_owned()));
    let splits = checked.splits.iter().enumerate().map(|(n, field)| (field.sql.to_owned(), format!("s{n}")));
    let (sources, keys): (Vec<String>, Vec<String>) = time.into_iter().chain(splits).unzip();
    let values = metrics.iter().enumerate().map(|(n, metric)| (aggregate(metric), format!("m{n}")));
    let rank = (aggregate(checked.order), "rank".to_owned());
    let columns = sources.iter().cloned().zip(keys.iter().cloned()).chain(values).chain([rank]);
    let columns: Vec<String> = columns.map(|(sql, name)| format!("{sql} AS {name}")).collect();
    let group = if keys.is_empty() { String::new() } else { format!("GROUP BY {}", sources.join(", ")) };
    format!("SELECT {} FROM {CALL_ROWS} WHERE {} {group} {tail}", columns.join(", "), checked.condition.sql())
}

/// One row a group, the largest first.
async fn groups(session: &Session, checked: &Checked, metrics: &[&'static Metric]) -> Result<Frame> {
    let keys = (0..checked.splits.len()).map(|n| format!(", s{n} NULLS LAST")).collect::<String>();
    let tail = if checked.splits.is_empty() {
        String::new()
    } else {
        format!("ORDER BY rank DESC NULLS LAST{keys} LIMIT {}", checked.limit + 1)
    };
    let mut frame = session.rows(&statement(checked, metrics, None, &tail), checked.condition.params()).await?;
    frame.truncated = frame.rows.len() > checked.limit;
    frame.rows.truncate(checked.limit);
    Ok(named(frame, checked, metrics, false))
}

/// Puts the API's names and units on the columns, drops the ranking and writes zero where nothing means zero.
fn named(frame: Frame, checked: &Checked, metrics: &[&'static Metric], timed: bool) -> Frame {
    let keys = usize::from(timed) + checked.splits.len();
    let width = keys + metrics.len();
    let names = timed.then_some(("time", None)).into_iter();
    let names = names.chain(checked.splits.iter().map(|split| (split.name, None)));
    let names = names.chain(metrics.iter().map(|metric| (metric.id, Some(metric.unit))));
    let columns = names.zip(frame.columns).map(|((name, unit), column)| {
        let timed = name == "time";
        let kind = if timed { ColumnType::Timestamp } else { column.kind };
        let type_name = if timed { "Timestamp(ns, \"UTC\")".to_owned() } else { column.type_name };
        Column { name: name.to_owned(), type_name, kind, unit }
    });
    let columns: Vec<Column> = columns.collect();
    let rows = frame.rows.into_iter().map(|mut row| {
        row.truncate(width);
        for (cell, metric) in row.iter_mut().skip(keys).zip(metrics) {
            if cell.is_null() && metric.zero_fill {
                *cell = zero(metric);
            }
        }
        row
    });
    Frame { rows: rows.collect(), columns, truncated: frame.truncated }
}

fn zero(metric: &Metric) -> Json {
    if metric.unit == "usd" { Json::from("0.000000000000") } else { Json::from(0) }
}
