//! Traces as instrumentations make them, and the promises for all of them.

use std::sync::Arc;

use pellucid_model::{Attributes, Resource, Timestamp, Value};
use proptest::prelude::*;

use super::*;
use crate::testing::{attributes, priced, texts};

fn both(words: &[(&str, &str)], numbers: &[(&str, i64)]) -> Attributes {
    let (words, numbers) = (texts(words), attributes(numbers));
    let entries = words.iter().chain(numbers.iter()).map(|(key, value)| (key.to_owned(), value.clone()));
    entries.collect::<Vec<(String, Value)>>().into_iter().collect()
}

fn tokens(input: i64, output: i64) -> Vec<(&'static str, i64)> {
    vec![("gen_ai.usage.input_tokens", input), ("gen_ai.usage.output_tokens", output)]
}

/// A chat with a response id (empty: none) and tokens.
fn chat(id: u8, parent: Option<u8>, response: &str, numbers: &[(&str, i64)]) -> PricedSpan {
    let mut words = vec![("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "gpt-4o")];
    if !response.is_empty() {
        words.push(("gen_ai.response.id", response));
    }
    priced(id, parent, &both(&words, numbers))
}

fn other(operation: &str, id: u8, parent: Option<u8>, numbers: &[(&str, i64)]) -> PricedSpan {
    priced(id, parent, &both(&[("gen_ai.operation.name", operation)], numbers))
}

/// The first bytes of the ids of the rows that count.
fn counting(rows: Vec<PricedSpan>) -> Vec<u8> {
    let mut rows: Vec<PricedSpan> = rows;
    let shared: Vec<Arc<PricedSpan>> = rows.iter().cloned().map(Arc::new).collect();
    for (index, counts) in settle(&shared) {
        rows[index].span.counts = counts;
    }
    let mut ids: Vec<u8> =
        rows.iter().filter(|row| row.span.counts).map(|row| row.span.span_id.as_bytes()[0]).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn an_agent_never_counts_beside_its_calls() {
    let agent = other("invoke_agent", 1, None, &tokens(30, 12));
    let rows = vec![agent.clone(), chat(2, Some(1), "a", &tokens(10, 5)), chat(3, Some(1), "b", &tokens(20, 7))];
    assert_eq!(counting(rows), [2, 3]);
    assert_eq!(counting(vec![agent]), [1]);
    // Streamed calls without tokens are calls all the same.
    assert_eq!(counting(vec![other("invoke_agent", 1, None, &tokens(30, 12)), chat(2, Some(1), "a", &[])]), [2]);
}

/// The row as another trace tells it, later by this much.
fn elsewhere(mut row: PricedSpan, trace: u8, later_ns: i64) -> PricedSpan {
    row.span.trace_id = pellucid_model::TraceId::from_bytes(&[trace; 16]).unwrap();
    row.span.start_time = pellucid_model::Timestamp::from_nanos(row.span.start_time.as_nanos() + later_ns);
    row.span.end_time = pellucid_model::Timestamp::from_nanos(row.span.end_time.as_nanos() + later_ns);
    row
}

#[test]
fn one_response_in_two_traces_is_one_call_if_it_ran_at_one_time() {
    let call = chat(1, None, "a", &tokens(10, 5));
    let hour = 3_600_000_000_000;
    assert_eq!(counting(vec![call.clone(), elsewhere(chat(2, None, "a", &tokens(10, 5)), 9, 1)]), [1]);
    assert_eq!(counting(vec![chat(3, None, "a", &[]), elsewhere(chat(2, None, "a", &tokens(10, 5)), 9, 1)]), [2]);
    // Some servers give every answer the same id.
    assert_eq!(counting(vec![call.clone(), elsewhere(chat(2, None, "a", &tokens(10, 5)), 9, hour)]), [1, 2]);
    assert_eq!(counting(vec![call.clone(), elsewhere(chat(2, None, "a", &tokens(11, 5)), 9, 1)]), [1, 2]);
    // What a trace ruled out rules nothing out elsewhere.
    let inside = chat(4, Some(1), "a", &tokens(10, 5));
    let other_project = {
        let mut row = elsewhere(chat(2, None, "a", &tokens(10, 5)), 9, 1);
        row.span.project = pellucid_model::ProjectId::new("other");
        row
    };
    assert_eq!(counting(vec![call, inside, other_project]), [2, 4]);
}

#[test]
fn of_nested_totals_the_innermost_counts() {
    let rows =
        vec![other("invoke_workflow", 1, None, &tokens(30, 12)), other("invoke_agent", 2, Some(1), &tokens(30, 12))];
    assert_eq!(counting(rows), [2]);
}

#[test]
fn the_sdks_own_span_inside_the_instrumentations() {
    assert_eq!(counting(vec![chat(1, None, "msg", &tokens(9, 3)), chat(2, Some(1), "msg", &tokens(9, 3))]), [2]);
    // Only the outer one knows tokens.
    assert_eq!(counting(vec![chat(1, None, "msg", &tokens(9, 3)), chat(2, Some(1), "msg", &[])]), [1]);
    // A failed call has neither id nor tokens.
    assert_eq!(counting(vec![chat(1, None, "", &[]), chat(2, Some(1), "", &[])]), [2]);
}

#[test]
fn one_call_inside_another_is_the_same_whatever_the_outer_one_says_of_its_tokens() {
    assert_eq!(counting(vec![chat(1, None, "", &tokens(20, 9)), chat(2, Some(1), "", &tokens(12, 8))]), [2]);
    // Of several inside, each with tokens of its own, nobody can tell which one it is.
    let rows = vec![
        chat(1, None, "", &tokens(20, 9)),
        chat(2, Some(1), "", &tokens(12, 8)),
        chat(3, Some(1), "", &tokens(1, 1)),
    ];
    assert_eq!(counting(rows), [1, 2, 3]);
}

#[test]
fn clocks_of_two_hosts_tell_nothing_of_inside_and_outside() {
    let far = |host: &str| {
        let mut inner = chat(2, Some(1), "", &tokens(12, 8));
        inner.span.start_time = Timestamp::from_nanos(601_000_000_000);
        inner.span.end_time = Timestamp::from_nanos(602_000_000_000);
        inner.span.resource = Arc::new(Resource { attributes: texts(&[("host.name", host)]) });
        let mut outer = chat(1, None, "", &tokens(12, 8));
        outer.span.resource = Arc::new(Resource { attributes: texts(&[("host.name", "browser")]) });
        vec![outer, inner]
    };
    assert_eq!(counting(far("server")), [2]);
    // On one host a call after its parent's end is another one, whose context was kept by mistake.
    assert_eq!(counting(far("browser")), [1, 2]);
    let mut longer = far("server");
    longer[1].span.end_time = Timestamp::from_nanos(609_000_000_000);
    assert_eq!(counting(longer), [1, 2]);
}

#[test]
fn three_tell_of_one_call() {
    let of = |numbers: [&[(&str, i64)]; 3]| {
        counting(vec![
            chat(1, None, "", numbers[0]),
            chat(2, Some(1), "", numbers[1]),
            chat(3, Some(2), "", numbers[2]),
        ])
    };
    let told = tokens(9, 3);
    assert_eq!(of([&told, &[], &[]]), [1]);
    assert_eq!(of([&told, &told, &[]]), [2]);
    assert_eq!(of([&told, &[], &told]), [3]);
    assert_eq!(of([&[], &[], &[]]), [3]);
}

#[test]
fn siblings_with_one_response_are_one_call() {
    let parent = other("invoke_workflow", 1, None, &[]);
    let rows = vec![parent.clone(), chat(3, Some(1), "r", &[]), chat(2, Some(1), "r", &tokens(9, 3))];
    assert_eq!(counting(rows), [2]);
    let rows = vec![parent, chat(3, Some(1), "r", &tokens(9, 3)), chat(2, Some(1), "r", &tokens(9, 3))];
    assert_eq!(counting(rows), [2]);
}

#[test]
fn attempts_told_one_by_one_are_rows_of_their_own() {
    let rows = vec![chat(1, None, "", &[]), chat(2, Some(1), "", &[]), chat(3, Some(1), "", &[])];
    assert_eq!(counting(rows), [2, 3]);
    let rows = vec![chat(1, None, "", &tokens(9, 3)), chat(2, Some(1), "", &[]), chat(3, Some(1), "", &tokens(9, 3))];
    assert_eq!(counting(rows), [2, 3]);
}

#[test]
fn a_wrapper_of_several_calls_is_their_sum() {
    let rows = vec![
        chat(1, None, "", &tokens(30, 12)),
        chat(2, Some(1), "a", &tokens(10, 5)),
        chat(3, Some(1), "b", &tokens(20, 7)),
    ];
    assert_eq!(counting(rows), [2, 3]);
}

#[test]
fn a_call_made_by_a_tool_is_another_call() {
    let rows = vec![
        chat(1, None, "a", &tokens(9, 3)),
        other("execute_tool", 2, Some(1), &[]),
        chat(3, Some(2), "", &tokens(9, 3)),
    ];
    assert_eq!(counting(rows), [1, 3]);
}

#[test]
fn equal_calls_without_ids_beside_each_other_are_two() {
    let rows = vec![
        other("invoke_agent", 1, None, &[]),
        chat(2, Some(1), "", &tokens(9, 3)),
        chat(3, Some(1), "", &tokens(9, 3)),
    ];
    assert_eq!(counting(rows), [2, 3]);
}

#[test]
fn a_cycle_ends() {
    // It is opened at its youngest row, here the one with the greater id.
    assert_eq!(counting(vec![chat(1, Some(2), "", &tokens(1, 1)), chat(2, Some(1), "", &tokens(1, 1))]), [1]);
    assert_eq!(
        counting(vec![chat(3, Some(3), "", &[]), chat(2, Some(1), "a", &[]), chat(1, Some(2), "b", &[])]),
        [1, 2, 3]
    );
    assert_eq!(counting(vec![chat(1, Some(1), "", &tokens(1, 1))]), [1]);
}

fn rows() -> impl Strategy<Value = Vec<PricedSpan>> {
    let row = (prop::option::of(1_u8..7), 0_usize..4, 0_usize..3, 0_usize..3);
    prop::collection::vec(row, 1..7).prop_map(|rows| {
        let numbers = [vec![], tokens(9, 3), tokens(18, 6)];
        let responses = ["", "a", "b"];
        let made = rows.into_iter().enumerate().map(|(index, (parent, kind, usage, response))| {
            let id = u8::try_from(index + 1).unwrap_or(1);
            match kind {
                0 => other("invoke_agent", id, parent, &numbers[usage]),
                1 => other("execute_tool", id, parent, &[]),
                _ => chat(id, parent, responses[response], &numbers[usage]),
            }
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn order_and_earlier_verdicts_change_nothing(rows in rows(), flips in any::<u64>()) {
        let plain = counting(rows.clone());
        let mut reversed = rows.clone();
        reversed.reverse();
        prop_assert_eq!(&counting(reversed), &plain);
        let mut judged = rows.clone();
        for (index, row) in judged.iter_mut().enumerate() {
            row.span.counts = flips >> index & 1 == 1;
        }
        prop_assert_eq!(&counting(judged), &plain);
    }

    #[test]
    fn settled_rows_are_settled(rows in rows()) {
        let mut rows = rows;
        let shared: Vec<Arc<PricedSpan>> = rows.iter().cloned().map(Arc::new).collect();
        for (index, counts) in settle(&shared) {
            rows[index].span.counts = counts;
        }
        let shared: Vec<Arc<PricedSpan>> = rows.into_iter().map(Arc::new).collect();
        prop_assert!(settle(&shared).is_empty());
    }

    #[test]
    fn no_response_counts_twice(rows in rows()) {
        let mut seen = std::collections::HashSet::new();
        let counted = counting(rows.clone());
        for row in rows.iter().filter(|row| counted.contains(&row.span.span_id.as_bytes()[0])) {
            if let Some(id) = row.span.response_id.clone().filter(|_| row.span.kind.is_model_call()) {
                prop_assert!(seen.insert(id));
            }
        }
    }
}
