//! Lists of calls, spans and traces: newest first, page by page.
//!
//! In: a view, a window, filters, perhaps a cursor. Out: rows in the shape of the API. Two steps: the light columns find
//! the page, then the texts of the visible rows only are read for their previews. Pages are cut by the key (start,
//! trace, span), so rows that arrive meanwhile neither repeat nor hide any.

use std::collections::{BTreeSet, HashMap, HashSet};

use pellucid_model::{Error, ErrorKind, Result, Timestamp};
use pellucid_search::Query;
use pellucid_store::TRACE_REACH_NS;
use serde_json::{Map, Value as Json, json};

use crate::engine::{Access, Engine, Reading};
use crate::filter::{Filter, Where, Window, text_value, time};
use crate::frame::{NANOS_PER_S, nanos};
use crate::matches::question;
use crate::preview;
use crate::session::Session;
use crate::snippets::snippets;
use crate::views::{CALL_ROWS, IS_CALL, IS_MODEL};

/// Most rows a page may have.
const MAX_PAGE: usize = 500;

/// Lengths of the slices in which a list is read: an hour, then more, then all the rest.
const SLICES_S: &[i64] = &[3_600, 6 * 3_600, 7 * 86_400, i64::MAX];
/// The same for a list that reads texts: a common word fills a page soon, and a rare one has few candidates anywhere.
const TEXT_SLICES_S: &[i64] =
    &[600, 3_600, 6 * 3_600, 86_400, 2 * 86_400, 4 * 86_400, 8 * 86_400, 16 * 86_400, i64::MAX];

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Model calls.
    Calls,
    /// Whole traces.
    Traces,
    /// All spans.
    Spans,
}

impl View {
    /// The words of the API.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "calls" => Ok(Self::Calls),
            "traces" => Ok(Self::Traces),
            "spans" => Ok(Self::Spans),
            _ => Err(Error::new(ErrorKind::Invalid, format!("no view named {word}"))
                .with_hint("views are calls, traces, spans")),
        }
    }
}

/// A question for a list, its facets or its histogram.
#[derive(Debug, Clone)]
pub struct Listing {
    /// What a row is.
    pub view: View,
    /// When.
    pub window: Window,
    /// Which spans; a trace is listed if one of its spans matches.
    pub filters: Vec<Filter>,
    /// A question that the texts must answer, in the language of full text.
    pub q: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Rows a page.
    pub limit: usize,
}

impl Listing {
    /// The condition of the rows, without the page.
    pub(crate) fn condition(&self, except: Option<&str>) -> Result<Where> {
        let mut condition = Where::window(self.window)?;
        if self.view == View::Calls {
            condition.and(IS_CALL);
        }
        let filters: Vec<Filter> =
            self.filters.iter().filter(|filter| Some(filter.field.as_str()) != except).cloned().collect();
        condition.filters(&filters)?;
        if let Some(question) = self.question()? {
            condition.answers(&question);
        }
        Ok(condition)
    }

    /// The question that the texts must answer.
    pub(crate) fn question(&self) -> Result<Option<Query>> {
        self.q.as_deref().filter(|q| !q.trim().is_empty()).map(question).transpose()
    }
}

/// A row's columns but for its texts.
pub(crate) const LIGHT: &str = "trace_id, span_id, start_time, name, kind, operation, \
    coalesce(app_name, service_name) AS app, provider, coalesce(response_model, request_model) AS model, status, \
    error_type, input_tokens, output_tokens, total_tokens, usage_source, cost_usd, duration_ns, ttft_ns, session_id, \
    user_id, stream, truncated, redacted";

type Row = Map<String, Json>;

