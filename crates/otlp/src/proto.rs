//! Protobuf bodies: a walk over the wire format, field numbers as in `opentelemetry-proto` 1.11.

use std::sync::Arc;

use pellucid_model::{
    Attributes, Flags, RawEvent, RawLink, RawLog, RawPoint, RawPointValue, RawSpan, RawStatus, Resource, Scope,
    SpanKind, Temporality, Timestamp, Value,
};

use crate::assemble::{Ids, event_name, optional_span_id, optional_trace_id, time, time_of_span};
use crate::wire::{Reader, WireError};
use crate::{DecodeError, Decoded, MAX_DEPTH, Signal};

type Read<T> = Result<T, WireError>;

/// `DataPointFlags.FLAG_NO_RECORDED_VALUE`.
const NO_RECORDED_VALUE: u32 = 1;

pub(crate) fn decode(signal: Signal, body: &[u8]) -> Result<Decoded, DecodeError> {
    let mut out = Decoded::default();
    let mut request = Reader::new(body);
    while let Some(field) = request.next()? {
        if field.number == 1 {
            resource_group(signal, field.message()?, &mut out)?;
        }
    }
    Ok(out)
}

/// `ResourceSpans`, `ResourceMetrics` and `ResourceLogs` share their field numbers, and so do the scope groups below.
fn resource_group(signal: Signal, group: Reader<'_>, out: &mut Decoded) -> Read<()> {
    let mut resource = Resource::default();
    let mut scan = group;
    while let Some(field) = scan.next()? {
        if field.number == 1 {
            resource = Resource { attributes: attributes(field.message()?, 1)? };
        }
    }
    let resource = Arc::new(resource);
    let mut scan = group;
    while let Some(field) = scan.next()? {
        // 1000 is `deprecated_instrumentation_library_spans` of OTLP before 0.19.
        if field.number == 2 || field.number == 1000 {
            scope_group(signal, &resource, field.message()?, out)?;
        }
    }
    Ok(())
}

fn scope_group(signal: Signal, resource: &Arc<Resource>, group: Reader<'_>, out: &mut Decoded) -> Read<()> {
    let mut scope = Scope::default();
    let mut scan = group;
    while let Some(field) = scan.next()? {
        if field.number == 1 {
            scope = read_scope(field.message()?)?;
        }
    }
    let scope = Arc::new(scope);
    let mut scan = group;
    while let Some(field) = scan.next()? {
        if field.number != 2 {
            continue;
        }
        let item = field.message()?;
        match signal {
            Signal::Traces => match span(resource, &scope, item)? {
                Ok(span) => out.spans.push(span),
                Err(reason) => out.rejects.add(|| reason),
            },
            Signal::Logs => out.logs.push(log(resource, &scope, item)?),
            Signal::Metrics => metric(resource, &scope, item, &mut out.points)?,
        }
    }
    Ok(())
}

fn read_scope(mut message: Reader<'_>) -> Read<Scope> {
    let mut scope = Scope::default();
    while let Some(field) = message.next()? {
        match field.number {
            1 => scope.name = field.string()?,
            2 => scope.version = field.string()?,
            3 => push_key_value(&mut scope.attributes, field.message()?, 0)?,
            _ => {}
        }
    }
    Ok(scope)
}

/// A message whose only interesting field is a repeated `KeyValue`.
fn attributes(mut message: Reader<'_>, number: u32) -> Read<Attributes> {
    let mut attributes = Attributes::default();
    while let Some(field) = message.next()? {
        if field.number == number {
            push_key_value(&mut attributes, field.message()?, 0)?;
        }
    }
    Ok(attributes)
}

fn push_key_value(into: &mut Attributes, mut message: Reader<'_>, depth: usize) -> Read<()> {
    let (mut key, mut value) = (String::new(), Value::Null);
    while let Some(field) = message.next()? {
        match field.number {
            1 => key = field.string()?,
            2 => value = any_value(field.message()?, depth)?,
            _ => {}
        }
    }
    into.push(key, value);
    Ok(())
}

