//! Data files: sorted, indexed, bounded, and readable by position.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::*;
use crate::error::StoreResult;
use crate::hook::Hook;
use crate::rows::LookupKey;
use crate::snapshot::Table;

fn schema() -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let id = |field: Field, id: u32| field.with_metadata([("PARQUET:field_id".to_owned(), id.to_string())].into());
    Arc::new(Schema::new(vec![
        id(Field::new("project", DataType::Utf8, false), 1),
        id(Field::new("trace_id", DataType::Utf8, true), 2),
        id(Field::new("start_time", time, false), 3),
        id(Field::new("n", DataType::Int64, false), 4),
    ]))
}

/// What a file of these rows has.
fn schemas() -> Schemas {
    let fields = schema().fields().iter().cloned().chain([pieces_field()]).collect::<Vec<_>>();
    Schemas { rows: Arc::new(Schema::new(fields)), texts: texts_schema() }
}

fn write(path: &Path, rows: RecordBatch) -> StoreResult<Written> {
    write_table(path, Table::Spans, &schemas(), [Ok(rows)], &Hook::default())
}

fn batch(rows: &[(&str, &str, i64)]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1))),
        Arc::new(TimestampNanosecondArray::from_iter_values(rows.iter().map(|row| row.2)).with_timezone("UTC")),
        Arc::new(Int64Array::from_iter_values(0..rows.len() as i64)),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

#[test]
fn a_file_is_sorted_and_tells_where_each_row_went() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let rows = batch(&[("b", "t1", 1500), ("a", "t2", 3000), ("a", "t1", 2000)]);
    let written = write(&path, rows).unwrap();
    assert_eq!(written.positions, [2, 1, 0]);
    assert_eq!((written.rows, written.min_time, written.max_time), (3, 1500, 3000));
    assert_eq!(written.index.find(LookupKey::trace("a", "t1")), [0]);
    assert_eq!(written.index.find(LookupKey::trace("b", "t1")), [2]);
    assert!(written.index.find(LookupKey::trace("a", "t3")).is_empty());
    assert!(written.texts.is_none());
    let found = read_rows(Table::Spans, &path, false, &[0, 2]).unwrap().remove(0);
    assert_eq!(found.column(3).as_primitive::<arrow::datatypes::Int64Type>().values(), &[2, 0]);
    let time = &written.leaves[2];
    assert_eq!(time.field_id, 3);
    assert_eq!(time.min.as_deref(), Some("1970-01-01 00:00:00.000001+00"), "rounded down");
    assert_eq!(time.max.as_deref(), Some("1970-01-01 00:00:00.000003+00"));
    assert_eq!(written.leaves[0].max.as_deref(), Some("b"));
}

#[test]
fn a_side_file_comes_back_and_a_broken_one_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.keys");
    let index = KeyIndex::build(Table::Spans, &batch(&[("a", "t1", 1), ("a", "t2", 2), ("a", "t1", 3)])).unwrap();
    index.save(&path).unwrap();
    assert_eq!(KeyIndex::load(&path), Some(index.clone()));
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(KeyIndex::load(&path), None, "flipped at {at}");
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(KeyIndex::load(&path), None);
}

#[test]
fn a_lost_side_file_is_built_again_from_the_data_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let rows = batch(&[("a", "t1", 1), ("a", "t2", 2), ("a", "t1", 3)]);
    let written = write(&path, rows).unwrap();
    let side_file = KeyIndex::path_of(&path);
    assert_eq!(KeyIndex::load(&side_file).as_ref(), Some(&written.index));
    std::fs::remove_file(&side_file).unwrap();
    assert_eq!(KeyIndex::of_file(Table::Spans, &path).unwrap(), written.index);
    assert_eq!(KeyIndex::load(&side_file), Some(written.index), "and is there again");
}

#[test]
fn a_delete_file_names_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a-delete.parquet");
    let written = write_deletes(&path, "data/main/spans/a.parquet", &[3, 7]).unwrap();
    assert!(written.footer_bytes > 0 && written.bytes > written.footer_bytes);
    let rows = read_columns(&path, &["pos"]).unwrap().unwrap();
    assert_eq!(rows.column(0).as_primitive::<arrow::datatypes::Int64Type>().values(), &[3, 7]);
}
