//! About how many bytes a row takes in memory: good enough to decide when to flush and when to refuse.

use std::mem::size_of;

use pellucid_model::{Attributes, PricedSpan, RawLog, Value};

use super::{SpanRow, StoredLog, StoredPoint};

/// What an entry of an index, an `Arc` and a slot cost beside the row.
const ROW_OVERHEAD_BYTES: usize = 200;

impl SpanRow {
    /// Bytes in memory.
    pub(crate) fn heap_bytes(&self) -> usize {
        ROW_OVERHEAD_BYTES + span(&self.priced)
    }
}

impl StoredLog {
    /// Bytes in memory; the shared resource counts once a row, since nobody knows who shares it.
    pub(crate) fn heap_bytes(&self) -> usize {
        ROW_OVERHEAD_BYTES + size_of::<Self>() + log(&self.log)
    }
}

impl StoredPoint {
    /// Bytes in memory.
    pub(crate) fn heap_bytes(&self) -> usize {
        let numbers = self.bounds.len()
            + self.bucket_counts.len()
            + self.positive_counts.len()
            + self.negative_counts.len()
            + 2 * self.quantiles.len();
        ROW_OVERHEAD_BYTES + size_of::<Self>() + numbers * 8 + attributes(&self.attributes) + self.series_id.len()
    }
}

fn span(row: &PricedSpan) -> usize {
    let span = &row.span;
    let texts = [&span.status_message, &span.operation, &span.provider, &span.request_model, &span.response_model]
        .into_iter()
        .chain([&span.response_id, &span.content.input_value, &span.content.output_value, &span.who.session_id])
        .chain([&span.tool.arguments, &span.tool.result, &span.db.query, &span.error_message, &row.cost.price_id])
        .flatten()
        .map(String::len)
        .sum::<usize>();
    let content = &span.content;
    let documents =
        [&content.system_instructions, &content.input_messages, &content.output_messages, &content.tool_definitions];
    let documents = documents.into_iter().flatten().map(|document| document.as_str().len()).sum::<usize>();
    let events = span.events.iter().map(|event| 64 + event.name.len() + attributes(&event.attributes)).sum::<usize>();
    let links = span.links.iter().map(|link| 64 + attributes(&link.attributes)).sum::<usize>();
    let maps = attributes(&span.attributes) + attributes(&span.resource.attributes);
    size_of::<PricedSpan>() + span.name.len() + texts + documents + events + links + maps
}

fn log(log: &RawLog) -> usize {
    size_of::<RawLog>()
        + log.event_name.len()
        + log.severity_text.len()
        + value(&log.body)
        + attributes(&log.attributes)
        + attributes(&log.resource.attributes)
}

fn attributes(attributes: &Attributes) -> usize {
    attributes.iter().map(|(key, entry)| size_of::<String>() + key.len() + value(entry)).sum()
}

fn value(of: &Value) -> usize {
    size_of::<Value>()
        + match of {
            Value::Str(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Array(items) => items.iter().map(value).sum(),
            Value::Map(map) => attributes(map),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
        }
}
