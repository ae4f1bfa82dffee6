//! A frame: the small table that answers a question, with its units.

use serde_json::Value as Json;

/// The type of a frame's column, in the words of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "SQL's own words")]
pub enum ColumnType {
    Boolean,
    Int64,
    Float64,
    Decimal,
    Utf8,
    Timestamp,
    List,
    Map,
    Null,
}

/// One column of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name as in the query.
    pub name: String,
    /// SQL type name as the engine prints it, such as `Timestamp(ns, "UTC")`.
    pub type_name: String,
    /// Type class.
    pub kind: ColumnType,
    /// Unit (`ns`, `usd`, `tokens`, `1/s` …) where known.
    pub unit: Option<&'static str>,
}

/// One value, already in its JSON form: timestamps RFC 3339 UTC, decimals strings, 64-bit integers numbers.
pub type Cell = Json;

/// Rows and columns, and whether rows were left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// True if the row bound cut the answer.
    pub truncated: bool,
}
