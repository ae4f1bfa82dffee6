//! Texts: what a file gives back is what was written, whatever it was and however it was stored.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, MapBuilder, RecordBatch, StringArray, StringBuilder, TimestampNanosecondArray,
};
use arrow::compute;
use arrow::datatypes::{Field, Int64Type, Schema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

use super::*;
use crate::files::{Schemas, Written, read_columns, read_rows, write_table};
use crate::hook::Hook;

/// One row: trace, messages, events, attributes.
type Row = (u8, Option<String>, String, Vec<(String, Option<String>)>);

fn map(rows: &[Row]) -> ArrayRef {
    let mut builder = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for (.., entries) in rows {
        for (key, value) in entries {
            builder.keys().append_value(key);
            builder.values().append_option(value.as_ref());
        }
        builder.append(true).unwrap();
    }
    Arc::new(builder.finish())
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("project", Arc::new(StringArray::from_iter_values(rows.iter().map(|_| "p"))), false),
        ("trace_id", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0.to_string()))), false),
        (
            "start_time",
            Arc::new(TimestampNanosecondArray::from_iter_values(0..rows.len() as i64).with_timezone("UTC")),
            false,
        ),
        ("input_messages", Arc::new(StringArray::from_iter(rows.iter().map(|row| row.1.as_ref()))), true),
        ("events", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.2))), false),
        ("attributes", map(rows), false),
        ("n", Arc::new(Int64Array::from_iter_values(0..rows.len() as i64)), false),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array, null)| Field::new(*name, array.data_type().clone(), *null)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|column| column.1).collect()).unwrap()
}

fn write(path: &Path, rows: &RecordBatch) -> Written {
    let fields = rows.schema().fields().iter().cloned().chain([pieces_field()]).collect::<Vec<_>>();
    let schemas = Schemas { rows: Arc::new(Schema::new(fields)), texts: texts_schema() };
    write_table(path, Table::Spans, &schemas, [Ok(rows.clone())], &Hook::default()).unwrap()
}

/// All rows of a file, whole.
fn read(path: &Path, written: &Written) -> RecordBatch {
    let all: Vec<u32> = (0..written.rows as u32).collect();
    let rows = read_rows(Table::Spans, path, written.texts.is_some(), &all).unwrap();
    compute::concat_batches(&rows[0].schema(), &rows).unwrap()
}

fn message(text: &str) -> String {
    format!(r#"{{"role":"user","parts":[{{"type":"text","content":"{text}"}}]}}"#)
}

/// An agent that sends its history with each call, canonical and as sent.
fn agent(turns: usize) -> Vec<Row> {
    let said: Vec<String> = (0..turns).map(|turn| format!("turn {turn}: {}", "tell me more ".repeat(20))).collect();
    let messages = |turn: usize| {
        let all: Vec<String> = said[..=turn].iter().map(|text| message(text)).collect();
        format!("[{}]", all.join(","))
    };
    (0..turns)
        .map(|turn| {
            (
                1,
                Some(messages(turn)),
                "[]".to_owned(),
                vec![("k".to_owned(), None), ("raw".to_owned(), Some(messages(turn)))],
            )
        })
        .collect()
}

#[test]
fn a_history_sent_again_is_stored_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let rows = batch(&agent(25));
    let written = write(&path, &rows);
    let texts = written.texts.clone().unwrap();
    // One piece a message and the end of the list; the raw spelling is the same here.
    assert_eq!(texts.rows, 26);
    assert_eq!(read(&path, &written), rows);
    let stored = read_columns(&texts.path, &["part", "n", "uses"]).unwrap().unwrap();
    assert_eq!(stored.column(0).as_string::<i32>().value(0), "a.parquet");
    assert_eq!(stored.column(1).as_primitive::<Int32Type>().values().to_vec(), Vec::from_iter(0..26));
    // Both the messages and an attribute use each piece.
    assert!(stored.column(2).as_primitive::<Int64Type>().values().iter().all(|uses| *uses == (1 << 1 | USED_BY_ENTRY)));
}

