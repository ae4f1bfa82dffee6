//! By what rows are known: hashes of what they say, and the keys by which rows in files are found.
//!
//! A hash covers what the sender said and nothing else, so that a re-send is the same row. Never change what goes into
//! one: rows already stored would not be recognised.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute;
use arrow::datatypes::{DataType, TimestampNanosecondType};
use pellucid_model::{Attributes, RawLog, RawPoint, Resource, Scope, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::{LogKey, PointKey, SpanKey};
use crate::error::StoreResult;
use crate::snapshot::Table;

/// OpenTelemetry's attribute for a record's own identity.
const LOG_UID: &str = "log.record.uid";
/// Keys up to this length are hashed without asking for memory.
const SHORT_KEY_BYTES: usize = 160;
/// Bytes kept of a hash: 128 bits never collide by chance.
const HASH_BYTES: usize = 16;

/// A record's explicit id, else a hash of all it says.
pub(super) fn log_row_id(log: &RawLog) -> String {
    if let Some(Value::Str(uid)) = log.attributes.get(LOG_UID)
        && !uid.is_empty()
    {
        return uid.clone();
    }
    let mut said = Said::default();
    said.resource(&log.resource);
    said.scope(&log.scope);
    said.number(log.time.as_nanos());
    said.number(log.observed_time.as_nanos());
    said.number(log.severity_number.into());
    said.bytes(log.severity_text.as_bytes());
    said.bytes(log.event_name.as_bytes());
    said.value(&log.body);
    said.attributes(&log.attributes);
    said.bytes(log.trace_id.as_ref().map_or(&[][..], |id| id.as_bytes()));
    said.bytes(log.span_id.as_ref().map_or(&[][..], |id| id.as_bytes()));
    said.hash()
}

/// A hash of a point's resource, scope, metric and attributes.
pub(super) fn series_id(point: &RawPoint) -> String {
    let mut said = Said::default();
    said.resource(&point.resource);
    said.scope(&point.scope);
    said.bytes(point.metric_name.as_bytes());
    said.attributes(&point.attributes);
    said.hash()
}

/// Collects what is said; every part carries its length, so that no two sayings run together to the same bytes.
#[derive(Default)]
struct Said(blake3::Hasher);

impl Said {
    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as i64);
        self.0.update(bytes);
    }

    fn number(&mut self, number: i64) {
        self.0.update(&number.to_le_bytes());
    }

    fn resource(&mut self, resource: &Resource) {
        self.attributes(&resource.attributes);
    }

    fn scope(&mut self, scope: &Scope) {
        self.bytes(scope.name.as_bytes());
        self.bytes(scope.version.as_bytes());
        self.attributes(&scope.attributes);
    }

    /// Order does not matter in attributes; of equal keys the last one counts.
    fn attributes(&mut self, attributes: &Attributes) {
        let mut entries = super::json::unique(attributes);
        entries.sort_unstable_by_key(|(key, _)| *key);
        self.number(entries.len() as i64);
        for (key, value) in entries {
            self.bytes(key.as_bytes());
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        self.bytes(super::json::type_of(value).as_bytes());
        match value {
            Value::Null => {}
            Value::Bool(truth) => self.number((*truth).into()),
            Value::Int(number) => self.number(*number),
            Value::Double(number) => self.number(number.to_bits().cast_signed()),
            Value::Str(text) => self.bytes(text.as_bytes()),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Array(items) => {
                self.number(items.len() as i64);
                items.iter().for_each(|item| self.value(item));
            }
            Value::Map(map) => self.attributes(map),
        }
    }

    fn hash(&self) -> String {
        self.0.finalize().as_bytes().iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A fingerprint by which rows of a table are found in files. Two things may share one: compare what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LookupKey(pub(crate) u64);

impl LookupKey {
    /// Spans or logs of a trace.
    pub fn trace(project: &str, trace_id: &str) -> Self {
        Self::of("trace", &[project, trace_id])
    }

    /// Spans or logs that name a response.
    pub fn response(project: &str, response_id: &str) -> Self {
        Self::of("response", &[project, response_id])
    }

    /// Spans of a session.
    pub fn session(project: &str, session_id: &str) -> Self {
        Self::of("session", &[project, session_id])
    }

    /// One span.
    pub(crate) fn span(key: &SpanKey) -> Self {
        Self::span_text(key.project.as_str(), &key.trace_id.to_string(), &key.span_id.to_string())
    }

    /// One log record.
    pub(crate) fn log(key: &LogKey) -> Self {
        Self::log_text(key.project.as_str(), &key.row_id)
    }

    /// One metric point.
    pub(crate) fn point(key: &PointKey) -> Self {
        let start = key.start_time.map(pellucid_model::Timestamp::as_nanos);
        Self::point_text(key.project.as_str(), &key.series_id, start, key.time.as_nanos())
    }

    fn span_text(project: &str, trace_id: &str, span_id: &str) -> Self {
        Self::of("span", &[project, trace_id, span_id])
    }

    fn log_text(project: &str, row_id: &str) -> Self {
        Self::of("log", &[project, row_id])
    }

    fn point_text(project: &str, series_id: &str, start: Option<i64>, time: i64) -> Self {
        let start = start.map(|start| start.to_string()).unwrap_or_default();
        Self::of("point", &[project, series_id, &start, &time.to_string()])
    }

    fn of(kind: &str, parts: &[&str]) -> Self {
        // Every span asks for several keys, and nearly all of them are short.
        let mut short = [0; SHORT_KEY_BYTES];
        let length = kind.len() + parts.iter().map(|part| 1 + part.len()).sum::<usize>();
        let mut long = vec![0; if length > SHORT_KEY_BYTES { length } else { 0 }];
        let bytes = if long.is_empty() { &mut short[..length] } else { &mut long[..] };
        let (head, mut rest) = bytes.split_at_mut(kind.len());
        head.copy_from_slice(kind.as_bytes());
        for part in parts {
            // Zero stands between the parts.
            let (this, after) = rest.split_at_mut(1 + part.len());
            this[1..].copy_from_slice(part.as_bytes());
            rest = after;
        }
        Self(xxh3_64(bytes))
    }
}

/// The columns that [`lookup_keys`] reads.
pub(crate) fn lookup_columns(table: Table) -> &'static [&'static str] {
    match table {
        Table::Spans => &["project", "trace_id", "span_id", "response_id", "session_id"],
        Table::Logs => &["project", "trace_id", "response_id", "row_id", "content"],
        Table::Metrics => &["project", "series_id", "start_time", "time"],
    }
}

/// Every key of every row of a batch, with the row's place in it.
pub(crate) fn lookup_keys(table: Table, rows: &RecordBatch) -> StoreResult<Vec<(LookupKey, u32)>> {
    let mut keys = Vec::new();
    let project = Texts::of(rows, "project")?;
    let places = || (0..rows.num_rows()).filter_map(|row| Some((row, project.at(row)?)));
    let mut add = |row: usize, key: LookupKey| keys.push((key, row as u32));
    match table {
        Table::Spans => {
            let (trace, response) = (Texts::of(rows, "trace_id")?, Texts::of(rows, "response_id")?);
            let (span, session) = (Texts::of(rows, "span_id")?, Texts::of(rows, "session_id")?);
            for (row, project) in places() {
                let trace = trace.at(row).inspect(|id| add(row, LookupKey::trace(project, id)));
                response.at(row).inspect(|id| add(row, LookupKey::response(project, id)));
                session.at(row).inspect(|id| add(row, LookupKey::session(project, id)));
                trace.zip(span.at(row)).inspect(|(trace, span)| add(row, LookupKey::span_text(project, trace, span)));
            }
        }
        // Only content records are looked for by trace or response.
        Table::Logs => {
            let (trace, response) = (Texts::of(rows, "trace_id")?, Texts::of(rows, "response_id")?);
            let row_id = Texts::of(rows, "row_id")?;
            let content = rows.column_by_name("content").and_then(|column| column.as_boolean_opt());
            for (row, project) in places() {
                row_id.at(row).inspect(|id| add(row, LookupKey::log_text(project, id)));
                if content.is_some_and(|content| content.value(row)) {
                    trace.at(row).inspect(|id| add(row, LookupKey::trace(project, id)));
                    response.at(row).inspect(|id| add(row, LookupKey::response(project, id)));
                }
            }
        }
        Table::Metrics => {
            let series = Texts::of(rows, "series_id")?;
            let (start, time) = (rows.column_by_name("start_time"), rows.column_by_name("time"));
            let nanos = |column: Option<&arrow::array::ArrayRef>, row: usize| {
                let times = column?.as_primitive_opt::<TimestampNanosecondType>()?;
                times.is_valid(row).then(|| times.value(row))
            };
            for (row, project) in places() {
                if let (Some(series), Some(time)) = (series.at(row), nanos(time, row)) {
                    add(row, LookupKey::point_text(project, series, nanos(start, row), time));
                }
            }
        }
    }
    Ok(keys)
}

/// A text column that may be missing.
pub(crate) struct Texts(Option<StringArray>);

impl Texts {
    /// A column by name, whatever kind of text it is.
    pub(crate) fn of(rows: &RecordBatch, name: &str) -> StoreResult<Self> {
        let column = rows.column_by_name(name).map(|column| compute::cast(column, &DataType::Utf8)).transpose()?;
        Ok(Self(column.map(|column| column.as_string::<i32>().clone())))
    }

    /// The text of a row, if there is one.
    pub(crate) fn at(&self, row: usize) -> Option<&str> {
        self.0.as_ref().filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row))
    }
}
