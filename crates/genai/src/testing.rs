//! Small rows for the tests of this crate.

use std::sync::Arc;

use pellucid_model::{
    Attributes, Flags, PricedSpan, ProjectId, RawLog, RawSpan, RawStatus, Scope, SpanId, SpanKind, Timestamp, TraceId,
    Value,
};

use crate::{PriceBook, normalise};

/// Attributes with whole numbers.
pub(crate) fn attributes(entries: &[(&str, i64)]) -> Attributes {
    entries.iter().map(|(key, value)| ((*key).to_owned(), Value::Int(*value))).collect()
}

/// Attributes with texts.
pub(crate) fn texts(entries: &[(&str, &str)]) -> Attributes {
    entries.iter().map(|(key, value)| ((*key).to_owned(), Value::Str((*value).to_owned()))).collect()
}

pub(crate) fn span_id(id: u8) -> SpanId {
    SpanId::from_bytes(&[id; 8]).expect("not zero")
}

/// A raw span of one second in one trace.
pub(crate) fn raw(id: u8, parent: Option<u8>, attributes: &Attributes) -> RawSpan {
    RawSpan {
        resource: Arc::default(),
        scope: Arc::default(),
        trace_id: TraceId::from_bytes(&[7; 16]).expect("not zero"),
        span_id: span_id(id),
        parent_span_id: parent.map(span_id),
        name: format!("span {id}"),
        kind: SpanKind::Client,
        start: Timestamp::from_nanos(1_000_000_000),
        end: Timestamp::from_nanos(2_000_000_000),
        attributes: attributes.clone(),
        events: Vec::new(),
        links: Vec::new(),
        status: RawStatus::Unset,
        status_message: String::new(),
        dropped_attributes: 0,
        flags: Flags::default(),
    }
}

pub(crate) fn priced(id: u8, parent: Option<u8>, attributes: &Attributes) -> PricedSpan {
    PriceBook::bundled().price(normalise(&ProjectId::default(), Timestamp::ZERO, raw(id, parent, attributes)))
}

/// A priced root span of a scope.
pub(crate) fn priced_scope(scope: &str, attributes: &Attributes) -> PricedSpan {
    let scope = Arc::new(Scope { name: scope.to_owned(), ..Scope::default() });
    let raw = RawSpan { scope, ..raw(1, None, attributes) };
    PriceBook::bundled().price(normalise(&ProjectId::default(), Timestamp::ZERO, raw))
}

/// A log record of the first span.
pub(crate) fn log(event_name: &str, attributes: Attributes) -> RawLog {
    RawLog {
        resource: Arc::default(),
        scope: Arc::default(),
        time: Timestamp::from_nanos(1_500_000_000),
        observed_time: Timestamp::ZERO,
        severity_number: 0,
        severity_text: String::new(),
        event_name: event_name.to_owned(),
        body: Value::Null,
        attributes,
        trace_id: TraceId::from_bytes(&[7; 16]).ok(),
        span_id: Some(span_id(1)),
    }
}