/// Unknown arms of the oneof (such as the profile dictionary's) read as absent.
fn any_value(mut message: Reader<'_>, depth: usize) -> Read<Value> {
    if depth >= MAX_DEPTH {
        return Err(WireError::Depth);
    }
    let mut value = Value::Null;
    while let Some(field) = message.next()? {
        value = match field.number {
            1 => Value::Str(field.string()?),
            2 => Value::Bool(field.boolean()?),
            3 => Value::Int(field.signed()?),
            4 => Value::Double(field.double()?),
            5 => {
                let (mut items, mut list) = (Vec::new(), field.message()?);
                while let Some(item) = list.next()? {
                    if item.number == 1 {
                        items.push(any_value(item.message()?, depth + 1)?);
                    }
                }
                Value::Array(items)
            }
            6 => {
                let (mut map, mut list) = (Attributes::default(), field.message()?);
                while let Some(entry) = list.next()? {
                    if entry.number == 1 {
                        push_key_value(&mut map, entry.message()?, depth + 1)?;
                    }
                }
                Value::Map(map)
            }
            7 => Value::Bytes(field.bytes()?.to_vec()),
            _ => continue,
        };
    }
    Ok(value)
}

/// The outer error is a broken message, the inner one a span that cannot be kept.
fn span(resource: &Arc<Resource>, scope: &Arc<Scope>, mut message: Reader<'_>) -> Read<Result<RawSpan, String>> {
    let (mut ids, mut parent) = (Ids::default(), None);
    let (mut name, mut kind, mut flags) = (String::new(), SpanKind::default(), Flags::default());
    let (mut start, mut end) = (Timestamp::ZERO, Timestamp::ZERO);
    let (mut attributes, mut events, mut links) = (Attributes::default(), Vec::new(), Vec::new());
    let (mut status, mut status_message, mut dropped) = (RawStatus::default(), String::new(), 0);
    while let Some(field) = message.next()? {
        match field.number {
            1 => ids.trace = field.bytes()?.to_vec(),
            2 => ids.span = field.bytes()?.to_vec(),
            4 => parent = optional_span_id(field.bytes()?),
            5 => name = field.string()?,
            6 => kind = SpanKind::from_number(field.signed()?),
            7 => start = time_of_span(field.fixed64()?, &mut flags),
            8 => end = time_of_span(field.fixed64()?, &mut flags),
            9 => push_key_value(&mut attributes, field.message()?, 0)?,
            10 => dropped = field.varint()? as u32,
            11 => events.push(event(field.message()?)?),
            13 => links.extend(link(field.message()?)?),
            15 => (status, status_message) = read_status(field.message()?)?,
            _ => {}
        }
    }
    Ok(ids.check(&name).map(|(trace_id, span_id)| RawSpan {
        resource: Arc::clone(resource),
        scope: Arc::clone(scope),
        trace_id,
        span_id,
        parent_span_id: parent,
        name,
        kind,
        start,
        end,
        attributes,
        events,
        links,
        status,
        status_message,
        dropped_attributes: dropped,
        flags,
    }))
}

fn read_status(mut message: Reader<'_>) -> Read<(RawStatus, String)> {
    let (mut status, mut text) = (RawStatus::default(), String::new());
    while let Some(field) = message.next()? {
        match field.number {
            2 => text = field.string()?,
            3 => status = RawStatus::from_number(field.signed()?),
            _ => {}
        }
    }
    Ok((status, text))
}

fn event(mut message: Reader<'_>) -> Read<RawEvent> {
    let mut event = RawEvent::default();
    while let Some(field) = message.next()? {
        match field.number {
            1 => event.time = time(field.fixed64()?),
            2 => event.name = field.string()?,
            3 => push_key_value(&mut event.attributes, field.message()?, 0)?,
            _ => {}
        }
    }
    Ok(event)
}

fn link(mut message: Reader<'_>) -> Read<Option<RawLink>> {
    let (mut ids, mut attributes) = (Ids::default(), Attributes::default());
    while let Some(field) = message.next()? {
        match field.number {
            1 => ids.trace = field.bytes()?.to_vec(),
            2 => ids.span = field.bytes()?.to_vec(),
            4 => push_key_value(&mut attributes, field.message()?, 0)?,
            _ => {}
        }
    }
    Ok(ids.check("").ok().map(|(trace_id, span_id)| RawLink { trace_id, span_id, attributes }))
}

