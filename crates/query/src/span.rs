//! One span with all its columns, and its logs.
//!
//! In: trace and span id. Out: every column of `spans`, JSON columns as real JSON, and `logs`.

use pellucid_model::{Error, ErrorKind, Result, SpanId};
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
        let span = SpanId::from_hex(span_id).map_err(|reason| {
            Error::new(ErrorKind::Invalid, format!("the span id is not valid: {reason}"))
                .with_hint("16 hexadecimal digits")
        })?;
        let mut condition = Where::default();
        let trace = condition.bind(text_value(&canonical(trace_id)?));
        let span = condition.bind(text_value(&span.to_string()));
        condition.and(format!("trace_id = {trace} AND span_id = {span}"));
        let sql = format!("SELECT * FROM spans WHERE {}", condition.sql());
        let found = session.objects(&sql, condition.params()).await?.into_iter().next();
        let mut row =
            found.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no span {span_id} in trace {trace_id}")))?;
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
}

/// The JSON in a text; a text that is no JSON stays what it is.
fn unpacked(cell: &Json) -> Json {
    cell.as_str().map_or(Json::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}
