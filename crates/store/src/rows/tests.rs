//! Rows to columns and back, on rows made from a seed.

use std::sync::Arc;

use pellucid_model::{
    Attributes, CostSource, Kind, ProjectId, RawEvent, RawLink, RawLog, RawPoint, RawPointValue, RawStatus, Resource,
    Scope, SpanId, SpanKind, SpanSource, Status, Temporality, Timestamp, TraceId, UsageSource, Usd, Value,
};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::schema::schema;
use crate::snapshot::Table;
use crate::stages::{LogRow, PointRow};

/// Numbers from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) % sides
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.roll(2) == 0).then(|| make(self))
    }

    fn text(&mut self) -> String {
        let words = ["", "kimi", "我要退款", "a \"b\"\n\\", "{\"x\":1}", "5", "true", "[1]", "🦀"];
        words[self.roll(words.len() as u64) as usize].to_owned()
    }

    fn number(&mut self) -> i64 {
        self.roll(u64::MAX).cast_signed()
    }

    fn float(&mut self) -> f64 {
        [0.0, 0.1, -3.0, 1e300, f64::MIN_POSITIVE, 25.0][self.roll(6) as usize]
    }

    fn value(&mut self, deep: u64) -> Value {
        match self.roll(if deep == 0 { 6 } else { 8 }) {
            0 => Value::Int(self.number()),
            1 => Value::Double(self.float()),
            2 => Value::Bool(self.roll(2) == 0),
            3 => Value::Null,
            4 | 5 => Value::Str(self.text()),
            6 => Value::Array((0..self.roll(3)).map(|_| self.value(deep - 1)).collect()),
            _ => Value::Map(self.attributes(deep - 1)),
        }
    }

    fn attributes(&mut self, deep: u64) -> Attributes {
        (0..self.roll(5)).map(|key| (format!("key.{key}"), self.value(deep))).collect()
    }

    fn time(&mut self) -> Timestamp {
        Timestamp::from_nanos(self.roll(1 << 62).cast_signed())
    }

    fn resource(&mut self) -> Arc<Resource> {
        let text = |dice: &mut Self, key: &str| (key.to_owned(), Value::Str(dice.text()));
        Arc::new(Resource { attributes: [text(self, "service.name"), text(self, "os")].into_iter().collect() })
    }

    fn scope(&mut self) -> Arc<Scope> {
        Arc::new(Scope { name: self.text(), version: self.text(), ..Scope::default() })
    }
}

pub(crate) fn trace_id(number: u64) -> TraceId {
    TraceId::from_bytes(&u128::from(number + 1).to_be_bytes()).unwrap()
}

pub(crate) fn span_id(number: u64) -> SpanId {
    SpanId::from_bytes(&(number + 1).to_be_bytes()).unwrap()
}

fn a_span(dice: &mut Dice) -> SpanRow {
    let mut row = SpanRow::blank(trace_id(dice.roll(9)), span_id(dice.roll(u64::MAX - 1)));
    row.joined = dice.roll(2) == 0;
    let priced = row.edit();
    let picos = dice.number();
    priced.cost.total = dice.maybe(|_| Usd::from_picos(picos.into()).unwrap());
    priced.cost.source = dice.maybe(|_| CostSource::Computed);
    priced.cost.price_id = dice.maybe(Dice::text);
    let span = &mut priced.span;
    span.project = ProjectId::new(dice.text());
    span.parent_span_id = dice.maybe(|dice| span_id(dice.roll(99)));
    (span.start_time, span.end_time, span.received_at) = (dice.time(), dice.time(), dice.time());
    span.source = [SpanSource::Span, SpanSource::Log][dice.roll(2) as usize];
    span.name = dice.text();
    span.span_kind = [SpanKind::Client, SpanKind::Internal, SpanKind::Consumer][dice.roll(3) as usize];
    span.status = Status::ALL[dice.roll(3) as usize];
    span.status_raw = [RawStatus::Ok, RawStatus::Error, RawStatus::Unset][dice.roll(3) as usize];
    span.kind = Kind::ALL[dice.roll(Kind::ALL.len() as u64) as usize];
    span.dialects = ["otel_genai", "openlit"][..dice.roll(3) as usize].to_vec();
    span.provider = dice.maybe(Dice::text);
    span.response_id = dice.maybe(Dice::text);
    span.params.temperature = dice.maybe(Dice::float);
    span.params.seed = dice.maybe(Dice::number);
    span.params.stream = dice.maybe(|dice| dice.roll(2) == 0);
    span.params.stop_sequences = (0..dice.roll(3)).map(|_| dice.text()).collect();
    span.usage.input = dice.maybe(Dice::number);
    span.usage.cache_write_1h = dice.maybe(Dice::number);
    span.usage.searches = dice.maybe(Dice::number);
    span.usage.source = dice.maybe(|_| UsageSource::Estimated);
    span.usage.notes = ["input+=cache"][..dice.roll(2) as usize].to_vec();
    span.content.input_messages =
        dice.maybe(|dice| json!([{"role": "user", "parts": [{"content": dice.text()}]}]).into());
    span.content.tool_definitions = dice.maybe(|dice| json!({"b": 1.5, "a": [null, true, dice.number()]}).into());
    span.content.output_value = dice.maybe(Dice::text);
    span.content.truncated = dice.roll(2) == 0;
    span.who.tags = (0..dice.roll(3)).map(|_| dice.text()).collect();
    span.tool.result = dice.maybe(Dice::text);
    span.db.top_k = dice.maybe(Dice::number);
    span.ttft_ns = dice.maybe(Dice::number);
    span.reported_cost = dice.maybe(|_| Usd::from_picos(1).unwrap());
    span.counts = dice.roll(2) == 0;
    span.attributes = dice.attributes(2);
    span.resource = dice.resource();
    span.events = (0..dice.roll(3))
        .map(|_| RawEvent { time: dice.time(), name: dice.text(), attributes: dice.attributes(1) })
        .collect();
    span.links = (0..dice.roll(2))
        .map(|_| RawLink { trace_id: trace_id(1), span_id: span_id(2), attributes: dice.attributes(1) })
        .collect();
    row
}