fn log(resource: &Arc<Resource>, scope: &Arc<Scope>, mut message: Reader<'_>) -> Read<RawLog> {
    let mut log = RawLog {
        resource: Arc::clone(resource),
        scope: Arc::clone(scope),
        time: Timestamp::ZERO,
        observed_time: Timestamp::ZERO,
        severity_number: 0,
        severity_text: String::new(),
        event_name: String::new(),
        body: Value::Null,
        attributes: Attributes::default(),
        trace_id: None,
        span_id: None,
    };
    while let Some(field) = message.next()? {
        match field.number {
            1 => log.time = time(field.fixed64()?),
            2 => log.severity_number = field.varint()? as i32,
            3 => log.severity_text = field.string()?,
            5 => log.body = any_value(field.message()?, 0)?,
            6 => push_key_value(&mut log.attributes, field.message()?, 0)?,
            9 => log.trace_id = optional_trace_id(field.bytes()?),
            10 => log.span_id = optional_span_id(field.bytes()?),
            11 => log.observed_time = time(field.fixed64()?),
            12 => log.event_name = field.string()?,
            _ => {}
        }
    }
    log.event_name = event_name(std::mem::take(&mut log.event_name), &log.attributes);
    Ok(log)
}

/// What all points of one metric share.
struct Metric {
    resource: Arc<Resource>,
    scope: Arc<Scope>,
    name: Arc<str>,
    description: Arc<str>,
    unit: Arc<str>,
}

fn metric(resource: &Arc<Resource>, scope: &Arc<Scope>, message: Reader<'_>, points: &mut Vec<RawPoint>) -> Read<()> {
    let (mut name, mut description, mut unit) = (String::new(), String::new(), String::new());
    let mut scan = message;
    while let Some(field) = scan.next()? {
        match field.number {
            1 => name = field.string()?,
            2 => description = field.string()?,
            3 => unit = field.string()?,
            _ => {}
        }
    }
    let metric = Metric {
        resource: Arc::clone(resource),
        scope: Arc::clone(scope),
        name: name.into(),
        description: description.into(),
        unit: unit.into(),
    };
    let mut scan = message;
    while let Some(field) = scan.next()? {
        let read: fn(Reader<'_>, bool) -> Read<Point> = match field.number {
            5 => gauge_point,
            7 => sum_point,
            9 => histogram_point,
            10 => exponential_point,
            11 => summary_point,
            _ => continue,
        };
        data_points(&metric, field.message()?, read, points)?;
    }
    Ok(())
}

