//! Sessions and users: spans by what they belong to, ranked, page by page; and the turns of one session.
//!
//! In: a [`Listing`] and an order, or the id of a session. Out: rows in the shape of the API. Two steps, as in `list`: few
//! columns rank the groups, then only those on the page are summed up. A session is shown whole, whichever of its spans
//! matched; a user, who has no end, as far as the window and the filters reach.

use std::collections::HashMap;

use pellucid_model::{Error, ErrorKind, Result};
use serde_json::{Map, Value as Json, json};

use crate::engine::{Access, Engine, Reading};
use crate::filter::{Where, text_value, time};
use crate::frame::nanos;
use crate::list::{Listing, View};
use crate::preview;
use crate::session::Session;
use crate::views::{IS_CALL, IS_UNPRICED};

/// Most groups or turns a page may have.
const MAX_PAGE: usize = 500;
/// Most model names told of one user.
const MAX_MODELS: usize = 20;

/// What is told of a turn.
const TURN: &str = "trace_id, root_span_id, name, kind, status, start_time, end_time, duration_ns, span_count, call_count, \
    tool_count, error_count, input_tokens, output_tokens, total_tokens, cost_usd, unpriced_calls, estimated_calls, truncated, \
    redacted, models, user_id, first_input AS input_text, last_output AS output_text";

/// What spans are gathered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A conversation.
    Sessions,
    /// An end user.
    Users,
}

/// What comes first; the id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The latest.
    #[default]
    Time,
    /// The dearest.
    Cost,
    /// The most tokens.
    Tokens,
    /// The most calls.
    Calls,
    /// The most errors.
    Errors,
}

impl Order {
    /// Every order with its word and what it ranks by: whole numbers, so that a page ends at an exact place.
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Time, "time", "CAST(max(start_time) AS BIGINT)"),
        // Billionths of a dollar: nine billion dollars fit.
        (Self::Cost, "cost", "CAST(coalesce(sum(cost_usd) FILTER (WHERE {call}), 0) * 1000000000 AS BIGINT)"),
        (Self::Tokens, "tokens", "coalesce(sum(total_tokens) FILTER (WHERE {call}), 0)"),
        (Self::Calls, "calls", "count(*) FILTER (WHERE {call})"),
        (Self::Errors, "errors", "count(*) FILTER (WHERE status = 'error')"),
    ];

    /// The words of the API.
    pub fn parse(word: &str) -> Result<Self> {
        Self::ALL.iter().find(|(_, name, _)| *name == word).map(|(order, ..)| *order).ok_or_else(|| {
            let words = Self::ALL.map(|(_, name, _)| name).join(", ");
            Error::new(ErrorKind::Invalid, format!("no order named {word}")).with_hint(format!("orders are {words}"))
        })
    }

    fn sql(self) -> String {
        let found = Self::ALL.iter().find(|(order, ..)| *order == self);
        found.map_or(Self::ALL[0].2, |(.., sql)| sql).replace("{call}", IS_CALL)
    }
}

impl Group {
    fn column(self) -> &'static str {
        match self {
            Self::Sessions => "session_id",
            Self::Users => "user_id",
        }
    }
}

type Row = Map<String, Json>;