impl Engine {
    /// One page: `{"items":[…],"next_cursor"?}`.
    pub async fn list(&self, access: &Access, listing: &Listing) -> Result<Json> {
        let session = self.session(access, Reading::Rows)?;
        let (limit, question) = (listing.limit.clamp(1, MAX_PAGE), listing.question()?);
        let mut rows = match listing.view {
            View::Traces => trace_page(&session, listing, limit + 1).await?,
            View::Calls | View::Spans => span_page(&session, listing, limit + 1).await?,
        };
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).and_then(cursor_of);
        let lines = match &question {
            Some(question) => snippets(&session, &rows, question).await?,
            None => HashMap::new(),
        };
        let items = match listing.view {
            View::Traces => trace_rows(&session, &rows, lines).await?,
            View::Calls | View::Spans => span_rows(&session, rows, lines).await?,
        };
        let mut page = json!({ "items": items });
        if let Some(next) = next {
            page["next_cursor"] = Json::from(next);
        }
        Ok(page)
    }
}

/// Reads slice by slice, the newest first, and stops when the page is full: old files are not opened for new rows.
async fn span_page(session: &Session, listing: &Listing, limit: usize) -> Result<Vec<Row>> {
    let Window { from, to } = listing.window;
    let mut page: Vec<Row> = Vec::new();
    let mut upper = match listing.cursor.as_deref() {
        Some(cursor) => Timestamp::from_nanos(parts_of(cursor)?.0.saturating_add(1)).min(to),
        None => to,
    };
    for width_s in if listing.question()?.is_some() { TEXT_SLICES_S } else { SLICES_S } {
        let lower =
            Timestamp::from_nanos(upper.as_nanos().saturating_sub(width_s.saturating_mul(NANOS_PER_S))).max(from);
        if lower < upper {
            let slice = Listing { window: Window { from: lower, to: upper }, ..listing.clone() };
            page.extend(span_slice(session, &slice, limit - page.len()).await?);
        }
        if page.len() >= limit || lower <= from {
            break;
        }
        upper = lower;
    }
    Ok(page)
}

async fn span_slice(session: &Session, listing: &Listing, limit: usize) -> Result<Vec<Row>> {
    let mut condition = listing.condition(None)?;
    if let Some(cursor) = &listing.cursor {
        let [at, trace, span] = bind_cursor(&mut condition, cursor)?;
        condition
            .and(format!("(start_time < {at} OR trace_id < {trace} OR (trace_id = {trace} AND span_id < {span}))"));
    }
    let sql = format!(
        "SELECT {LIGHT} FROM spans WHERE {} ORDER BY start_time DESC, trace_id DESC, span_id DESC LIMIT {limit}",
        condition.sql()
    );
    session.objects(&sql, condition.params()).await
}

/// The page's traces, ranked by their first matching span.
async fn trace_page(session: &Session, listing: &Listing, limit: usize) -> Result<Vec<Row>> {
    let mut condition = listing.condition(None)?;
    let mut having = String::new();
    // The span that answers a question, to show why the trace is there.
    let hit = match listing.question()? {
        Some(_) => ", first_value(span_id ORDER BY start_time, span_id) AS span_id",
        None => "",
    };
    if let Some(cursor) = &listing.cursor {
        let [at, trace, _] = bind_cursor(&mut condition, cursor)?;
        having = format!("WHERE start_time < {at} OR (start_time = {at} AND trace_id < {trace})");
    }
    let sql = format!(
        "SELECT * FROM (SELECT trace_id, min(start_time) AS start_time{hit} FROM spans WHERE {} GROUP BY trace_id) {having} \
         ORDER BY start_time DESC, trace_id DESC LIMIT {limit}",
        condition.sql()
    );
    session.objects(&sql, condition.params()).await
}

/// Opaque to clients: the row's start, trace and span in one word.
fn cursor_of(row: &Row) -> Option<String> {
    let start = nanos(row.get("start_time")?.as_str()?)?;
    let span = row.get("span_id").and_then(Json::as_str).unwrap_or_default();
    Some(format!("{start:x}-{}-{span}", row.get("trace_id")?.as_str()?))
}