fn a_log(dice: &mut Dice) -> RawLog {
    RawLog {
        resource: dice.resource(),
        scope: dice.scope(),
        time: Timestamp::from_nanos(1 + dice.roll(1 << 60).cast_signed()),
        observed_time: dice.time(),
        severity_number: dice.roll(30) as i32,
        severity_text: dice.text(),
        event_name: dice.text(),
        body: dice.value(2),
        attributes: dice.attributes(2),
        trace_id: dice.maybe(|dice| trace_id(dice.roll(9))),
        span_id: dice.maybe(|dice| span_id(dice.roll(9))),
    }
}

fn a_point(dice: &mut Dice) -> RawPoint {
    let some = [1, 2, u64::MAX];
    let value = match dice.roll(6) {
        0 => RawPointValue::None,
        1 => RawPointValue::Gauge(dice.float()),
        2 => RawPointValue::Sum { value: dice.float(), monotonic: dice.roll(2) == 0 },
        3 => RawPointValue::Histogram {
            count: 3,
            sum: dice.maybe(Dice::float),
            min: None,
            max: dice.maybe(Dice::float),
            bounds: vec![0.5, 1.0],
            counts: some.to_vec(),
        },
        4 => RawPointValue::ExponentialHistogram {
            count: 3,
            sum: None,
            min: None,
            max: None,
            scale: -3,
            zero_count: 0,
            positive_offset: -7,
            positive_counts: some.to_vec(),
            negative_offset: 0,
            negative_counts: Vec::new(),
        },
        _ => RawPointValue::Summary { count: 3, sum: 1.5, quantiles: vec![(0.5, 1.0), (0.99, 1e300)] },
    };
    RawPoint {
        resource: dice.resource(),
        scope: dice.scope(),
        metric_name: dice.text().into(),
        description: dice.text().into(),
        unit: dice.text().into(),
        temporality: [Temporality::Delta, Temporality::Cumulative][dice.roll(2) as usize],
        start_time: Timestamp::from_nanos(dice.roll(3).cast_signed()),
        time: dice.time(),
        attributes: (0..dice.roll(3)).map(|key| (format!("k{key}"), Value::Str(dice.text()))).collect(),
        value,
    }
}

fn refs<T>(rows: &[T]) -> Vec<&T> {
    rows.iter().collect()
}