impl Engine {
    /// One page of sessions or users: `{"items":[…],"next_cursor"?}`. The view of `listing` does not matter.
    pub async fn groups(&self, access: &Access, group: Group, order: Order, listing: &Listing) -> Result<Json> {
        let session = self.session(access, Reading::Sums)?;
        let limit = listing.limit.clamp(1, MAX_PAGE);
        let mut page = ranked(&session, group, order, listing, limit + 1).await?;
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|(id, rank)| format!("{rank}-{id}"));
        let ids: Vec<String> = page.into_iter().map(|(id, _)| id).collect();
        let mut found: HashMap<String, Json> = match group {
            _ if ids.is_empty() => HashMap::new(),
            Group::Sessions => sessions(&session, &ids).await?,
            Group::Users => users(&session, listing, &ids).await?,
        };
        let items: Vec<Json> = ids.iter().filter_map(|id| found.remove(id)).collect();
        Ok(with_next(json!({ "items": items }), next))
    }

    /// A session and its turns, the oldest first: `{"session":{…},"items":[…],"next_cursor"?}`. A turn is a trace.
    pub async fn session_turns(&self, access: &Access, id: &str, cursor: Option<&str>, limit: usize) -> Result<Json> {
        let session = self.session(access, Reading::Rows)?;
        let limit = limit.clamp(1, MAX_PAGE);
        let missing = || {
            Error::new(ErrorKind::NotFound, format!("no session {id}"))
                .with_hint("it may have been deleted, or belong to another project")
        };
        let whole = sessions(&session, &[id.to_owned()]).await?.remove(id).ok_or_else(missing)?;
        let mut page = turn_ids(&session, id, cursor, limit + 1).await?;
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|(trace, start)| format!("{start}-{trace}"));
        let items = turns(&session, page.into_iter().map(|(trace, _)| trace).collect()).await?;
        Ok(with_next(json!({ "session": whole, "items": items }), next))
    }
}

fn with_next(mut page: Json, next: Option<String>) -> Json {
    if let Some(next) = next {
        page["next_cursor"] = Json::from(next);
    }
    page
}

/// The ids of a page with what ranks them.
async fn ranked(
    session: &Session,
    group: Group,
    order: Order,
    listing: &Listing,
    limit: usize,
) -> Result<Vec<(String, i64)>> {
    let (column, rank) = (group.column(), order.sql());
    let mut condition = Listing { view: View::Spans, ..listing.clone() }.condition(None)?;
    condition.and(format!("{column} IS NOT NULL"));
    let mut after = String::new();
    if let Some((rank, id)) = listing.cursor.as_deref().map(parts_of).transpose()? {
        let id = condition.bind(text_value(id));
        after = format!("WHERE rank < {rank} OR (rank = {rank} AND id < {id})");
    }
    let sql = format!(
        "SELECT * FROM (SELECT {column} AS id, {rank} AS rank FROM spans WHERE {} GROUP BY {column}) {after} \
         ORDER BY rank DESC, id DESC LIMIT {limit}",
        condition.sql()
    );
    let rows = session.objects(&sql, condition.params()).await?;
    Ok(rows.iter().filter_map(|row| Some((row.get("id")?.as_str()?.to_owned(), row.get("rank")?.as_i64()?))).collect())
}

/// A cursor: what ranks the last row, and its id, which may hold anything.
fn parts_of(cursor: &str) -> Result<(i64, &str)> {
    // A rank may be below zero.
    let digits = cursor.strip_prefix('-').unwrap_or(cursor);
    let cut = digits.split_once('-').map(|(rank, _)| cursor.len() - digits.len() + rank.len());
    let parts = cut.and_then(|cut| {
        let (rank, id) = cursor.split_at_checked(cut)?;
        Some((rank.parse().ok()?, id.strip_prefix('-')?))
    });
    parts.ok_or_else(|| {
        Error::new(ErrorKind::Invalid, "this cursor is none of ours").with_hint("start again without a cursor")
    })
}

async fn sessions(session: &Session, ids: &[String]) -> Result<HashMap<String, Json>> {
    let mut condition = Where::default();
    let bound: Vec<String> = ids.iter().map(|id| condition.bind(text_value(id))).collect();
    let sql = format!("SELECT * FROM sessions WHERE session_id IN ({})", bound.join(", "));
    let rows = session.objects(&sql, condition.params()).await?;
    Ok(rows.into_iter().filter_map(|row| Some((text(&row, "session_id")?, session_row(row)))).collect())
}

fn session_row(mut row: Row) -> Json {
    row.remove("project");
    let first = row.remove("first_input");
    let first = first.as_ref().and_then(Json::as_str).and_then(preview::of_any_input);
    row.insert("first_input_preview".to_owned(), Json::from(first));
    Json::Object(row)
}

