//! Rows that older stages made become what the newer ones make, wherever they lie and in whatever order they are named.

use std::sync::atomic::{AtomicU8, Ordering};

use pellucid_model::Usd;

use super::*;

/// Stages that learn: the second version understands more records and more response ids than the first.
struct Versioned(AtomicU8);

impl Versioned {
    fn new(version: u8) -> Arc<Self> {
        Arc::new(Self(AtomicU8::new(version)))
    }

    fn version(&self) -> u8 {
        self.0.load(Ordering::SeqCst)
    }

    /// The row as this version makes it from what was sent: the name.
    fn made(&self, row: &PricedSpan) -> PricedSpan {
        let mut row = row.clone();
        row.span.operation = Some(format!("v{}", self.version()));
        let known: &[&str] = if self.version() == 1 { &["r0"] } else { &["r0", "r1"] };
        row.span.response_id = known.iter().find(|id| row.span.name.ends_with(*id)).map(|id| (*id).to_owned());
        row.span.content.output_value = None;
        row.span.counts = true;
        row.cost.total = Usd::from_picos(self.version().into());
        row
    }

    fn batch(&self, items: Vec<Item>) -> Batch {
        let item = |item| match item {
            Item::Span(row) => Item::Span(Box::new(self.made(&row))),
            Item::Log(row) => Item::Log(LogRow { content: self.is_content(&row.log), ..row }),
            other => other,
        };
        batch(items.into_iter().map(item))
    }
}

impl Stages for Versioned {
    fn prepare(&self, _: &WalRecord) -> Batch {
        Batch::default()
    }

    fn content_key(&self, log: &RawLog) -> Option<String> {
        Fake.content_key(log)
    }

    fn merge(&self, old: &PricedSpan, new: PricedSpan) -> PricedSpan {
        Fake.merge(old, new)
    }

    fn enrich(&self, row: &PricedSpan, logs: &[Arc<RawLog>]) -> Option<PricedSpan> {
        Fake.enrich(row, logs)
    }

    fn settle(&self, rows: &[Arc<PricedSpan>]) -> Vec<(usize, bool)> {
        Fake.settle(rows)
    }

    fn is_content(&self, log: &RawLog) -> bool {
        self.version() > 1 || log.body.as_str() != Some("said 2")
    }

    fn rewrite(&self, why: Rewrite, row: &PricedSpan) -> PricedSpan {
        match why {
            Rewrite::Normalise => self.made(row),
            Rewrite::Price => {
                let mut row = row.clone();
                row.cost.total = Usd::from_picos(100);
                row
            }
        }
    }
}

/// Everything of a project, in chunks of any size; records first.
fn chunks(world: &World, why: Rewrite, owner: u64, dice: &mut Dice) -> Vec<Chunk> {
    let tables = world.tables();
    let mut spans: Vec<_> = tables.spans.keys().filter(|key| key.project == project(owner)).collect();
    shuffle(dice, &mut spans);
    let mut logs: Vec<_> = tables.logs.values().filter(|log| log.project == project(owner)).collect();
    shuffle(dice, &mut logs);
    let chunk = |rows| Chunk { why, project: project(owner), times: 0..=i64::MAX / 2, rows };
    let mut chunks: Vec<Chunk> = Vec::new();
    if why == Rewrite::Normalise {
        let ids = |logs: &[&StoredLog]| Named::Logs(logs.iter().map(|log| Arc::clone(&log.row_id)).collect());
        chunks.extend(logs.chunks(1 + dice.roll(9) as usize).map(|logs| chunk(ids(logs))));
    }
    let ids = |keys: &[&SpanKey]| Named::Spans(keys.iter().map(|key| (key.trace_id, key.span_id)).collect());
    chunks.extend(spans.chunks(1 + dice.roll(9) as usize).map(|keys| chunk(ids(keys))));
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_an_older_version_made_becomes_what_the_newer_makes(seed: u64, count in 1_usize..40) {
        let mut dice = Dice::new(seed);
        let mut items: Vec<Item> = (0..count).map(|_| an_item(&mut dice)).collect();
        let new = Versioned::new(2);
        let mut today = World::new(Arc::clone(&new) as _);
        today.write(new.batch(items.clone()));
        let want = today.tables();

        let stages = Versioned::new(1);
        let mut world = World::new(Arc::clone(&stages) as _);
        while !items.is_empty() {
            let size = (1 + dice.roll(6) as usize).min(items.len());
            world.write(stages.batch(items.drain(..size).collect()));
            flush_perhaps(&mut world, &mut dice);
        }
        stages.0.store(2, Ordering::SeqCst);
        for owner in 0..2 {
            let chunks = chunks(&world, Rewrite::Normalise, owner, &mut dice);
            for chunk in &chunks {
                world.rewrite(chunk);
                flush_perhaps(&mut world, &mut dice);
            }
        }
        same(&world.tables(), &want)?;
        // Once more, as a replay does: nothing is different.
        for owner in 0..2 {
            for chunk in chunks(&world, Rewrite::Normalise, owner, &mut dice) {
                let again = world.rewrite(&chunk);
                prop_assert_eq!((again.changed, again.recosted), (0, 0));
            }
        }
        same(&world.tables(), &want)?;
    }

    #[test]
    fn new_prices_change_the_cost_and_nothing_else(seed: u64, count in 1_usize..40) {
        let mut dice = Dice::new(seed);
        let items: Vec<Item> = (0..count).map(|_| an_item(&mut dice)).collect();
        let stages = Versioned::new(1);
        let mut world = World::new(Arc::clone(&stages) as _);
        world.write(stages.batch(items));
        flush_perhaps(&mut world, &mut dice);
        let mut want = world.tables();
        want.spans.values_mut().for_each(|row| row.edit().cost.total = Usd::from_picos(100));
        for owner in 0..2 {
            for chunk in chunks(&world, Rewrite::Price, owner, &mut dice) {
                let report = world.rewrite(&chunk);
                prop_assert_eq!(report.changed, report.matched);
                flush_perhaps(&mut world, &mut dice);
            }
        }
        same(&world.tables(), &want)?;
    }
}

