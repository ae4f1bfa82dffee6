//! Whatever order batches come in, however often, and whenever flushes happen: the same rows stand in the end.

mod delete;
mod order;
mod real;
mod rewrite;
mod traps;
mod world;

use std::collections::HashSet;
use std::sync::Arc;

use pellucid_model::{
    Attributes, Kind, PricedSpan, ProjectId, RawLog, RawPoint, RawPointValue, Resource, Scope, SpanId, Temporality,
    Timestamp, TraceId, Value,
};
use proptest::prelude::*;

use super::*;
use crate::rows::SpanKey;
use crate::rows::tests::{Dice, span_id, trace_id};
use crate::snapshot::Table;
use crate::stages::{LogRow, PointRow, WalRecord};
use crate::store::Commit;

use self::world::{Tables, World};

fn world() -> World {
    World::new(Arc::new(Fake))
}

/// Stages simple enough to be believed.
struct Fake;

impl Stages for Fake {
    fn prepare(&self, _: &WalRecord) -> Batch {
        Batch::default()
    }

    fn content_key(&self, log: &RawLog) -> Option<String> {
        log.attributes.get("rid").map(|id| id.to_text().into_owned())
    }

    /// The later end wins, then the greater name.
    fn merge(&self, old: &PricedSpan, new: PricedSpan) -> PricedSpan {
        let rank = |row: &PricedSpan| (row.span.end_time, row.span.name.clone());
        if rank(&new) > rank(old) { new } else { old.clone() }
    }

    /// The output is what all records say together.
    fn enrich(&self, row: &PricedSpan, logs: &[Arc<RawLog>]) -> Option<PricedSpan> {
        let mut said: Vec<_> = logs.iter().map(|log| log.body.to_text()).collect();
        said.sort_unstable();
        let mut next = row.clone();
        next.span.content.output_value = Some(said.join("|"));
        (next != *row).then_some(next)
    }

    fn is_content(&self, _: &RawLog) -> bool {
        true
    }

    fn rewrite(&self, _: Rewrite, row: &PricedSpan) -> PricedSpan {
        row.clone()
    }

    /// Rows without children count; of those that name one response the first.
    fn settle(&self, rows: &[Arc<PricedSpan>]) -> Vec<(usize, bool)> {
        let key = |row: &PricedSpan| SpanKey::of(row);
        let parent = |row: &PricedSpan| Some(SpanKey { span_id: row.span.parent_span_id?, ..key(row) });
        let parents: HashSet<_> = rows.iter().filter_map(|row| parent(row)).collect();
        let leaves: Vec<_> = rows.iter().filter(|row| !parents.contains(&key(row))).collect();
        let repeats = |row: &PricedSpan| {
            let namesakes = leaves.iter().filter(|one| {
                let response = one.span.response_id.as_ref().filter(|_| one.span.kind.is_model_call());
                response.is_some()
                    && (&one.span.project, response) == (&row.span.project, row.span.response_id.as_ref())
            });
            row.span.kind.is_model_call() && namesakes.map(|one| key(one)).min().is_some_and(|first| first < key(row))
        };
        let wanted = rows.iter().map(|row| !parents.contains(&key(row)) && !repeats(row));
        let changes = rows.iter().zip(wanted).enumerate();
        changes.filter(|(_, (row, want))| row.span.counts != *want).map(|(at, (_, want))| (at, want)).collect()
    }
}

/// One thing that is sent.
#[derive(Debug, Clone)]
enum Item {
    Span(Box<PricedSpan>),
    Log(LogRow),
    Point(PointRow),
}

fn project(number: u64) -> ProjectId {
    ProjectId::new(format!("p{number}"))
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_nanos(second.cast_signed() * 1_000_000_000)
}

fn a_span(trace: u64, span: u64) -> PricedSpan {
    let mut row = SpanRow::blank(trace_id(trace), span_id(span));
    let edited = &mut row.edit().span;
    (edited.start_time, edited.received_at, edited.project) = (at(1000 + span), at(5000), project(0));
    (edited.name, edited.counts) = ("call".to_owned(), true);
    edited.attributes = [("n".to_owned(), Value::Int(span.cast_signed()))].into_iter().collect();
    PricedSpan::clone(&row.priced)
}

fn a_log(trace: Option<TraceId>, span: Option<SpanId>, response: Option<&str>, body: &str) -> LogRow {
    let rid = response.map(|id| ("rid".to_owned(), Value::Str(id.to_owned())));
    let log = RawLog {
        resource: Arc::new(Resource::default()),
        scope: Arc::new(Scope::default()),
        time: at(1000),
        observed_time: Timestamp::ZERO,
        severity_number: 9,
        severity_text: String::new(),
        event_name: "content".to_owned(),
        body: Value::Str(body.to_owned()),
        attributes: rid.into_iter().collect(),
        trace_id: trace,
        span_id: span,
    };
    LogRow { project: project(0), received_at: at(5000), content: true, log }
}

