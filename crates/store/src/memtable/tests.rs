//! The memtable: views stay, flushes hand over, nothing stands twice.

use std::sync::Arc;

use pellucid_model::{ProjectId, Timestamp};

use super::*;
use crate::join::Upsert;
use crate::rows::tests::{span_id, trace_id};
use crate::rows::{SpanRow, batch_to_spans};

fn span(number: u64, name: &str) -> MemSpan {
    let mut row = SpanRow::blank(trace_id(1), span_id(number));
    let span = &mut row.edit().span;
    (span.name, span.project) = (name.to_owned(), ProjectId::default());
    MemSpan::new(row)
}

fn put(memory: &mut Memtable, rows: impl IntoIterator<Item = MemSpan>) {
    let spans = rows.into_iter().map(|row| Upsert { row, replaces: None }).collect();
    memory.apply(Change { spans, ..Change::default() });
}

fn names(view: &MemoryView) -> Vec<String> {
    let rows = view.batches().unwrap().into_iter().flat_map(|batch| batch_to_spans(&batch).unwrap());
    rows.map(|row| row.priced.span.name.clone()).collect()
}

#[test]
fn a_view_does_not_change_when_rows_do() {
    let mut memory = Memtable::default();
    put(&mut memory, [span(1, "old"), span(2, "other")]);
    let before = memory.view(Table::Spans);
    put(&mut memory, [span(1, "new"), span(3, "third")]);
    assert_eq!(names(&before), ["old", "other"]);
    assert_eq!(names(&memory.view(Table::Spans)), ["new", "other", "third"]);
    assert_eq!(memory.len(Table::Spans), 3);
}

#[test]
fn only_the_chunk_that_changed_is_made_again() {
    let mut memory = Memtable::default();
    put(&mut memory, (0..5000).map(|number| span(number, "x")));
    let first = memory.view(Table::Spans).batches().unwrap();
    put(&mut memory, [span(4999, "y")]);
    let second = memory.view(Table::Spans).batches().unwrap();
    let same: Vec<bool> =
        first.iter().zip(&second).map(|(old, new)| Arc::ptr_eq(old.column(0), new.column(0))).collect();
    assert!(same.len() > 2);
    assert!(same[..same.len() - 1].iter().all(|same| *same) && !same[same.len() - 1], "{same:?}");
}

#[test]
fn rows_being_flushed_stay_visible_and_changed_ones_stand_once() {
    let mut memory = Memtable::default();
    put(&mut memory, [span(1, "a"), span(2, "b"), span(3, "c")]);
    let [frozen, ..] = memory.freeze();
    put(&mut memory, [span(2, "b2"), span(4, "d")]);
    put(&mut memory, [span(2, "b3")]);
    assert_eq!(names(&frozen.rows), ["a", "b", "c"]);
    let mut visible = names(&memory.view(Table::Spans));
    visible.sort_unstable();
    assert_eq!(visible, ["a", "b3", "c", "d"]);
    // A flush that fails gets the same rows again.
    let [again, ..] = memory.freeze();
    assert_eq!(names(&again.rows), ["a", "b", "c"]);

    let (masked, _) = memory.finish(Table::Spans, 7, &[20, 10, 30]);
    assert_eq!(masked, [RowRef { file: 7, position: 10 }]);
    assert_eq!(names(&memory.view(Table::Spans)), ["b3", "d"]);
    // The next flush masks the old version together with adding the new one.
    let [next, ..] = memory.freeze();
    assert_eq!((names(&next.rows), next.replaced), (vec!["b3".to_owned(), "d".to_owned()], masked));
}

#[test]
fn bytes_follow_what_is_held() {
    let mut memory = Memtable::default();
    assert_eq!(memory.bytes(), 0);
    let mut long = span(1, "long");
    long.row.edit().span.content.input_value = Some("x".repeat(100_000));
    long.base = long.row.clone();
    put(&mut memory, [long]);
    let (with_text, active) = (memory.bytes(), memory.active_bytes());
    assert!((100_000..110_000).contains(&with_text), "{with_text}");
    assert_eq!(active, with_text);
    put(&mut memory, [span(1, "short")]);
    assert!(memory.bytes() < 10_000);
    memory.freeze();
    assert_eq!(memory.active_bytes(), 0);
    assert!(memory.bytes() > 0);
    memory.finish(Table::Spans, 1, &[0]);
    assert_eq!(memory.bytes(), 0);
}

#[test]
fn look_ups_find_rows_in_both_layers_and_forget_none() {
    let mut memory = Memtable::default();
    put(&mut memory, [span(1, "a"), span(2, "b")]);
    memory.freeze();
    put(&mut memory, [span(2, "b2"), span(3, "c")]);
    let lookup = LookupKey::trace(ProjectId::DEFAULT, &trace_id(1).to_string());
    let mut found: Vec<_> = memory.find_spans(lookup).map(|row| row.said().span.name.clone()).collect();
    found.sort_unstable();
    assert_eq!(found, ["a", "b2", "c"]);
    assert!(memory.count_spans(lookup) >= 3);
    assert_eq!(memory.span(&span(2, "").key()).unwrap().said().span.start_time, Timestamp::ZERO);
}
