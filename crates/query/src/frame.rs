//! Arrow values to JSON values, the way the API promises them.
//!
//! In: record batches. Out: a [`Frame`]: timestamps RFC 3339 UTC with nanoseconds, decimals as strings, 64-bit integers
//! as numbers, lists as arrays, maps and structs as objects. Any Arrow type has a form; nothing is dropped.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, SchemaRef, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, SecondsFormat};
use pellucid_model::{Column, ColumnType, Error, ErrorKind, Frame, Result};
use serde_json::{Map, Number, Value as Json};

/// Nanoseconds in a second.
pub(crate) const NANOS_PER_S: i64 = 1_000_000_000;

/// Every row of `batches` as JSON values.
pub(crate) fn from_batches(schema: &SchemaRef, batches: &[RecordBatch], truncated: bool) -> Result<Frame> {
    let columns = schema.fields().iter().map(|field| Column {
        name: field.name().clone(),
        type_name: field.data_type().to_string(),
        kind: column_type(field.data_type()),
        unit: unit_of(field.name()),
    });
    let columns = columns.collect();
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| cell(column, row)).collect::<std::result::Result<_, _>>();
            rows.push(cells.map_err(unreadable)?);
        }
    }
    Ok(Frame { columns, rows, truncated })
}

/// Every row as an object keyed by column name.
pub(crate) fn to_objects(frame: Frame) -> Vec<Map<String, Json>> {
    let names: Vec<String> = frame.columns.into_iter().map(|column| column.name).collect();
    frame.rows.into_iter().map(|row| names.iter().cloned().zip(row).collect()).collect()
}

/// A nested column as JSON text.
pub(crate) fn as_json_text(column: &ArrayRef) -> Result<ArrayRef> {
    texts(column, |value| value.to_string())
}

