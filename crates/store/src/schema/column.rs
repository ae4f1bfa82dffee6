//! One column of a stored table: what it is called, what it means, and how it is read from and written to a row.
//!
//! In: a row of the tables in this folder. Out: an Arrow array of many rows, or the rows again. Adding a column is one
//! row of a table; a file written before the column existed reads back with the column unset.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use pellucid_model::{Attributes, Timestamp, Usd};

/// The version in which the first columns came.
pub(crate) const FIRST: &str = "0.1";

/// A column of a table whose rows are `R`.
#[derive(Debug)]
pub(crate) struct Column<R: 'static> {
    /// Name in SQL and in files.
    pub(crate) name: &'static str,
    /// Whether "not known" can stand there.
    pub(crate) nullable: bool,
    /// Unit of its numbers; empty if none.
    pub(crate) unit: &'static str,
    /// First version that wrote it.
    pub(crate) since: &'static str,
    /// What it means.
    pub(crate) meaning: &'static str,
    /// Its type, with the way out of a row and back.
    pub(crate) cell: Cell<R>,
}

/// The type of a column. `get` gives nothing for null; `set` is not called for null.
#[derive(Debug)]
pub(crate) enum Cell<R: 'static> {
    Text { get: fn(&R) -> Option<Cow<'_, str>>, set: fn(&mut R, &str) },
    Int { get: fn(&R) -> Option<i64>, set: fn(&mut R, i64) },
    Float { get: fn(&R) -> Option<f64>, set: fn(&mut R, f64) },
    Bool { get: fn(&R) -> Option<bool>, set: fn(&mut R, bool) },
    Time { get: fn(&R) -> Option<Timestamp>, set: fn(&mut R, Timestamp) },
    Money { get: fn(&R) -> Option<Usd>, set: fn(&mut R, Usd) },
    Texts { get: fn(&R) -> Vec<&str>, set: fn(&mut R, Vec<String>) },
    Floats { get: fn(&R) -> &[f64], set: fn(&mut R, Vec<f64>) },
    Ints { get: fn(&R) -> &[i64], set: fn(&mut R, Vec<i64>) },
    Map { get: fn(&R) -> &Attributes, set: fn(&mut R, Attributes) },
}

/// What the documentation and other crates may know of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name in SQL and in files.
    pub name: &'static str,
    /// Arrow type.
    pub data_type: DataType,
    /// Whether "not known" can stand there.
    pub nullable: bool,
    /// Unit of its numbers; empty if none.
    pub unit: &'static str,
    /// First version that wrote it.
    pub since: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

impl<R> Column<R> {
    /// A column that may be null, has no unit and was there from the first version.
    pub(crate) const fn new(name: &'static str, meaning: &'static str, cell: Cell<R>) -> Self {
        Self { name, nullable: true, unit: "", since: FIRST, meaning, cell }
    }

    /// Never null.
    pub(crate) const fn required(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// Numbers of this unit.
    pub(crate) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// The column's Arrow field.
    pub(crate) fn field(&self) -> Field {
        Field::new(self.name, self.cell.data_type(), self.nullable)
    }

    /// The column without its accessors.
    pub(crate) fn info(&self) -> ColumnInfo {
        ColumnInfo {
            name: self.name,
            data_type: self.cell.data_type(),
            nullable: self.nullable,
            unit: self.unit,
            since: self.since,
            meaning: self.meaning,
        }
    }
}

impl<R> Cell<R> {
    /// The Arrow type of this kind of column.
    pub(crate) fn data_type(&self) -> DataType {
        let list = |of| DataType::List(Arc::new(Field::new_list_field(of, true)));
        match self {
            Self::Text { .. } => DataType::Utf8,
            Self::Int { .. } => DataType::Int64,
            Self::Float { .. } => DataType::Float64,
            Self::Bool { .. } => DataType::Boolean,
            Self::Time { .. } => DataType::Timestamp(TimeUnit::Nanosecond, Some(UTC.into())),
            Self::Money { .. } => DataType::Decimal128(Usd::PRECISION as u8, Usd::SCALE as i8),
            Self::Texts { .. } => list(DataType::Utf8),
            Self::Floats { .. } => list(DataType::Float64),
            Self::Ints { .. } => list(DataType::Int64),
            Self::Map { .. } => DataType::Map(Arc::new(Field::new(ENTRIES, entry(), false)), false),
        }
    }
}

/// The zone of every time column.
pub(crate) const UTC: &str = "UTC";
/// Names inside a map column, as Arrow's documentation has them.
pub(crate) const ENTRIES: &str = "entries";
pub(crate) const KEY: &str = "key";
pub(crate) const VALUE: &str = "value";

fn entry() -> DataType {
    let key = Field::new(KEY, DataType::Utf8, false);
    let value = Field::new(VALUE, DataType::Utf8, true);
    DataType::Struct(Fields::from(vec![key, value]))
}
