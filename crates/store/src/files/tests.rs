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
    assert_eq!(written.index.rows(&[LookupKey::trace("a", "t1")]).unwrap(), [0]);
    assert_eq!(written.index.rows(&[LookupKey::trace("b", "t1")]).unwrap(), [2]);
    assert!(written.index.rows(&[LookupKey::trace("a", "t3")]).unwrap().is_empty());
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
fn a_lost_or_broken_side_file_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let rows: Vec<(String, i64)> = (0..700).map(|n| (format!("t{}", n % 300), n)).collect();
    let rows: Vec<(&str, &str, i64)> = rows.iter().map(|(trace, n)| ("a", trace.as_str(), *n)).collect();
    let written = write(&path, batch(&rows)).unwrap();
    let side_file = KeyIndex::path_of(&path);
    let whole = std::fs::read(&side_file).unwrap();
    let keys: Vec<LookupKey> = (0..320).map(|n| LookupKey::trace("a", &format!("t{n}"))).collect();
    let right = |index: &KeyIndex| {
        let rows_of = |n: u32| (0..700).filter(|row| row % 300 == n).collect::<Vec<u32>>();
        let wrong =
            (0..320).find(|n| index.rows(&[keys[*n as usize]]).unwrap() != if *n < 300 { rows_of(*n) } else { vec![] });
        assert_eq!(wrong, None);
        assert_eq!(index.rows(&keys).unwrap(), Vec::from_iter(0..700));
    };
    right(&written.index);
    for at in (0..whole.len()).step_by(41).chain([0, 8, 12, 16, 20, 24, whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&side_file, &bytes).unwrap();
        let index = KeyIndex::open_file(Table::Spans, &path).unwrap();
        index.hold_filter(1).unwrap();
        right(&index);
        assert_eq!(std::fs::read(&side_file).unwrap(), whole, "flipped at {at}");
    }
    for bytes in [&whole[..whole.len() - 1], b"PELLKEY1", b""] {
        std::fs::write(&side_file, bytes).unwrap();
        right(&KeyIndex::open_file(Table::Spans, &path).unwrap());
    }
    std::fs::remove_file(&side_file).unwrap();
    right(&written.index);
    assert_eq!(std::fs::read(&side_file).unwrap(), whole);
}

#[test]
fn a_key_of_many_rows_lies_in_many_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let rows: Vec<(&str, &str, i64)> =
        (0..5000).map(|n| ("a", ["one", "other", "other"][n as usize % 3], n)).chain([("b", "one", 9)]).collect();
    let index = write(&path, batch(&rows)).unwrap().index;
    assert_eq!(index.rows(&[LookupKey::trace("a", "one")]).unwrap(), Vec::from_iter((0..5000).step_by(3)));
    assert_eq!(index.rows(&[LookupKey::trace("b", "one")]).unwrap(), [5000]);
}

#[test]
fn a_file_knows_whose_rows_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let rows = batch(&[("b", "t1", 1), ("d", "t2", 2), ("b", "t1", 3)]);
    let projects = write(&dir.path().join("a.parquet"), rows).unwrap().projects.unwrap();
    let may: Vec<bool> = ["a", "b", "c", "d", "e"].iter().map(|name| projects.may_have(name)).collect();
    assert_eq!(may, [false, true, true, true, false]);
    assert!(!projects.are_only("b"));
    let rows = batch(&[("b", "t1", 1), ("b", "t2", 2)]);
    assert!(write(&dir.path().join("b.parquet"), rows).unwrap().projects.unwrap().are_only("b"));
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