#[test]
fn rows_without_long_texts_have_no_file_beside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let rows = batch(&[(1, Some("short".to_owned()), "[]".to_owned(), vec![]), (2, None, String::new(), vec![])]);
    let written = write(&path, &rows);
    assert!(written.texts.is_none() && !texts_path(&path).exists());
    assert_eq!(read(&path, &written), rows);
}

#[test]
fn texts_over_the_size_of_a_batch_come_in_several() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let long = "word ".repeat(1 << 20);
    let rows: Vec<Row> = (0..20).map(|_| (1, Some(long.clone()), "[]".to_owned(), vec![])).collect();
    let rows = batch(&rows);
    let written = write(&path, &rows);
    assert!(written.texts.as_ref().unwrap().bytes < 1 << 20);
    let all: Vec<u32> = (0..20).collect();
    let found = read_rows(Table::Spans, &path, true, &all).unwrap();
    assert!(found.len() > 1);
    assert_eq!(compute::concat_batches(&found[0].schema(), &found).unwrap(), rows);
}

#[test]
fn a_lost_piece_is_an_error_and_no_wrong_text() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("a.parquet"), dir.path().join("b.parquet"));
    write(&path, &batch(&agent(25)));
    write(&other, &batch(&agent(3)));
    std::fs::copy(texts_path(&other), texts_path(&path)).unwrap();
    let error = read_rows(Table::Spans, &path, true, &[20]).unwrap_err();
    assert!(error.to_string().contains("lacks texts"), "{error}");
}

/// The light rows of a file.
fn light(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    compute::concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn texts() -> impl Strategy<Value = String> {
    let item =
        prop::sample::select(vec![message("a"), message(&"汉字".repeat(40)), r#""x""#.to_owned(), "1".to_owned()]);
    prop_oneof![
        "[a-z\\[\\]\"{},汉 ]{0,300}",
        prop::collection::vec(item, 0..8).prop_map(|items| format!("[{}]", items.join(","))),
        "[a-z ]{9000,20000}",
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let entries = prop::collection::vec(("[a-z]{1,3}", prop::option::of(texts())), 0..4);
    prop::collection::vec((0_u8..3, prop::option::of(texts()), texts(), entries), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn written_rows_come_back(rows in rows()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.parquet");
        let rows = batch(&rows);
        let written = write(&path, &rows);
        prop_assert_eq!(read(&path, &written), rows.clone());
        // Some rows and some columns alone.
        let some = read_rows(Table::Spans, &path, written.texts.is_some(), &[rows.num_rows() as u32 - 1]).unwrap();
        prop_assert_eq!(&some[0], &rows.slice(rows.num_rows() - 1, 1));
        let texts = written.texts.as_ref().map(|texts| TextsFile::open(&texts.path).unwrap());
        let events = light(&path).project(&[4, 7]).unwrap();
        let events = put_back(Table::Spans, &events, texts.as_ref()).unwrap();
        prop_assert_eq!(events[0].column(0), rows.column(4));
    }

    #[test]
    fn rows_carried_to_another_file_are_the_same(first in rows(), second in rows()) {
        let dir = tempfile::tempdir().unwrap();
        let mut pieces = Pieces::default();
        let mut carried = Vec::new();
        for (name, rows) in [("a.parquet", &first), ("b.parquet", &second)] {
            let path = dir.path().join(name);
            let written = write(&path, &batch(rows));
            let texts = written.texts.map(|texts| TextsFile::open(&texts.path).unwrap());
            carried.push(carry(&light(&path), texts.as_ref(), |_| true, &mut pieces).unwrap());
        }
        let rows = compute::concat_batches(&carried[0].schema(), &carried).unwrap();
        let path = dir.path().join("c-texts.parquet");
        let order: Vec<u32> = (0..pieces.len() as u32).collect();
        write_texts(&path, "c.parquet", &texts_schema(), &pieces, &order, super::super::Packing::Fast).unwrap();
        let whole = put_back(Table::Spans, &rows, Some(&TextsFile::open(&path).unwrap())).unwrap();
        let want: Vec<RecordBatch> = vec![batch(&first), batch(&second)];
        let want = compute::concat_batches(&want[0].schema(), &want).unwrap();
        prop_assert_eq!(&whole[0], &want);
    }
}
