//! Small rows for the tests of this crate.

use std::sync::Arc;

use pellucid_model::{
    Attributes, PricedSpan, ProjectId, RawSpan, RawStatus, SpanId, SpanKind, Timestamp, TraceId, Value,
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
    }
}

pub(crate) fn priced(id: u8, parent: Option<u8>, attributes: &Attributes) -> PricedSpan {
    PriceBook::bundled().price(normalise(&ProjectId::default(), Timestamp::ZERO, raw(id, parent, attributes)))
}