fn an_item(dice: &mut Dice) -> Item {
    let owner = project(dice.roll(2));
    let (trace, span) = (dice.roll(3), dice.roll(5));
    match dice.roll(8) {
        0..=4 => {
            let mut row = a_span(trace, span);
            row.span.project = owner;
            row.span.parent_span_id = Some(span_id(dice.roll(5))).filter(|id| *id != row.span.span_id);
            row.span.end_time = at([0, 2000, 3000][dice.roll(3) as usize]);
            row.span.name = format!("name {}", dice.roll(3));
            row.span.response_id = [None, Some("r0"), Some("r1")][dice.roll(3) as usize].map(str::to_owned);
            row.span.kind = [Kind::Chain, Kind::Llm][dice.roll(2) as usize];
            // Two copies of equal rank must say the same, or nobody could tell which one stands.
            row.span.attributes = Attributes::default();
            if let Some(parent) = row.span.parent_span_id {
                row.span.name.push_str(&parent.to_string());
            }
            row.span.name.push_str(row.span.response_id.as_deref().unwrap_or("-"));
            row.span.name.push_str(row.span.kind.as_str());
            Item::Span(Box::new(row))
        }
        5 | 6 => {
            let trace = [None, Some(trace_id(trace))][dice.roll(2) as usize];
            let span = trace.and([None, Some(span_id(span))][dice.roll(2) as usize]);
            let response = [None, Some("r0"), Some("r1")][dice.roll(3) as usize];
            let mut log = a_log(trace, span, response, &format!("said {}", dice.roll(3)));
            log.content = log.log.body.as_str() != Some("said 2");
            log.project = owner;
            log.log.time = at([0, 1000, 2000][dice.roll(3) as usize]);
            Item::Log(log)
        }
        _ => {
            let point = RawPoint {
                resource: Arc::new(Resource::default()),
                scope: Arc::new(Scope::default()),
                metric_name: ["a", "b"][dice.roll(2) as usize].into(),
                description: "".into(),
                unit: "".into(),
                temporality: Temporality::Cumulative,
                start_time: Timestamp::ZERO,
                time: at(dice.roll(3)),
                attributes: Attributes::default(),
                value: RawPointValue::Gauge(dice.roll(3) as f64),
            };
            Item::Point(PointRow { project: owner, received_at: at(5000), point })
        }
    }
}

/// The item, taken so many seconds later.
fn later(mut item: Item, seconds: u64) -> Item {
    let received_at = match &mut item {
        Item::Span(row) => &mut row.span.received_at,
        Item::Log(row) => &mut row.received_at,
        Item::Point(row) => &mut row.received_at,
    };
    *received_at = at(5000 + seconds);
    item
}

fn batch(items: impl IntoIterator<Item = Item>) -> Batch {
    let mut batch = Batch::default();
    for item in items {
        match item {
            Item::Span(row) => batch.spans.push(Arc::new(*row)),
            Item::Log(row) => batch.logs.push(row),
            Item::Point(row) => batch.points.push(row),
        }
    }
    batch
}

fn shuffle<T>(dice: &mut Dice, items: &mut [T]) {
    for end in (1..items.len()).rev() {
        items.swap(end, dice.roll(end as u64 + 1) as usize);
    }
}

/// Compares row by row, so that a failure shows the one that differs.
fn same(have: &Tables, want: &Tables) -> Result<(), TestCaseError> {
    prop_assert_eq!(have.spans.keys().collect::<Vec<_>>(), want.spans.keys().collect::<Vec<_>>());
    have.spans.values().zip(want.spans.values()).try_for_each(|(have, want)| {
        prop_assert_eq!(have, want);
        Ok(())
    })?;
    prop_assert_eq!(&have.logs, &want.logs);
    prop_assert_eq!(&have.points, &want.points);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn order_repetition_and_flushes_make_no_difference(seed: u64, count in 1_usize..40) {
        let mut dice = Dice::new(seed);
        let items: Vec<Item> = (0..count).map(|_| an_item(&mut dice)).collect();
        let mut once = world();
        once.write(batch(items.clone()));
        let want = once.tables();

        let repeated = items.iter().filter(|_| dice.roll(3) == 0).cloned().collect::<Vec<_>>();
        let mut sent: Vec<Item> = items.into_iter().chain(repeated.into_iter().map(|item| later(item, 7))).collect();
        shuffle(&mut dice, &mut sent);
        let mut many = world();
        while !sent.is_empty() {
            let size = (1 + dice.roll(4) as usize).min(sent.len());
            many.write(batch(sent.drain(..size)));
            match dice.roll(4) {
                0 if many.flushing.is_none() => many.start_flush(),
                1 if many.flushing.is_some() => many.end_flush(),
                _ => {}
            }
            many.tables();
        }
        same(&many.tables(), &want)?;
        many.end_flush();
        many.start_flush();
        many.end_flush();
        same(&many.tables(), &want)?;
        prop_assert!(Table::ALL.iter().all(|table| many.memory.len(*table) == 0));
    }
}

