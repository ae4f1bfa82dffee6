//! Many rows to columns and back, driven by the column tables.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Float64Builder, Int64Array, Int64Builder,
    ListBuilder, MapArray, MapBuilder, MapFieldNames, RecordBatch, RecordBatchOptions, StringBuilder,
    TimestampNanosecondArray,
};
use arrow::compute;
use arrow::datatypes::{Decimal128Type, Float64Type, Int64Type, TimestampNanosecondType};
use pellucid_model::{Attributes, PricedSpan, RawLog, Result as Edge, SpanId, Timestamp, TraceId, Usd, Value};

use super::json::{text, unique};
use super::{SpanRow, StoredLog, StoredPoint};
use crate::error::StoreResult;
use crate::schema::{Cell, Column, ENTRIES, KEY, LOGS, METRICS, SPANS, UTC, VALUE, schema};
use crate::snapshot::Table;

/// Room for the text of an attribute that is none: numbers mostly; more is made where it does not do.
const SHORT_VALUE_BYTES: usize = 16;

/// Spans as columns.
pub(crate) fn spans_to_batch(rows: &[&SpanRow]) -> StoreResult<RecordBatch> {
    to_batch(Table::Spans, SPANS, rows)
}

/// Log records as columns.
pub(crate) fn logs_to_batch(rows: &[&StoredLog]) -> StoreResult<RecordBatch> {
    to_batch(Table::Logs, LOGS, rows)
}

/// Metric points as columns.
pub(crate) fn points_to_batch(rows: &[&StoredPoint]) -> StoreResult<RecordBatch> {
    to_batch(Table::Metrics, METRICS, rows)
}

/// Spans out of columns. A row whose ids are no ids reads with a placeholder: it equals no key anybody asks for.
pub(crate) fn batch_to_spans(batch: &RecordBatch) -> StoreResult<Vec<SpanRow>> {
    let (Ok(trace_id), Ok(span_id)) = (TraceId::from_bytes(&[0xff; 16]), SpanId::from_bytes(&[0xff; 8])) else {
        return Ok(Vec::new());
    };
    from_batch(SPANS, batch, || SpanRow::blank(trace_id, span_id))
}

/// Spans out of columns: the whole rows, as they were written.
pub fn spans_of(batch: &RecordBatch) -> Edge<Vec<PricedSpan>> {
    let rows = batch_to_spans(batch)?;
    Ok(rows.into_iter().map(|row| Arc::unwrap_or_clone(row.priced)).collect())
}

/// Log records out of columns, as they were written; each with whether it carries content of a span.
pub fn logs_of(batch: &RecordBatch) -> Edge<Vec<(Arc<RawLog>, bool)>> {
    Ok(batch_to_logs(batch)?.into_iter().map(|row| (row.log, row.content)).collect())
}

/// Log records out of columns.
pub(crate) fn batch_to_logs(batch: &RecordBatch) -> StoreResult<Vec<StoredLog>> {
    from_batch(LOGS, batch, StoredLog::blank)
}

/// Metric points out of columns.
pub(crate) fn batch_to_points(batch: &RecordBatch) -> StoreResult<Vec<StoredPoint>> {
    from_batch(METRICS, batch, StoredPoint::default)
}

/// Rows of a file as the columns of today: what is new in them is what rows say that were not asked.
pub(crate) fn renew(table: Table, batch: &RecordBatch) -> StoreResult<RecordBatch> {
    match table {
        Table::Spans => spans_to_batch(&Vec::from_iter(&batch_to_spans(batch)?)),
        Table::Logs => logs_to_batch(&Vec::from_iter(&batch_to_logs(batch)?)),
        Table::Metrics => points_to_batch(&Vec::from_iter(&batch_to_points(batch)?)),
    }
}

fn to_batch<R>(table: Table, columns: &[Column<R>], rows: &[&R]) -> StoreResult<RecordBatch> {
    let arrays = columns.iter().map(|column| append(column, rows)).collect::<StoreResult<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    Ok(RecordBatch::try_new_with_options(schema(table), arrays, &options)?)
}

fn from_batch<R>(columns: &[Column<R>], batch: &RecordBatch, blank: impl Fn() -> R) -> StoreResult<Vec<R>> {
    let mut rows: Vec<R> = (0..batch.num_rows()).map(|_| blank()).collect();
    for column in columns {
        if let Some(array) = batch.column_by_name(column.name) {
            let array = compute::cast(array, &column.cell.data_type())?;
            read(&column.cell, &array, &mut rows);
        }
    }
    Ok(rows)
}