fn flush_perhaps(world: &mut World, dice: &mut Dice) {
    match dice.roll(4) {
        0 if world.flushing.is_none() => world.start_flush(),
        1 if world.flushing.is_some() => world.end_flush(),
        _ => {}
    }
}

fn all(world: &World, why: Rewrite) -> Chunk {
    let ids = world.tables().spans.keys().map(|key| (key.trace_id, key.span_id)).collect();
    Chunk { why, project: project(0), times: 0..=i64::MAX / 2, rows: Named::Spans(ids) }
}

#[test]
fn calls_and_their_money_are_counted_before_and_after() {
    let stages = Versioned::new(1);
    let mut world = World::new(Arc::clone(&stages) as _);
    let span = |number: u64, kind| {
        let mut row = a_span(1, number);
        row.span.kind = kind;
        Item::Span(Box::new(row))
    };
    use pellucid_model::Kind;
    world.write(stages.batch(vec![span(1, Kind::Llm), span(2, Kind::Llm), span(3, Kind::Tool)]));
    let chunk = all(&world, Rewrite::Price);
    let report = world.rewrite(&chunk);
    assert_eq!((report.matched, report.changed, report.recosted), (3, 3, 2));
    assert_eq!((report.before.cost.as_picos(), report.before.priced), (2, 2));
    assert_eq!((report.after.cost.as_picos(), report.after.unpriced), (200, 0));
}

#[test]
fn what_came_from_records_that_are_gone_stays() {
    let stages = Versioned::new(1);
    let mut world = World::new(Arc::clone(&stages) as _);
    let log = a_log(Some(trace_id(1)), Some(span_id(1)), None, "hello");
    world.write(stages.batch(vec![Item::Span(Box::new(a_span(1, 1))), Item::Log(log)]));
    world.start_flush();
    world.end_flush();
    // As retention would.
    world.forget(Table::Logs);
    stages.0.store(2, Ordering::SeqCst);
    let chunk = all(&world, Rewrite::Normalise);
    let report = world.rewrite(&chunk);
    assert_eq!((report.matched, report.kept, report.changed), (1, 1, 0));
    let tables = world.tables();
    let row = tables.spans.values().next().unwrap();
    assert_eq!((row.joined, row.priced.span.content.output_value.as_deref()), (true, Some("hello")));
}

#[test]
fn in_a_trace_too_large_to_settle_who_counts_stays() {
    let stages = Versioned::new(1);
    let mut world = World::new(Arc::clone(&stages) as _);
    let item = |number: u64| {
        let mut row = a_span(1, number);
        row.span.parent_span_id = (number > 0).then(|| span_id(0));
        Item::Span(Box::new(row))
    };
    world.write(stages.batch((0..MAX_SETTLE_SPANS as u64).map(item).collect()));
    world.start_flush();
    world.end_flush();
    world.write(stages.batch(vec![item(MAX_SETTLE_SPANS as u64)]));
    let few = [0, 5, MAX_SETTLE_SPANS as u64].map(|number| (trace_id(1), span_id(number))).to_vec();
    let chunk =
        Chunk { why: Rewrite::Normalise, project: project(0), times: 0..=i64::MAX / 2, rows: Named::Spans(few) };
    stages.0.store(2, Ordering::SeqCst);
    let report = world.rewrite(&chunk);
    assert_eq!((report.matched, report.changed), (3, 3));
    let tables = world.tables();
    let not_counted = tables.spans.values().filter(|row| !row.priced.span.counts);
    assert_eq!(not_counted.map(|row| row.priced.span.span_id).collect::<Vec<_>>(), [span_id(0)]);
}