async fn users(session: &Session, listing: &Listing, ids: &[String]) -> Result<HashMap<String, Json>> {
    let mut condition = Listing { view: View::Spans, ..listing.clone() }.condition(None)?;
    let bound: Vec<String> = ids.iter().map(|id| condition.bind(text_value(id))).collect();
    condition.and(format!("user_id IN ({})", bound.join(", ")));
    let sql = format!(
        "SELECT user_id, min(start_time) AS first_seen, max(start_time) AS last_seen, \
           count(DISTINCT session_id) AS session_count, count(DISTINCT trace_id) AS trace_count, \
           count(*) FILTER (WHERE {IS_CALL}) AS call_count, count(*) FILTER (WHERE status = 'error') AS error_count, \
           sum(input_tokens) FILTER (WHERE {IS_CALL}) AS input_tokens, \
           sum(output_tokens) FILTER (WHERE {IS_CALL}) AS output_tokens, \
           sum(total_tokens) FILTER (WHERE {IS_CALL}) AS total_tokens, \
           CAST(sum(cost_usd) FILTER (WHERE {IS_CALL}) AS DECIMAL(24, 12)) AS cost_usd, \
           count(*) FILTER (WHERE {IS_CALL} AND {IS_UNPRICED}) AS unpriced_calls, \
           count(*) FILTER (WHERE {IS_CALL} AND usage_source = 'estimated') AS estimated_calls, \
           array_slice(array_sort(array_agg(DISTINCT coalesce(response_model, request_model)) \
             FILTER (WHERE coalesce(response_model, request_model) IS NOT NULL)), 1, {MAX_MODELS}) AS models \
         FROM spans WHERE {} GROUP BY user_id",
        condition.sql()
    );
    let rows = session.objects(&sql, condition.params()).await?;
    Ok(rows.into_iter().filter_map(|row| Some((text(&row, "user_id")?, Json::Object(row)))).collect())
}

/// Traces of a session with their first spans in it, oldest first.
async fn turn_ids(session: &Session, id: &str, cursor: Option<&str>, limit: usize) -> Result<Vec<(String, i64)>> {
    let mut condition = Where::default();
    let id = condition.bind(text_value(id));
    condition.and(format!("session_id = {id}"));
    let mut after = String::new();
    if let Some((start, trace)) = cursor.map(parts_of).transpose()? {
        let (start, trace) = (condition.bind(time(start)), condition.bind(text_value(trace)));
        after = format!("WHERE start > {start} OR (start = {start} AND trace_id > {trace})");
    }
    let sql = format!(
        "SELECT * FROM (SELECT trace_id, min(start_time) AS start FROM spans WHERE {} GROUP BY trace_id) {after} \
         ORDER BY start, trace_id LIMIT {limit}",
        condition.sql()
    );
    let rows = session.objects(&sql, condition.params()).await?;
    Ok(rows.iter().filter_map(|row| Some((text(row, "trace_id")?, nanos(row.get("start")?.as_str()?)?))).collect())
}

/// The turns of these traces, in this order.
async fn turns(session: &Session, traces: Vec<String>) -> Result<Vec<Json>> {
    if traces.is_empty() {
        return Ok(Vec::new());
    }
    let mut condition = Where::default();
    let bound: Vec<String> = traces.iter().map(|trace| condition.bind(text_value(trace))).collect();
    let sql = format!("SELECT {TURN} FROM traces WHERE trace_id IN ({})", bound.join(", "));
    let found = session.objects(&sql, condition.params()).await?;
    let mut found: HashMap<String, Json> =
        found.into_iter().filter_map(|row| Some((text(&row, "trace_id")?, turn(row)))).collect();
    Ok(traces.iter().filter_map(|trace| found.remove(trace)).collect())
}

fn turn(mut row: Row) -> Json {
    for (name, of) in [("input_text", preview::question as fn(&str) -> _), ("output_text", preview::reply)] {
        let said = row.get(name).and_then(Json::as_str).and_then(of);
        row.insert(name.to_owned(), Json::from(said));
    }
    Json::Object(row)
}

fn text(row: &Row, name: &str) -> Option<String> {
    row.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;
