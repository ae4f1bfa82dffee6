//! Columns as the catalogue lists them: nested types flattened, each with an id that the data files carry too.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;

/// Separates the names of a nested column's path.
const SEPARATOR: char = '.';

/// One row of `ducklake_column`, without its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnRow {
    /// Names from the top, such as `attributes.key`: the key under which ids are kept.
    pub(super) path: String,
    /// The parent's path; nothing at the top.
    pub(super) parent: Option<String>,
    /// The last name.
    pub(super) name: String,
    /// The type in the catalogue's words.
    pub(super) kind: String,
    /// Whether nulls may stand in it.
    pub(super) nullable: bool,
}

/// Every column of a schema, parents before children.
pub(super) fn flatten(schema: &Schema) -> Vec<ColumnRow> {
    let mut rows = Vec::new();
    schema.fields().iter().for_each(|field| push(&mut rows, None, field.name(), field));
    rows
}

fn push(rows: &mut Vec<ColumnRow>, parent: Option<&str>, name: &str, field: &Field) {
    let path = join(parent, name);
    rows.push(ColumnRow {
        path: path.clone(),
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
        kind: kind(field.data_type()),
        nullable: field.is_nullable(),
    });
    for (name, child) in children(field.data_type()) {
        push(rows, Some(&path), name, child);
    }
}

fn join(parent: Option<&str>, name: &str) -> String {
    parent.map_or_else(|| name.to_owned(), |parent| format!("{parent}{SEPARATOR}{name}"))
}

/// The children as the catalogue names them.
fn children(kind: &DataType) -> Vec<(&str, &FieldRef)> {
    match kind {
        DataType::List(element) => vec![("element", element)],
        DataType::Struct(fields) => fields.iter().map(|field| (field.name().as_str(), field)).collect(),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) => ["key", "value"].into_iter().zip(pair).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn kind(kind: &DataType) -> String {
    match kind {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int32 => "int32".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::UInt32 => "uint32".to_owned(),
        DataType::UInt64 => "uint64".to_owned(),
        DataType::Float64 => "float64".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".to_owned(),
        DataType::Timestamp(TimeUnit::Nanosecond, None) => "timestamp_ns".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::List(_) => "list".to_owned(),
        DataType::Struct(_) => "struct".to_owned(),
        DataType::Map(_, _) => "map".to_owned(),
        DataType::Binary => "blob".to_owned(),
        _ => "varchar".to_owned(),
    }
}

/// The schema with ids on every field, for the writer of data files.
pub(super) fn with_ids(schema: &Schema, ids: &HashMap<String, i64>) -> SchemaRef {
    let fields: Vec<Field> = schema.fields().iter().map(|field| tagged(field, None, field.name(), ids)).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn tagged(field: &Field, parent: Option<&str>, name: &str, ids: &HashMap<String, i64>) -> Field {
    let path = join(parent, name);
    let child = |name: &str, field: &FieldRef| Arc::new(tagged(field, Some(&path), name, ids));
    let kind = match field.data_type() {
        DataType::List(element) => DataType::List(child("element", element)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(|field| child(field.name(), field)).collect()),
        DataType::Map(entries, sorted) => match entries.data_type() {
            DataType::Struct(pair) => {
                let pair: Fields =
                    ["key", "value"].into_iter().zip(pair).map(|(name, field)| child(name, field)).collect();
                let entries = entries.as_ref().clone().with_data_type(DataType::Struct(pair));
                DataType::Map(Arc::new(entries), *sorted)
            }
            other => DataType::Map(Arc::new(entries.as_ref().clone().with_data_type(other.clone())), *sorted),
        },
        other => other.clone(),
    };
    let mut metadata = field.metadata().clone();
    if let Some(id) = ids.get(&path) {
        metadata.insert(PARQUET_FIELD_ID_META_KEY.to_owned(), id.to_string());
    }
    field.clone().with_data_type(kind).with_metadata(metadata)
}
