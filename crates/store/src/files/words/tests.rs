//! The index of a file: it gives every row that answers, wherever its texts lie and were cut.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow::datatypes::{Field, Schema};

use super::*;
use crate::files::{Schemas, Written, pieces_field, texts_schema, write_table};
use crate::hook::Hook;

/// Writes rows of name, input messages and error message, one after the other.
fn write(path: &Path, rows: &[[Option<&str>; 3]]) -> Written {
    let text = |place: usize| StringArray::from_iter(rows.iter().map(|row| row[place]));
    let times = TimestampNanosecondArray::from_iter_values(0..rows.len() as i64).with_timezone("UTC");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("project", Arc::new(StringArray::from_iter_values(rows.iter().map(|_| "p")))),
        ("start_time", Arc::new(times)),
        ("name", Arc::new(text(0))),
        ("input_messages", Arc::new(text(1))),
        ("error_message", Arc::new(text(2))),
        ("events", Arc::new(StringArray::from_iter(rows.iter().map(|_| Some("unsearched ".repeat(40)))))),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let stored = fields.iter().cloned().map(Arc::new).chain([pieces_field()]).collect::<Vec<_>>();
    let schemas = Schemas { rows: Arc::new(Schema::new(stored)), texts: texts_schema() };
    let columns = columns.into_iter().map(|column| column.1).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    write_table(path, Table::Spans, &schemas, [Ok(batch)], &Hook::default()).unwrap()
}

fn indexed(path: &Path, written: &Written) -> WordIndex {
    make_words(Table::Spans, path, written.texts.is_some(), written.rows, &mut || Ok(())).unwrap();
    WordIndex::open(Table::Spans, path, written.rows).unwrap()
}

fn found(words: &WordIndex, query: &str) -> Vec<u32> {
    words.candidates(&Query::parse(query).unwrap()).unwrap().iter().collect()
}

fn message(text: &str) -> String {
    format!(r#"{{"role":"user","parts":[{{"type":"text","content":"{text}"}}]}}"#)
}

#[test]
fn rows_are_found_by_short_texts_and_by_pieces_they_share() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let said = [message("where is my refund\\norder 17"), message("退款流程在哪里"), message("thanks a lot")];
    let histories: Vec<String> = (1..=3).map(|turns| format!("[{}]", said[..turns].join(","))).collect();
    let rows: Vec<[Option<&str>; 3]> = vec![
        [Some("chat gpt-4o"), Some(&histories[0]), None],
        [Some("chat gpt-4o"), Some(&histories[1]), Some("timeout")],
        [Some("tool"), Some(&histories[2]), None],
        [None, None, None],
    ];
    let written = write(&path, &rows);
    let words = indexed(&path, &written);
    for (query, want) in [
        ("refund", &[0, 1, 2][..]),
        ("退款", &[1, 2]),
        ("thanks", &[2]),
        ("gpt-4o", &[0, 1]),
        ("order timeout", &[1]),
        ("norder", &[0, 1, 2]),
        ("thanks chat", &[]),
        ("unsearched", &[]),
        ("-refund", &[0, 1, 2, 3]),
    ] {
        assert_eq!(found(&words, query), want, "{query}");
    }
    words.check().unwrap();
}

#[test]
fn words_across_cuts_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let chinese: String = (0..30_000).filter_map(|_| char::from_u32(0x4e00 + next(3000) as u32)).collect();
    let code: String =
        (0..9000).map(|_| format!("{}/", ["foo", "ba", "c++", "quux_1", "\\n"][next(5) as usize])).collect();
    let code = code.replace('\n', "");
    let rows: Vec<[Option<&str>; 3]> =
        vec![[None, Some(&chinese), None], [None, Some("nothing of it"), Some(&code)], [None, Some(&chinese), None]];
    let written = write(&path, &rows);
    assert!(written.texts.as_ref().unwrap().rows > 20, "the texts are cut");
    let words = indexed(&path, &written);
    let all: Vec<char> = chinese.chars().collect();
    for pair in all.windows(3).step_by(7).chain(all.windows(2).step_by(3)) {
        let word: String = pair.iter().collect();
        let rows = found(&words, &word);
        assert!(rows.contains(&0) && rows.contains(&2) && !rows.contains(&1), "{word}");
    }
    for word in ["foo", "c++", "quux_1"] {
        assert_eq!(found(&words, word), [1], "{word}");
    }
}

#[test]
fn an_index_is_of_one_file_and_known_as_damaged_by_any_byte_that_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("a.parquet"), dir.path().join("b.parquet"));
    let rows = [[Some("alpha beta"), None, None], [Some("gamma"), None, None]];
    let written = write(&path, &rows);
    let words = indexed(&path, &written);
    write(&other, &rows);
    fs::copy(words_path(&path), words_path(&other)).unwrap();
    assert!(matches!(WordIndex::open(Table::Spans, &other, 2), Err(WordsError::Other)));
    assert!(matches!(WordIndex::open(Table::Spans, &path, 3), Err(WordsError::Other)));

    let whole = fs::read(words_path(&path)).unwrap();
    let query = Query::parse("gamma").unwrap();
    for at in 8..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(words_path(&path), bytes).unwrap();
        let told = WordIndex::open(Table::Spans, &path, 2).and_then(|words| words.check());
        assert!(told.is_err(), "flipped at {at}");
    }
    fs::write(words_path(&path), &whole[..whole.len() - 1]).unwrap();
    assert_eq!(words.candidates(&query), None);
    assert!(words.is_broken());
    fs::write(words_path(&path), &whole).unwrap();
    assert_eq!(words.candidates(&query), None, "until it is opened again");
    assert_eq!(found(&WordIndex::open(Table::Spans, &path, 2).unwrap(), "gamma"), [1]);
}