fn bind_cursor(condition: &mut Where, cursor: &str) -> Result<[String; 3]> {
    let (start, trace, span) = parts_of(cursor)?;
    Ok([condition.bind(time(start)), condition.bind(text_value(trace)), condition.bind(text_value(span))])
}

fn parts_of(cursor: &str) -> Result<(i64, &str, &str)> {
    let mut parts = cursor.splitn(3, '-');
    let start = parts.next().and_then(|start| i64::from_str_radix(start, 16).ok());
    match (start, parts.next(), parts.next()) {
        (Some(start), Some(trace), Some(span)) => Ok((start, trace, span)),
        _ => {
            Err(Error::new(ErrorKind::Invalid, "this cursor is none of ours").with_hint("start again without a cursor"))
        }
    }
}

/// Why rows are there, where a question says so.
type Lines = HashMap<Key, Json>;

async fn span_rows(session: &Session, rows: Vec<Row>, mut lines: Lines) -> Result<Vec<Json>> {
    let texts = texts(session, &rows).await?;
    Ok(rows
        .into_iter()
        .map(|mut row| {
            let (input, output) = texts.get(&key_of(&row)).cloned().unwrap_or_default();
            row.insert("time".into(), row.get("start_time").cloned().unwrap_or_default());
            row.remove("start_time");
            row.insert("input_preview".into(), Json::from(input));
            row.insert("output_preview".into(), Json::from(output));
            row.insert("snippet".into(), lines.remove(&key_of(&row)).unwrap_or_default());
            Json::Object(row)
        })
        .collect())
}

/// Trace and span of a row.
pub(crate) type Key = (String, String);

/// Previews of input and output.
pub(crate) type Previews = (Option<String>, Option<String>);

pub(crate) fn key_of(row: &Row) -> Key {
    let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    (text("trace_id"), text("span_id"))
}

/// The previews of these rows: the only place that reads messages for a list.
pub(crate) async fn texts(session: &Session, rows: &[Row]) -> Result<HashMap<Key, Previews>> {
    let own = texts_in(session, "spans", rows).await?;
    let mut found: HashMap<Key, Previews> = own.iter().map(|row| (key_of(row), previews(row))).collect();
    // Looking for wrappers takes longer to plan than all else takes: only where one may lend something and is there.
    let bare: HashSet<Key> = own.iter().filter(|row| is_bare(row)).map(key_of).collect();
    let bare: Vec<Row> = rows.iter().filter(|row| bare.contains(&key_of(row))).cloned().collect();
    if wrapped(session, &bare).await? {
        let borrowed = texts_in(session, CALL_ROWS, &bare).await?;
        found.extend(borrowed.iter().map(|row| (key_of(row), previews(row))));
    }
    Ok(found)
}

async fn texts_in(session: &Session, table: &str, rows: &[Row]) -> Result<Vec<Row>> {
    let Some(condition) = of_keys(rows) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT trace_id, span_id, {IS_CALL} AS is_call, input_messages, output_messages, input_value, output_value \
         FROM {table} WHERE {}",
        condition.sql()
    );
    session.objects(&sql, condition.params()).await
}

/// Whether a wrapper may know more of a call than its own row does.
fn is_bare(row: &Row) -> bool {
    let lacks = |name: &str| row.get(name).is_none_or(Json::is_null);
    row.get("is_call") == Some(&Json::Bool(true)) && (lacks("input_messages") || lacks("output_messages"))
}

/// Whether a trace of these rows has a model span that does not count.
async fn wrapped(session: &Session, rows: &[Row]) -> Result<bool> {
    let Some((first, last)) = times_of(rows) else { return Ok(false) };
    let mut condition = Where::default();
    let (from, to) = (condition.bind(time(first.saturating_sub(TRACE_REACH_NS))), condition.bind(time(last)));
    condition.and(format!("start_time >= {from} AND start_time <= {to}"));
    of_traces(&mut condition, rows);
    let sql = format!("SELECT 1 AS n FROM spans WHERE NOT counts AND {IS_MODEL} AND {} LIMIT 1", condition.sql());
    Ok(!session.rows(&sql, condition.params()).await?.rows.is_empty())
}

