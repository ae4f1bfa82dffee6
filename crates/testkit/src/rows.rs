//! The answer to a SQL question, as tests want it: by row and column name.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

/// What `POST /api/v1/sql` answered.
#[derive(Debug, Deserialize)]
pub struct Rows {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
    truncated: bool,
}

#[derive(Debug, Deserialize)]
struct Column {
    name: String,
}

impl Rows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows as they came.
    pub fn rows(&self) -> &[Vec<Value>] {
        &self.rows
    }

    /// The value of `column` in row number `row`.
    pub fn at(&self, row: usize, column: &str) -> Result<&Value> {
        let place =
            self.columns.iter().position(|c| c.name == column).with_context(|| format!("no column {column}"))?;
        self.rows.get(row).and_then(|r| r.get(place)).with_context(|| format!("no row {row}"))
    }

    /// The one value of a one-row, one-column answer, such as a count.
    pub fn only(&self) -> Result<&Value> {
        ensure!(self.rows.len() == 1 && self.columns.len() == 1 && !self.truncated, "not one value: {self:?}");
        self.rows.first().and_then(|row| row.first()).context("an empty row")
    }
}
