//! The columns of table `logs`.

use std::borrow::Cow;

use pellucid_model::{ProjectId, RawLog, SpanId, Timestamp, TraceId, Value};

use super::column::{Cell, Column};
use crate::rows::{StoredLog, json};

/// A text that OTLP leaves empty for "not said".
macro_rules! text {
    ($name:literal, $field:ident, $meaning:literal) => {
        Column::<StoredLog>::new(
            $name,
            $meaning,
            Cell::Text {
                get: |row: &StoredLog| said(&row.log.$field),
                set: |row: &mut StoredLog, text| row.edit().$field = text.to_owned(),
            },
        )
    };
}

/// Every column of `logs`, in order. Only append.
pub(crate) const LOGS: &[Column<StoredLog>] = &[
    Column::<StoredLog>::new(
        "project",
        "who owns the row",
        Cell::Text {
            get: |row| Some(Cow::Borrowed(row.project.as_str())),
            set: |row, text| row.project = ProjectId::new(text),
        },
    )
    .required(),
    Column::<StoredLog>::new(
        "time",
        "when it happened, else was seen, else was received",
        Cell::Time { get: |row| Some(row.time()), set: |row, time| row.edit().time = time },
    )
    .required(),
    Column::<StoredLog>::new(
        "observed_time",
        "when the SDK saw it",
        Cell::Time {
            get: |row| Some(row.log.observed_time).filter(|time| *time != Timestamp::ZERO),
            set: |row, time| row.edit().observed_time = time,
        },
    ),
    Column::<StoredLog>::new(
        "received_at",
        "when this server took it",
        Cell::Time { get: |row| Some(row.received_at), set: |row, time| row.received_at = time },
    )
    .required(),
    Column::<StoredLog>::new(
        "severity",
        "trace, debug, info, warn, error or fatal by number, else the text as sent",
        Cell::Text { get: |row| severity(&row.log), set: |_, _| {} },
    ),
    Column::<StoredLog>::new(
        "severity_number",
        "1 to 24; null if not said",
        Cell::Int {
            get: |row| Some(i64::from(row.log.severity_number)).filter(|number| *number != 0),
            set: |row, number| row.edit().severity_number = i32::try_from(number).unwrap_or_default(),
        },
    ),
    text!("severity_text", severity_text, "severity as sent"),
    text!("event_name", event_name, "name of the event"),
    Column::<StoredLog>::new(
        "body",
        "a string body as it is, another one as JSON; null if empty",
        Cell::Text {
            get: |row| (row.log.body != Value::Null).then(|| row.log.body.to_text()),
            set: |row, text| row.edit().body = Value::Str(text.to_owned()),
        },
    ),
    Column::<StoredLog>::new(
        "body_type",
        "how the body was sent: s i d b y a m n",
        Cell::Text {
            get: |row| Some(Cow::Borrowed(json::type_of(&row.log.body))),
            set: |row, kind| json::retype_value(&mut row.edit().body, kind),
        },
    )
    .required(),
    Column::<StoredLog>::new(
        "trace_id",
        "lower-case hexadecimal",
        Cell::Text {
            get: |row| row.log.trace_id.map(|id| Cow::Owned(id.to_string())),
            set: |row, text| row.edit().trace_id = TraceId::from_hex(text).ok(),
        },
    ),
    Column::<StoredLog>::new(
        "span_id",
        "lower-case hexadecimal",
        Cell::Text {
            get: |row| row.log.span_id.map(|id| Cow::Owned(id.to_string())),
            set: |row, text| row.edit().span_id = SpanId::from_hex(text).ok(),
        },
    ),
    Column::<StoredLog>::new(
        "response_id",
        "by which a content record without a span id finds its span",
        Cell::Text {
            get: |row| row.response_id.as_deref().map(Cow::Borrowed),
            set: |row, text| row.response_id = Some(text.into()),
        },
    ),
    Column::<StoredLog>::new(
        "service_name",
        "service.name of the resource",
        Cell::Text { get: |row| row.log.resource.attributes.get("service.name").map(Value::to_text), set: |_, _| {} },
    ),
    Column::<StoredLog>::new(
        "scope_name",
        "instrumentation scope",
        Cell::Text { get: |row| said(&row.log.scope.name), set: |row, text| row.edit_scope().name = text.to_owned() },
    ),
    Column::<StoredLog>::new(
        "scope_version",
        "version of the instrumentation scope",
        Cell::Text {
            get: |row| said(&row.log.scope.version),
            set: |row, text| row.edit_scope().version = text.to_owned(),
        },
    ),
    Column::<StoredLog>::new(
        "attributes",
        "everything as sent; JSON text for what is no string",
        Cell::Map { get: |row| &row.log.attributes, set: |row, map| row.edit().attributes = map },
    )
    .required(),
    Column::<StoredLog>::new(
        "resource_attributes",
        "the resource as sent",
        Cell::Map { get: |row| &row.log.resource.attributes, set: |row, map| row.edit_resource().attributes = map },
    )
    .required(),
    Column::<StoredLog>::new(
        "attribute_types",
        "how each attribute was sent, a letter each: s i d b y a m n",
        Cell::Text {
            get: |row| Some(Cow::Owned(json::types_of(&row.log.attributes))),
            set: |row, types| json::retype(&mut row.edit().attributes, types),
        },
    )
    .required(),
    Column::<StoredLog>::new(
        "content",
        "carries content or facts of a span",
        Cell::Bool { get: |row| Some(row.content), set: |row, content| row.content = content },
    )
    .required(),
    Column::<StoredLog>::new(
        "row_id",
        "log.record.uid, else a hash of everything the record says",
        Cell::Text { get: |row| Some(Cow::Borrowed(&row.row_id)), set: |row, text| row.row_id = text.into() },
    )
    .required(),
];

/// OpenTelemetry's ranges of severity numbers.
const SEVERITIES: [&str; 6] = ["trace", "debug", "info", "warn", "error", "fatal"];
/// Numbers a range.
const SEVERITY_STEP: usize = 4;

fn severity(log: &RawLog) -> Option<Cow<'_, str>> {
    let rank = usize::try_from(log.severity_number).ok().and_then(|number| number.checked_sub(1));
    let named = rank.and_then(|rank| SEVERITIES.get(rank / SEVERITY_STEP));
    named.map(|name| Cow::Borrowed(*name)).or_else(|| said(&log.severity_text))
}

fn said(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}