proptest! {
    #[test]
    fn spans_survive_columns(seed: u64, count in 0_u64..20) {
        let mut dice = Dice::new(seed);
        let rows: Vec<_> = (0..count).map(|_| a_span(&mut dice)).collect();
        let batch = spans_to_batch(&refs(&rows)).unwrap();
        prop_assert_eq!(batch.schema(), schema(Table::Spans));
        prop_assert_eq!(batch_to_spans(&batch).unwrap(), rows);
    }

    #[test]
    fn logs_survive_columns(seed: u64, count in 0_u64..20) {
        let mut dice = Dice::new(seed);
        let row = |dice: &mut Dice| LogRow {
            project: ProjectId::new(dice.text()),
            received_at: dice.time(),
            content: dice.roll(2) == 0,
            log: a_log(dice),
        };
        let rows: Vec<_> = (0..count).map(|_| StoredLog::new(row(&mut dice), dice.maybe(Dice::text))).collect();
        let batch = logs_to_batch(&refs(&rows)).unwrap();
        prop_assert_eq!(batch.schema(), schema(Table::Logs));
        prop_assert_eq!(batch_to_logs(&batch).unwrap(), rows);
    }

    #[test]
    fn points_survive_columns(seed: u64, count in 0_u64..20) {
        let mut dice = Dice::new(seed);
        let row = |dice: &mut Dice| {
            PointRow { project: ProjectId::new(dice.text()), received_at: dice.time(), point: a_point(dice) }
        };
        let rows: Vec<_> = (0..count).map(|_| StoredPoint::new(row(&mut dice))).collect();
        let batch = points_to_batch(&refs(&rows)).unwrap();
        prop_assert_eq!(batch.schema(), schema(Table::Metrics));
        prop_assert_eq!(batch_to_points(&batch).unwrap(), rows);
    }

    #[test]
    fn keys_of_rows_are_the_keys_of_their_columns(seed: u64) {
        let mut dice = Dice::new(seed);
        let project = ProjectId::new(dice.text());
        let span = a_span(&mut dice);
        let keys = lookup_keys(Table::Spans, &spans_to_batch(&[&span]).unwrap()).unwrap();
        prop_assert!(keys.contains(&(LookupKey::span(&SpanKey::of(&span.priced)), 0)));
        let trace = span.priced.span.trace_id.to_string();
        prop_assert!(keys.contains(&(LookupKey::trace(span.priced.span.project.as_str(), &trace), 0)));
        let received_at = dice.time();
        let log = LogRow { project: project.clone(), received_at, content: true, log: a_log(&mut dice) };
        let log = StoredLog::new(log, Some("r".to_owned()));
        let keys = lookup_keys(Table::Logs, &logs_to_batch(&[&log]).unwrap()).unwrap();
        prop_assert!(keys.contains(&(LookupKey::log(&log.key()), 0)));
        prop_assert!(keys.contains(&(LookupKey::response(project.as_str(), "r"), 0)));
        let point = StoredPoint::new(PointRow { project, received_at, point: a_point(&mut dice) });
        let keys = lookup_keys(Table::Metrics, &points_to_batch(&[&point]).unwrap()).unwrap();
        prop_assert_eq!(keys, vec![(LookupKey::point(&point.key()), 0)]);
    }

    #[test]
    fn which_of_two_points_stands_does_not_depend_on_the_order(left: u64, right: u64) {
        let point = |seed| {
            let mut dice = Dice::new(seed);
            let received_at = dice.time();
            StoredPoint::new(PointRow { project: ProjectId::default(), received_at, point: a_point(&mut dice) })
        };
        let (left, right) = (point(left), point(right));
        let one_way = left.merge(&right);
        prop_assert_eq!(&one_way, &right.merge(&left));
        prop_assert_eq!(&one_way.merge(&left), &one_way);
    }
}

#[test]
fn of_equal_keys_the_last_one_is_stored() {
    let mut row = SpanRow::blank(trace_id(1), span_id(1));
    row.edit().span.attributes =
        [("a", 1), ("b", 2), ("a", 3)].map(|(key, n)| (key.to_owned(), Value::Int(n))).into_iter().collect();
    let back = batch_to_spans(&spans_to_batch(&[&row]).unwrap()).unwrap();
    let kept: Vec<_> =
        back[0].priced.span.attributes.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    assert_eq!(kept, [("b".to_owned(), Value::Int(2)), ("a".to_owned(), Value::Int(3))]);
}

#[test]
fn a_record_is_known_by_its_own_id_or_by_all_it_says() {
    let log = |change: fn(&mut RawLog)| {
        let mut log = a_log(&mut Dice::new(7));
        change(&mut log);
        StoredLog::new(
            LogRow { project: ProjectId::default(), received_at: Timestamp::ZERO, content: false, log },
            None,
        )
    };
    let plain = log(|_| ());
    assert_eq!(plain.key(), log(|_| ()).key());
    let changes: [fn(&mut RawLog); 5] = [
        |log| log.event_name.push('x'),
        |log| log.time = Timestamp::from_nanos(1),
        |log| log.body = Value::Str("other".to_owned()),
        |log| log.attributes.push("new", Value::Null),
        |log| log.span_id = Some(span_id(77)),
    ];
    for change in changes {
        assert_ne!(plain.key(), log(change).key());
    }
    let named = log(|log| log.attributes.push("log.record.uid", Value::Str("uid-1".to_owned())));
    assert_eq!(&*named.row_id, "uid-1");
}