fn data_points(
    metric: &Metric,
    data: Reader<'_>,
    read: fn(Reader<'_>, bool) -> Read<Point>,
    points: &mut Vec<RawPoint>,
) -> Read<()> {
    let (mut temporality, mut monotonic) = (Temporality::default(), false);
    let mut scan = data;
    while let Some(field) = scan.next()? {
        match field.number {
            2 => temporality = Temporality::from_number(field.signed()?),
            3 => monotonic = field.boolean()?,
            _ => {}
        }
    }
    let mut scan = data;
    while let Some(field) = scan.next()? {
        if field.number != 1 {
            continue;
        }
        let point = read(field.message()?, monotonic)?;
        points.push(RawPoint {
            resource: Arc::clone(&metric.resource),
            scope: Arc::clone(&metric.scope),
            metric_name: Arc::clone(&metric.name),
            description: Arc::clone(&metric.description),
            unit: Arc::clone(&metric.unit),
            temporality,
            start_time: point.start,
            time: point.time,
            attributes: point.attributes,
            value: if point.flags & NO_RECORDED_VALUE != 0 { RawPointValue::None } else { point.value },
        });
    }
    Ok(())
}

struct Point {
    start: Timestamp,
    time: Timestamp,
    attributes: Attributes,
    flags: u32,
    value: RawPointValue,
}

impl Point {
    fn new(value: RawPointValue) -> Self {
        Self { start: Timestamp::ZERO, time: Timestamp::ZERO, attributes: Attributes::default(), flags: 0, value }
    }
}

fn number_point(mut message: Reader<'_>, wrap: impl Fn(f64) -> RawPointValue) -> Read<Point> {
    let mut point = Point::new(RawPointValue::None);
    while let Some(field) = message.next()? {
        match field.number {
            2 => point.start = time(field.fixed64()?),
            3 => point.time = time(field.fixed64()?),
            4 => point.value = wrap(field.double()?),
            6 => point.value = wrap(field.fixed64()?.cast_signed() as f64),
            7 => push_key_value(&mut point.attributes, field.message()?, 0)?,
            8 => point.flags = field.varint()? as u32,
            _ => {}
        }
    }
    Ok(point)
}

fn gauge_point(message: Reader<'_>, _monotonic: bool) -> Read<Point> {
    number_point(message, RawPointValue::Gauge)
}

fn sum_point(message: Reader<'_>, monotonic: bool) -> Read<Point> {
    number_point(message, |value| RawPointValue::Sum { value, monotonic })
}

fn histogram_point(mut message: Reader<'_>, _monotonic: bool) -> Read<Point> {
    let mut point = Point::new(RawPointValue::None);
    let (mut count, mut sum, mut min, mut max) = (0, None, None, None);
    let (mut bounds, mut counts) = (Vec::new(), Vec::new());
    while let Some(field) = message.next()? {
        match field.number {
            2 => point.start = time(field.fixed64()?),
            3 => point.time = time(field.fixed64()?),
            4 => count = field.fixed64()?,
            5 => sum = Some(field.double()?),
            6 => field.extend_fixed64(&mut counts, |number| number)?,
            7 => field.extend_fixed64(&mut bounds, f64::from_bits)?,
            9 => push_key_value(&mut point.attributes, field.message()?, 0)?,
            10 => point.flags = field.varint()? as u32,
            11 => min = Some(field.double()?),
            12 => max = Some(field.double()?),
            _ => {}
        }
    }
    point.value = RawPointValue::Histogram { count, sum, min, max, bounds, counts };
    Ok(point)
}

fn buckets(mut message: Reader<'_>) -> Read<(i32, Vec<u64>)> {
    let (mut offset, mut counts) = (0, Vec::new());
    while let Some(field) = message.next()? {
        match field.number {
            1 => offset = field.zigzag32()?,
            2 => field.extend_varint(&mut counts)?,
            _ => {}
        }
    }
    Ok((offset, counts))
}

fn exponential_point(mut message: Reader<'_>, _monotonic: bool) -> Read<Point> {
    let mut point = Point::new(RawPointValue::None);
    let (mut count, mut sum, mut min, mut max, mut scale, mut zero_count) = (0, None, None, None, 0, 0);
    let (mut positive, mut negative) = ((0, Vec::new()), (0, Vec::new()));
    while let Some(field) = message.next()? {
        match field.number {
            1 => push_key_value(&mut point.attributes, field.message()?, 0)?,
            2 => point.start = time(field.fixed64()?),
            3 => point.time = time(field.fixed64()?),
            4 => count = field.fixed64()?,
            5 => sum = Some(field.double()?),
            6 => scale = field.zigzag32()?,
            7 => zero_count = field.fixed64()?,
            8 => positive = buckets(field.message()?)?,
            9 => negative = buckets(field.message()?)?,
            10 => point.flags = field.varint()? as u32,
            12 => min = Some(field.double()?),
            13 => max = Some(field.double()?),
            _ => {}
        }
    }
    point.value = RawPointValue::ExponentialHistogram {
        count,
        sum,
        min,
        max,
        scale,
        zero_count,
        positive_offset: positive.0,
        positive_counts: positive.1,
        negative_offset: negative.0,
        negative_counts: negative.1,
    };
    Ok(point)
}

fn summary_point(mut message: Reader<'_>, _monotonic: bool) -> Read<Point> {
    let mut point = Point::new(RawPointValue::None);
    let (mut count, mut sum, mut quantiles) = (0, 0.0, Vec::new());
    while let Some(field) = message.next()? {
        match field.number {
            2 => point.start = time(field.fixed64()?),
            3 => point.time = time(field.fixed64()?),
            4 => count = field.fixed64()?,
            5 => sum = field.double()?,
            6 => {
                let (mut quantile, mut value, mut pair) = (0.0, 0.0, field.message()?);
                while let Some(field) = pair.next()? {
                    match field.number {
                        1 => quantile = field.double()?,
                        2 => value = field.double()?,
                        _ => {}
                    }
                }
                quantiles.push((quantile, value));
            }
            7 => push_key_value(&mut point.attributes, field.message()?, 0)?,
            8 => point.flags = field.varint()? as u32,
            _ => {}
        }
    }
    point.value = RawPointValue::Summary { count, sum, quantiles };
    Ok(point)
}