/// One column of all rows. Where a column that is never null has nothing to say it says the type's zero.
fn append<R>(column: &Column<R>, rows: &[&R]) -> StoreResult<ArrayRef> {
    let zero = !column.nullable;
    Ok(match &column.cell {
        Cell::Text { get, .. } => {
            let texts: Vec<Option<Cow<'_, str>>> = rows.iter().map(|row| get(row)).collect();
            // A builder that grows would copy megabytes of text again and again.
            let bytes = texts.iter().flatten().map(|text| text.len()).sum();
            let mut builder = StringBuilder::with_capacity(rows.len(), bytes);
            for text in texts {
                match text {
                    Some(text) => builder.append_value(text),
                    None if zero => builder.append_value(""),
                    None => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Cell::Int { get, .. } => {
            Arc::new(rows.iter().map(|row| get(row).or(zero.then_some(0))).collect::<Int64Array>())
        }
        Cell::Float { get, .. } => {
            Arc::new(rows.iter().map(|row| get(row).or(zero.then_some(0.0))).collect::<Float64Array>())
        }
        Cell::Bool { get, .. } => {
            Arc::new(rows.iter().map(|row| get(row).or(zero.then_some(false))).collect::<BooleanArray>())
        }
        Cell::Time { get, .. } => {
            let times = rows.iter().map(|row| get(row).map(Timestamp::as_nanos).or(zero.then_some(0)));
            Arc::new(times.collect::<TimestampNanosecondArray>().with_timezone(UTC))
        }
        Cell::Money { get, .. } => {
            let amounts = rows.iter().map(|row| get(row).map(Usd::as_picos).or(zero.then_some(0)));
            let amounts = amounts.collect::<Decimal128Array>();
            Arc::new(amounts.with_precision_and_scale(Usd::PRECISION as u8, Usd::SCALE as i8)?)
        }
        Cell::Texts { get, .. } => {
            let mut builder = ListBuilder::new(StringBuilder::new());
            rows.iter().for_each(|row| builder.append_value(get(row).into_iter().map(Some)));
            Arc::new(builder.finish())
        }
        Cell::Floats { get, .. } => {
            let mut builder = ListBuilder::new(Float64Builder::new());
            rows.iter().for_each(|row| builder.append_value(get(row).iter().copied().map(Some)));
            Arc::new(builder.finish())
        }
        Cell::Ints { get, .. } => {
            let mut builder = ListBuilder::new(Int64Builder::new());
            rows.iter().for_each(|row| builder.append_value(get(row).iter().copied().map(Some)));
            Arc::new(builder.finish())
        }
        Cell::Map { get, .. } => Arc::new(maps(rows.iter().map(|row| get(row)))?),
    })
}

fn maps<'a>(all: impl Iterator<Item = &'a Attributes> + Clone) -> StoreResult<MapArray> {
    let names = MapFieldNames { entry: ENTRIES.to_owned(), key: KEY.to_owned(), value: VALUE.to_owned() };
    let (mut entries, mut key_bytes, mut value_bytes) = (0, 0, 0);
    for (key, value) in all.clone().flat_map(Attributes::iter) {
        entries += 1;
        key_bytes += key.len();
        value_bytes += match value {
            Value::Str(text) => text.len(),
            _ => SHORT_VALUE_BYTES,
        };
    }
    let (keys, values) =
        (StringBuilder::with_capacity(entries, key_bytes), StringBuilder::with_capacity(entries, value_bytes));
    let mut builder = MapBuilder::new(Some(names), keys, values);
    for attributes in all {
        for (key, value) in unique(attributes) {
            builder.keys().append_value(key);
            builder.values().append_value(text(value));
        }
        builder.append(true)?;
    }
    Ok(builder.finish())
}

/// One column into all rows. `array` has the cell's type.
fn read<R>(cell: &Cell<R>, array: &ArrayRef, rows: &mut [R]) {
    let valid = rows.iter_mut().enumerate().filter(|(at, _)| array.is_valid(*at));
    match cell {
        Cell::Text { set, .. } => {
            let texts = array.as_string::<i32>();
            valid.for_each(|(at, row)| set(row, texts.value(at)));
        }
        Cell::Int { set, .. } => {
            let numbers = array.as_primitive::<Int64Type>();
            valid.for_each(|(at, row)| set(row, numbers.value(at)));
        }
        Cell::Float { set, .. } => {
            let numbers = array.as_primitive::<Float64Type>();
            valid.for_each(|(at, row)| set(row, numbers.value(at)));
        }
        Cell::Bool { set, .. } => {
            let truths = array.as_boolean();
            valid.for_each(|(at, row)| set(row, truths.value(at)));
        }
        Cell::Time { set, .. } => {
            let times = array.as_primitive::<TimestampNanosecondType>();
            valid.for_each(|(at, row)| set(row, Timestamp::from_nanos(times.value(at))));
        }
        Cell::Money { set, .. } => {
            let amounts = array.as_primitive::<Decimal128Type>();
            let amount = |at: usize| Usd::from_picos(amounts.value(at));
            valid.for_each(|(at, row)| amount(at).into_iter().for_each(|usd| set(row, usd)));
        }
        Cell::Texts { set, .. } => valid.for_each(|(at, row)| {
            let items = array.as_list::<i32>().value(at);
            set(row, items.as_string::<i32>().iter().flatten().map(str::to_owned).collect());
        }),
        Cell::Floats { set, .. } => valid.for_each(|(at, row)| {
            let items = array.as_list::<i32>().value(at);
            set(row, items.as_primitive::<Float64Type>().iter().flatten().collect());
        }),
        Cell::Ints { set, .. } => valid.for_each(|(at, row)| {
            let items = array.as_list::<i32>().value(at);
            set(row, items.as_primitive::<Int64Type>().iter().flatten().collect());
        }),
        Cell::Map { set, .. } => valid.for_each(|(at, row)| {
            let entries = array.as_map().value(at);
            let (keys, values) = (entries.column(0).as_string::<i32>(), entries.column(1).as_string::<i32>());
            let entry = |(key, value): (Option<&str>, Option<&str>)| {
                Some((key?.to_owned(), Value::Str(value.unwrap_or_default().to_owned())))
            };
            set(row, keys.iter().zip(values).filter_map(entry).collect());
        }),
    }
}
