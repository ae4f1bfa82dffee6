//! One span with all its columns, and its logs.
//!
//! In: trace and span id. Out: every column of `spans`, JSON columns as real JSON, and `logs`; or the row itself with the
//! content records that may tell of it.

use std::sync::Arc;

use pellucid_model::{Error, ErrorKind, PricedSpan, RawLog, Result, SpanId};
use serde_json::{Value as Json, json};

use crate::engine::{Access, Engine, Reading};
use crate::filter::{Where, text_value};
use crate::trace_tree::canonical;

/// Columns that hold JSON as text.
const JSON_COLUMNS: &[&str] =
    &["system_instructions", "input_messages", "output_messages", "tool_definitions", "events", "links"];

/// Most log records shown with a span.
const MAX_LOGS: usize = 1_000;

impl Engine {
    /// A span as one object.
    pub async fn span(&self, access: &Access, trace_id: &str, span_id: &str) -> Result<Json> {
        let session = self.session(access, Reading::Rows)?;
        let condition = this_span(trace_id, span_id)?;
        let sql = format!("SELECT * FROM spans WHERE {}", condition.sql());
        let found = session.objects(&sql, condition.params()).await?.into_iter().next();
        let mut row = found.ok_or_else(|| unknown(trace_id, span_id))?;
        for name in JSON_COLUMNS {
            if let Some(cell) = row.get_mut(*name) {
                *cell = unpacked(cell);
            }
        }
        let sql = format!(
            "SELECT time, event_name, severity, body, attributes FROM logs WHERE {} ORDER BY time LIMIT {MAX_LOGS}",
            condition.sql()
        );
        let logs = session.objects(&sql, condition.params()).await?;
        row.insert("logs".into(), logs.into_iter().map(Json::Object).collect());
        Ok(Json::Object(row))
    }

    /// A span as it was stored, and the content records that name it, by its ids or by its response.
    pub async fn stored_span(
        &self,
        access: &Access,
        trace_id: &str,
        span_id: &str,
    ) -> Result<(PricedSpan, Vec<Arc<RawLog>>)> {
        let session = self.session(access, Reading::Rows)?;
        let mut condition = this_span(trace_id, span_id)?;
        let sql = format!("SELECT * FROM spans WHERE {}", condition.sql());
        let found = session.answer(&sql, condition.params()).await?;
        let rows = found.batches.iter().map(pellucid_store::spans_of).collect::<Result<Vec<_>>>()?;
        let row = rows.into_iter().flatten().next().ok_or_else(|| unknown(trace_id, span_id))?;
        let by_ids = condition.sql();
        let by_response = row.span.response_id.as_deref().map(|id| condition.bind(text_value(id)));
        let by_response = by_response.map_or_else(|| "false".to_owned(), |id| format!("response_id = {id}"));
        let sql = format!("SELECT * FROM logs WHERE content AND (({by_ids}) OR {by_response}) LIMIT {MAX_LOGS}");
        let found = session.answer(&sql, condition.params()).await?;
        let logs = found.batches.iter().map(pellucid_store::logs_of).collect::<Result<Vec<_>>>()?;
        Ok((row, logs.into_iter().flatten().map(|(log, _)| log).collect()))
    }
}

fn this_span(trace_id: &str, span_id: &str) -> Result<Where> {
    let span = SpanId::from_hex(span_id).map_err(|reason| {
        Error::new(ErrorKind::Invalid, format!("the span id is not valid: {reason}")).with_hint("16 hexadecimal digits")
    })?;
    let mut condition = Where::default();
    let trace = condition.bind(text_value(&canonical(trace_id)?));
    let span = condition.bind(text_value(&span.to_string()));
    condition.and(format!("trace_id = {trace} AND span_id = {span}"));
    Ok(condition)
}

fn unknown(trace_id: &str, span_id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("no span {span_id} in trace {trace_id}"))
}

/// The JSON in a text; a text that is no JSON stays what it is.
fn unpacked(cell: &Json) -> Json {
    cell.as_str().map_or(Json::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}
