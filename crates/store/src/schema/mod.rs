//! The stored tables as tables of columns: the one place that says which columns there are.
//!
//! In: nothing. Out: Arrow schemas, column descriptions, and the accessors by which `rows` turns rows into record
//! batches and back.

mod column;
mod logs;
mod metrics;
mod spans;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{Schema, SchemaRef};

use crate::snapshot::Table;

pub use column::ColumnInfo;
pub(crate) use column::{Cell, Column, ENTRIES, KEY, UTC, VALUE};
pub(crate) use logs::LOGS;
pub(crate) use metrics::METRICS;
pub(crate) use spans::SPANS;

static SCHEMAS: LazyLock<[SchemaRef; 3]> = LazyLock::new(|| [schema_of(SPANS), schema_of(LOGS), schema_of(METRICS)]);

/// The columns of a table as Arrow has them.
pub fn schema(table: Table) -> SchemaRef {
    let [spans, logs, metrics] = &*SCHEMAS;
    SchemaRef::clone(match table {
        Table::Spans => spans,
        Table::Logs => logs,
        Table::Metrics => metrics,
    })
}

/// The columns of a table with units and meanings.
pub fn columns(table: Table) -> Vec<ColumnInfo> {
    match table {
        Table::Spans => SPANS.iter().map(Column::info).collect(),
        Table::Logs => LOGS.iter().map(Column::info).collect(),
        Table::Metrics => METRICS.iter().map(Column::info).collect(),
    }
}

fn schema_of<R>(columns: &[Column<R>]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(Column::field).collect::<Vec<_>>()))
}