#[test]
fn a_resent_batch_changes_nothing_wherever_its_rows_are() {
    let mut dice = Dice::new(3);
    let items: Vec<Item> = (0..60).map(|_| an_item(&mut dice)).collect();
    let mut world = world();
    let first = world.write(batch(items.clone()));
    assert_eq!(first.new + first.changed + first.same, 60);
    let want = world.tables();
    for stage in 0..3 {
        let again = world.write(batch(items.clone()));
        assert_eq!(again, Commit { new: 0, changed: 0, same: 60 }, "stage {stage}");
        assert_eq!(world.tables(), want);
        if stage == 0 {
            world.start_flush();
        } else {
            world.end_flush();
        }
    }
}

#[test]
fn a_content_record_finds_its_span_in_a_file_and_the_other_way_round() {
    let by_id = || batch([Item::Log(a_log(Some(trace_id(1)), Some(span_id(1)), None, "hello"))]);
    let by_response = || batch([Item::Log(a_log(None, None, Some("r9"), "hello"))]);
    let span = || {
        let mut row = a_span(1, 1);
        row.span.response_id = Some("r9".to_owned());
        batch([Item::Span(Box::new(row))])
    };
    for log in [&by_id as &dyn Fn() -> Batch, &by_response] {
        for (first, second) in [(log, &span as &dyn Fn() -> Batch), (&span, log)] {
            let mut world = world();
            world.write(first());
            world.start_flush();
            world.end_flush();
            world.write(second());
            let tables = world.tables();
            let row = tables.spans.values().next().unwrap();
            assert_eq!((row.joined, row.priced.span.content.output_value.as_deref()), (true, Some("hello")));
            assert_eq!(tables.logs.len(), 1);
        }
    }
}

#[test]
fn a_late_child_in_another_flush_changes_who_counts() {
    let mut world = world();
    world.write(batch([Item::Span(Box::new(a_span(1, 1)))]));
    world.start_flush();
    world.end_flush();
    let mut child = a_span(1, 2);
    child.span.parent_span_id = Some(span_id(1));
    let commit = world.write(batch([Item::Span(Box::new(child))]));
    assert_eq!(commit, Commit { new: 1, changed: 0, same: 0 });
    let counts: Vec<bool> = world.tables().spans.values().map(|row| row.priced.span.counts).collect();
    assert_eq!(counts, [false, true]);
}

#[test]
fn a_call_told_in_two_traces_counts_once_wherever_they_are() {
    let told = |trace: u64| {
        let mut row = a_span(trace, trace);
        (row.span.kind, row.span.response_id) = (Kind::Llm, Some("r9".to_owned()));
        batch([Item::Span(Box::new(row))])
    };
    for (first, second) in [(1, 2), (2, 1)] {
        for flush in [false, true] {
            let mut world = world();
            world.write(told(first));
            if flush {
                world.start_flush();
                world.end_flush();
            }
            world.write(told(second));
            let counts: Vec<bool> = world.tables().spans.values().map(|row| row.priced.span.counts).collect();
            assert_eq!(counts, [true, false]);
        }
    }
}

#[test]
fn rows_of_other_projects_are_strangers() {
    let mut world = world();
    let mut child = a_span(1, 2);
    child.span.parent_span_id = Some(span_id(1));
    child.span.project = project(1);
    let mut log = a_log(Some(trace_id(1)), Some(span_id(1)), None, "secret");
    log.project = project(1);
    world.write(batch([Item::Span(Box::new(a_span(1, 1))), Item::Span(Box::new(child)), Item::Log(log)]));
    let tables = world.tables();
    assert!(tables.spans.values().all(|row| row.priced.span.counts && !row.joined));
}

#[test]
fn a_trace_too_large_to_settle_is_still_stored_once() {
    let mut world = world();
    let many = |from: u64| batch((from..from + 10_500).map(|n| Item::Span(Box::new(a_span(1, n)))));
    world.write(many(0));
    world.start_flush();
    world.end_flush();
    world.write(many(10_500));
    let commit = world.write(batch([5, 10_600].map(|n| Item::Span(Box::new(a_span(1, n))))));
    assert_eq!(commit, Commit { new: 0, changed: 0, same: 2 });
    let mut child = a_span(1, 99_999);
    child.span.parent_span_id = Some(span_id(7));
    world.write(batch([Item::Span(Box::new(child))]));
    let tables = world.tables();
    assert_eq!(tables.spans.len(), 21_001);
    let not_counted: Vec<_> = tables.spans.values().filter(|row| !row.priced.span.counts).collect();
    assert_eq!(not_counted.iter().map(|row| row.priced.span.span_id).collect::<Vec<_>>(), [span_id(7)]);
}
