//! How each table lies in its files: one row a table.

use crate::snapshot::Table;

/// The layout of a table's files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Name in the catalogue and of the folder.
    pub(crate) name: &'static str,
    /// The column by which files are skipped.
    pub(crate) time: &'static str,
    /// Sort order inside a file; the last columns make it total.
    pub(crate) sort: &'static [&'static str],
    /// Columns with a bloom filter.
    pub(crate) bloom: &'static [&'static str],
    /// Columns whose values hardly repeat: a dictionary would be built for nothing.
    pub(crate) unique: &'static [&'static str],
    /// Number columns that rise slowly.
    pub(crate) delta: &'static [&'static str],
    /// Columns whose long texts lie in the file beside. A text's place is its number here: only append.
    pub(crate) texts: &'static [&'static str],
    /// The table of those files in the catalogue; nothing if there are none.
    pub(crate) texts_name: Option<&'static str>,
    /// Columns of texts that people search: by word index where a file has one.
    pub(crate) searched: &'static [&'static str],
    /// Rows with one value of this column are likely to repeat each other's texts.
    pub(crate) group: &'static str,
}

/// In the order of [`Table::ALL`].
const LAYOUTS: [Layout; 3] = [
    Layout {
        name: "spans",
        time: "start_time",
        sort: &["project", "start_time", "trace_id", "span_id"],
        bloom: &["trace_id", "span_id", "session_id", "response_id"],
        unique: &["span_id", "parent_span_id", "response_id", "tool_call_id"],
        delta: &["start_time", "end_time", "received_at", "duration_ns"],
        texts: &[
            "system_instructions",
            "input_messages",
            "output_messages",
            "tool_definitions",
            "input_value",
            "output_value",
            "tool_arguments",
            "tool_result",
            "db_query",
            "status_message",
            "error_message",
            "events",
            "links",
            "attributes",
        ],
        texts_name: Some("texts"),
        searched: &[
            "name",
            "system_instructions",
            "input_messages",
            "output_messages",
            "input_value",
            "output_value",
            "tool_name",
            "tool_arguments",
            "tool_result",
            "db_query",
            "status_message",
            "error_message",
        ],
        group: "trace_id",
    },
    Layout {
        name: "logs",
        time: "time",
        sort: &["project", "time", "trace_id", "span_id"],
        bloom: &["trace_id"],
        unique: &["body"],
        delta: &["time", "observed_time", "received_at"],
        texts: &[],
        texts_name: None,
        searched: &[],
        group: "trace_id",
    },
    Layout {
        name: "metrics",
        time: "time",
        sort: &["project", "metric_name", "time"],
        bloom: &[],
        unique: &[],
        delta: &["time", "start_time", "received_at"],
        texts: &[],
        texts_name: None,
        searched: &[],
        group: "series_id",
    },
];

impl Layout {
    /// The layout of a table.
    pub(crate) fn of(table: Table) -> &'static Self {
        match table {
            Table::Spans => &LAYOUTS[0],
            Table::Logs => &LAYOUTS[1],
            Table::Metrics => &LAYOUTS[2],
        }
    }
}