/// The first and the last start of these rows.
fn times_of(rows: &[Row]) -> Option<(i64, i64)> {
    let times = rows.iter().filter_map(|row| row.get("start_time").and_then(Json::as_str).and_then(nanos));
    Some((times.clone().min()?, times.max()?))
}

fn of_traces(condition: &mut Where, rows: &[Row]) {
    let traces: BTreeSet<String> = rows.iter().map(|row| key_of(row).0).collect();
    let traces: Vec<String> = traces.iter().map(|trace| condition.bind(text_value(trace))).collect();
    condition.and(format!("trace_id IN ({})", traces.join(", ")));
}

/// The spans of these rows; nothing if there are none.
pub(crate) fn of_keys(rows: &[Row]) -> Option<Where> {
    let (first, last) = times_of(rows)?;
    let mut condition = Where::default();
    let (from, to) = (condition.bind(time(first)), condition.bind(time(last)));
    condition.and(format!("start_time >= {from} AND start_time <= {to}"));
    let spans: Vec<String> = rows.iter().map(|row| condition.bind(text_value(&key_of(row).1))).collect();
    condition.and(format!("span_id IN ({})", spans.join(", ")));
    of_traces(&mut condition, rows);
    Some(condition)
}

fn previews(row: &Row) -> Previews {
    let text = |name: &str| row.get(name).and_then(Json::as_str);
    let input = preview::of_input(text("input_messages"), text("input_value"));
    (input, preview::of_output(text("output_messages"), text("output_value")))
}

/// Rows of whole traces: every span of a listed trace counts, whether it matched or not.
async fn trace_rows(session: &Session, page: &[Row], mut lines: Lines) -> Result<Vec<Json>> {
    if page.is_empty() {
        return Ok(Vec::new());
    }
    let mut condition = Where::default();
    let ids: Vec<String> = page.iter().map(|row| condition.bind(text_value(&key_of(row).0))).collect();
    let sql = format!("SELECT * FROM traces WHERE trace_id IN ({})", ids.join(", "));
    let found = session.objects(&sql, condition.params()).await?;
    let mut found: HashMap<String, Row> = found.into_iter().map(|row| (key_of(&row).0, row)).collect();
    let with_line = |row: &Row| Some(trace_row(found.remove(&key_of(row).0)?, lines.remove(&key_of(row))));
    Ok(page.iter().filter_map(with_line).collect())
}

fn trace_row(row: Row, line: Option<Json>) -> Json {
    let get = |name: &str| row.get(name).cloned().unwrap_or_default();
    let text = |name: &str| row.get(name).and_then(Json::as_str);
    let first = |name: &str| get(name).as_array().and_then(|list| list.first().cloned()).unwrap_or_default();
    json!({
        "trace_id": get("trace_id"), "span_id": get("root_span_id"), "time": get("start_time"), "name": get("name"),
        "kind": get("kind"), "operation": get("operation"), "app": get("app"), "provider": first("providers"),
        "model": first("models"), "status": get("status"), "error_type": null,
        "input_preview": text("first_input").and_then(preview::of_any_input),
        "output_preview": text("last_output").and_then(preview::of_any_output),
        "input_tokens": get("input_tokens"), "output_tokens": get("output_tokens"),
        "total_tokens": get("total_tokens"), "usage_source": null, "cost_usd": get("cost_usd"),
        "duration_ns": get("duration_ns"), "ttft_ns": null, "session_id": get("session_id"),
        "user_id": get("user_id"), "stream": null, "span_count": get("span_count"),
        "call_count": get("call_count"), "error_count": get("error_count"),
        "unpriced_calls": get("unpriced_calls"), "estimated_calls": get("estimated_calls"),
        "truncated": get("truncated"), "redacted": get("redacted"), "snippet": line,
    })
}
