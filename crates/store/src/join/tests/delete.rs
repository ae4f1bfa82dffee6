//! Rows deleted: in memory, in files, on their way into one; with what others told of the same calls.

use super::*;
use crate::deletion::{Deleted, DeletionChunk, Doomed};

fn of_traces(traces: impl IntoIterator<Item = u64>) -> DeletionChunk {
    let rows = Doomed::Traces(traces.into_iter().map(trace_id).collect());
    DeletionChunk { project: project(0), times: i64::MIN..=i64::MAX, rows }
}

fn a_call(trace: u64, span: u64) -> Item {
    let mut row = a_span(trace, span);
    (row.span.kind, row.span.response_id) = (Kind::Llm, Some("r9".to_owned()));
    Item::Span(Box::new(row))
}

fn counting(tables: &Tables) -> Vec<(TraceId, bool)> {
    tables.spans.iter().map(|(key, row)| (key.trace_id, row.priced.span.counts)).collect()
}

/// Flushes before, between, or not at all; the last leaves a flush under way.
fn in_every_place(test: impl Fn(&mut World, &dyn Fn(&mut World))) {
    let steps: [fn(&mut World); 3] = [
        |_| {},
        |world| {
            world.start_flush();
            world.end_flush();
        },
        |world| {
            if world.flushing.is_some() {
                world.end_flush();
            }
            world.start_flush();
        },
    ];
    for step in steps {
        test(&mut world(), &step);
    }
}

#[test]
fn whoever_else_told_of_a_deleted_call_counts_now() {
    in_every_place(|world, step| {
        world.write(batch([a_call(1, 1)]));
        step(world);
        world.write(batch([a_call(2, 2), Item::Span(Box::new(a_span(2, 3)))]));
        step(world);
        assert_eq!(counting(&world.tables()), [(trace_id(1), true), (trace_id(2), false), (trace_id(2), true)]);
        assert_eq!(world.delete(&of_traces([1])), Deleted { spans: 1, logs: 0 });
        assert_eq!(counting(&world.tables()), [(trace_id(2), true), (trace_id(2), true)]);
        if world.flushing.is_some() {
            world.end_flush();
        }
        assert_eq!(counting(&world.tables()), [(trace_id(2), true), (trace_id(2), true)]);
    });
}

#[test]
fn records_of_a_trace_go_with_it_and_rows_of_others_stay() {
    in_every_place(|world, step| {
        let mut stranger = a_span(1, 1);
        stranger.span.project = project(1);
        let log = |trace, body| Item::Log(a_log(Some(trace_id(trace)), Some(span_id(1)), None, body));
        world.write(batch([Item::Span(Box::new(a_span(1, 1))), log(1, "gone"), log(2, "stays")]));
        step(world);
        world.write(batch([Item::Span(Box::new(stranger)), Item::Span(Box::new(a_span(2, 1)))]));
        step(world);
        assert_eq!(world.delete(&of_traces([1, 7])), Deleted { spans: 1, logs: 1 });
        assert_eq!(world.delete(&of_traces([1, 7])), Deleted::default(), "twice is once");
        // What comes later comes alone: the record that told of it is gone.
        world.write(batch([Item::Span(Box::new(a_span(1, 1)))]));
        step(world);
        let tables = world.tables();
        assert_eq!((tables.spans.len(), tables.logs.len()), (3, 1));
        let said = tables.spans.values().filter_map(|row| row.priced.span.content.output_value.clone());
        assert_eq!(said.collect::<Vec<_>>(), ["stays"]);
    });
}

#[test]
fn named_records_go_and_no_others() {
    in_every_place(|world, step| {
        let log = |body| Item::Log(a_log(None, None, None, body));
        world.write(batch([log("a"), log("b"), log("c")]));
        step(world);
        let stays =
            world.tables().logs.values().find(|log| log.log.body == Value::Str("b".to_owned())).unwrap().clone();
        let ids =
            world.tables().logs.values().map(|log| Arc::clone(&log.row_id)).filter(|id| *id != stays.row_id).collect();
        let chunk = DeletionChunk { rows: Doomed::Logs(ids), ..of_traces([]) };
        assert_eq!(world.delete(&chunk), Deleted { spans: 0, logs: 2 });
        step(world);
        assert_eq!(world.tables().logs.into_values().collect::<Vec<_>>(), [stays]);
    });
}

#[test]
fn rows_that_come_go_and_come_again_stand_once() {
    for seed in 0..60 {
        let mut dice = Dice::new(seed);
        let mut world = world();
        let mut wanted: std::collections::BTreeSet<(u64, u64)> = std::collections::BTreeSet::new();
        for _ in 0..40 {
            match dice.roll(8) {
                0 => {
                    let trace = dice.roll(4);
                    world.delete(&of_traces([trace]));
                    wanted.retain(|(known, _)| *known != trace);
                }
                1 if world.flushing.is_none() => world.start_flush(),
                2 if world.flushing.is_some() => world.end_flush(),
                _ => {
                    let (trace, span) = (dice.roll(4), dice.roll(4));
                    let mut row = a_span(trace, span);
                    row.span.end_time = at(2000 + dice.roll(50));
                    world.write(batch([Item::Span(Box::new(row))]));
                    wanted.insert((trace, span));
                }
            }
            let tables = world.tables();
            let stored: Vec<_> = tables.spans.keys().map(|key| (key.trace_id, key.span_id)).collect();
            let mut told: Vec<_> = wanted.iter().map(|(trace, span)| (trace_id(*trace), span_id(*span))).collect();
            told.sort();
            assert_eq!(stored, told, "seed {seed}");
        }
    }
}
