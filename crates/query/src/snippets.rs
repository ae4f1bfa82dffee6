//! Why a row of a list is there: the first text that answers the question, around the place that does.
//!
//! In: rows of a page and a question. Out: for each a column and a line in parts, marked and not. Only the rows of the page
//! are read; of columns of JSON the strings inside are looked at, so that no quote or brace is shown.

use std::collections::HashMap;

use pellucid_model::Result;
use pellucid_search::{Matcher, Query, snippet};
use serde_json::{Map, Value as Json, json};

use crate::list::{Key, key_of, of_keys};
use crate::matches::searched;
use crate::session::Session;

/// Characters of a line.
const CHARS: usize = 120;

type Row = Map<String, Json>;

/// The lines of these rows, by trace and span. A row that answers by several texts together shows the first.
pub(crate) async fn snippets(session: &Session, rows: &[Row], query: &Query) -> Result<HashMap<Key, Json>> {
    let Some(condition) = of_keys(rows) else { return Ok(HashMap::new()) };
    let sql = format!("SELECT trace_id, span_id, {} FROM spans WHERE {}", searched().join(", "), condition.sql());
    let (found, matcher) = (session.objects(&sql, condition.params()).await?, query.matcher());
    Ok(found.iter().filter_map(|row| Some((key_of(row), line(&matcher, row)?))).collect())
}

/// `{"column","parts":[{"text","hit"}]}`.
fn line(matcher: &Matcher, row: &Row) -> Option<Json> {
    searched().iter().find_map(|column| {
        let text = row.get(*column).and_then(Json::as_str)?;
        let found = strings(text, &mut |text| {
            let ranges = matcher.ranges(text);
            (!ranges.is_empty()).then(|| snippet(text, &ranges, CHARS))
        })?;
        let mut parts = Vec::new();
        let mut push = |text: &str, hit: bool| {
            if !text.is_empty() {
                parts.push(json!({ "text": text, "hit": hit }));
            }
        };
        push(if found.cut_before { "…" } else { "" }, false);
        let mut end = 0;
        for range in &found.ranges {
            push(found.text.get(end..range.start).unwrap_or_default(), false);
            push(found.text.get(range.clone()).unwrap_or_default(), true);
            end = range.end;
        }
        push(found.text.get(end..).unwrap_or_default(), false);
        push(if found.cut_after { "…" } else { "" }, false);
        Some(json!({ "column": column, "parts": parts }))
    })
}

/// Shows the text, or the strings in it if it is JSON, the last ones first: a history ends with what is new.
fn strings<T>(text: &str, show: &mut impl FnMut(&str) -> Option<T>) -> Option<T> {
    if !text.starts_with(['[', '{']) {
        return show(text);
    }
    match serde_json::from_str::<Json>(text) {
        Ok(value) => within(&value, show),
        Err(_) => show(text),
    }
}

fn within<T>(value: &Json, show: &mut impl FnMut(&str) -> Option<T>) -> Option<T> {
    match value {
        Json::String(text) => show(text),
        Json::Array(items) => items.iter().rev().find_map(|item| within(item, show)),
        Json::Object(fields) => fields.values().rev().find_map(|field| within(field, show)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &str, row: &Json) -> Option<(String, String)> {
        let row = row.as_object().unwrap();
        let line = line(&Query::parse(query).unwrap().matcher(), row)?;
        let parts = line["parts"].as_array().unwrap().iter();
        let parts = parts.map(|part| match part["hit"] == true {
            true => format!("[{}]", part["text"].as_str().unwrap()),
            false => part["text"].as_str().unwrap().to_owned(),
        });
        Some((line["column"].as_str().unwrap().to_owned(), parts.collect()))
    }

    #[test]
    fn the_first_place_is_shown_without_json_around_it() {
        let messages = json!([{"role": "user", "parts": [{"type": "text", "content": "先生您好，我想问一下，我要退款，在哪里？"}]}]);
        let row = json!({"name": "chat", "input_messages": messages.to_string(), "output_value": "refund it"});
        let (column, line) = told("退款", &row).unwrap();
        assert_eq!(column, "input_messages");
        assert!(line.starts_with('…') && line.contains("我要[退款]，在哪里？") && !line.contains('"'), "{line}");
        assert_eq!(told("refund", &row), Some(("output_value".to_owned(), "[refund] it".to_owned())));
        assert_eq!(told("nowhere", &row), None);
    }
}