/// A column of scalars as the text of its JSON form.
pub(crate) fn as_text(column: &ArrayRef) -> Result<ArrayRef> {
    texts(column, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn texts(column: &ArrayRef, text: impl Fn(Json) -> String) -> Result<ArrayRef> {
    let values = (0..column.len())
        .map(|row| if column.is_null(row) { Ok(None) } else { cell(column, row).map(|value| Some(text(value))) });
    let values = values.collect::<std::result::Result<Vec<_>, _>>().map_err(unreadable)?;
    Ok(Arc::new(StringArray::from(values)))
}

/// The unit a column's name states, as all names of the contract do.
fn unit_of(name: &str) -> Option<&'static str> {
    const SUFFIXES: &[(&str, &str)] = &[("_ns", "ns"), ("_usd", "usd"), ("_tokens", "tokens"), ("_bytes", "bytes")];
    SUFFIXES.iter().find(|(suffix, _)| name.ends_with(suffix)).map(|(_, unit)| *unit)
}

fn column_type(data_type: &DataType) -> ColumnType {
    match data_type {
        DataType::Null => ColumnType::Null,
        DataType::Boolean => ColumnType::Boolean,
        other if other.is_integer() => ColumnType::Int64,
        other if other.is_floating() => ColumnType::Float64,
        other if other.is_decimal() => ColumnType::Decimal,
        DataType::Timestamp(..) => ColumnType::Timestamp,
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => ColumnType::List,
        DataType::Map(..) | DataType::Struct(_) => ColumnType::Map,
        DataType::Dictionary(_, value) => column_type(value),
        _ => ColumnType::Utf8,
    }
}

/// One value as JSON.
pub(crate) fn cell(array: &ArrayRef, row: usize) -> std::result::Result<Json, ArrowError> {
    if array.is_null(row) {
        return Ok(Json::Null);
    }
    Ok(match array.data_type() {
        DataType::Null => Json::Null,
        DataType::Boolean => Json::Bool(array.as_boolean().value(row)),
        DataType::Utf8 => Json::from(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Json::from(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Json::from(array.as_string_view().value(row)),
        DataType::Int8 => Json::from(array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => Json::from(array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => Json::from(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => Json::from(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Json::from(array.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => Json::from(array.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => Json::from(array.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => Json::from(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(..) => Json::from(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Date32 => Json::from(display(array, row)?.chars().take(DATE_CHARS).collect::<String>()),
        DataType::Timestamp(unit, _) => Json::from(rfc3339(timestamp_ns(array, *unit, row))),
        DataType::Dictionary(..) => {
            let plain = arrow::compute::cast(&array.slice(row, 1), &dictionary_value(array.data_type()))?;
            cell(&plain, 0)?
        }
        DataType::List(_) => items(&array.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => items(&array.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(..) => items(&array.as_fixed_size_list().value(row))?,
        DataType::Map(..) => entries(array, row)?,
        DataType::Struct(fields) => {
            let columns = fields.iter().zip(array.as_struct().columns());
            let members = columns.map(|(field, column)| Ok((field.name().clone(), cell(column, row)?)));
            Json::Object(members.collect::<std::result::Result<_, ArrowError>>()?)
        }
        _ => Json::from(display(array, row)?),
    })
}

/// `2026-11-24`.
const DATE_CHARS: usize = 10;

fn dictionary_value(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, value) => value.as_ref().clone(),
        other => other.clone(),
    }
}

fn items(values: &ArrayRef) -> std::result::Result<Json, ArrowError> {
    (0..values.len()).map(|row| cell(values, row)).collect::<std::result::Result<Vec<_>, _>>().map(Json::Array)
}

fn entries(array: &ArrayRef, row: usize) -> std::result::Result<Json, ArrowError> {
    let pairs = array.as_map().value(row);
    let (keys, values) = (pairs.column(0), pairs.column(1));
    let members = (0..pairs.len()).map(|pair| {
        let key = cell(keys, pair)?;
        let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        Ok((key, cell(values, pair)?))
    });
    members.collect::<std::result::Result<Map<_, _>, ArrowError>>().map(Json::Object)
}

fn float(number: f64) -> Json {
    Number::from_f64(number).map_or_else(|| Json::from(number.to_string()), Json::Number)
}

fn display(array: &ArrayRef, row: usize) -> std::result::Result<String, ArrowError> {
    Ok(ArrayFormatter::try_new(array, &FormatOptions::default())?.value(row).to_string())
}

fn timestamp_ns(array: &ArrayRef, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
        TimeUnit::Microsecond => {
            array.as_primitive::<TimestampMicrosecondType>().value(row).saturating_mul(NANOS_PER_S / 1_000_000)
        }
        TimeUnit::Millisecond => {
            array.as_primitive::<TimestampMillisecondType>().value(row).saturating_mul(NANOS_PER_S / 1_000)
        }
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row).saturating_mul(NANOS_PER_S),
    }
}

/// `2026-11-24T05:00:00.000000000Z`.
pub(crate) fn rfc3339(nanos: i64) -> String {
    DateTime::from_timestamp_nanos(nanos).to_rfc3339_opts(SecondsFormat::Nanos, true)
}

/// Nanoseconds of a time this module printed.
pub(crate) fn nanos(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok()?.timestamp_nanos_opt()
}

fn unreadable(source: ArrowError) -> Error {
    Error::new(ErrorKind::Internal, "a value of the answer cannot be shown").caused_by(source)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Decimal128Array, Float64Array, Int64Array, TimestampNanosecondArray};

    use super::*;

    #[test]
    fn values_have_their_promised_forms() {
        let time: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1]).with_timezone("UTC"));
        assert_eq!(cell(&time, 0).unwrap(), "1970-01-01T00:00:00.000000001Z");
        let money: ArrayRef = Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(24, 12).unwrap());
        assert_eq!(cell(&money, 0).unwrap(), "0.000000000001");
        let big: ArrayRef = Arc::new(Int64Array::from(vec![i64::MAX]));
        assert_eq!(cell(&big, 0).unwrap(), Json::from(i64::MAX));
        let odd: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN]));
        assert_eq!(cell(&odd, 0).unwrap(), "NaN");
    }
}
