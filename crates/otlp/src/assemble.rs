//! What both encodings share once the bytes are read: id checks, time repair, event names.

use pellucid_model::{Attributes, Flag, Flags, IdError, SpanId, Timestamp, TraceId};

/// A span's identity as sent: bytes of any length.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub(crate) trace: Vec<u8>,
    pub(crate) span: Vec<u8>,
}

/// Reads a trace id. 64-bit (B3) ids are padded on the left, as the B3 specification says.
pub(crate) fn trace_id(bytes: &[u8]) -> Result<TraceId, IdError> {
    match <&[u8; 8]>::try_from(bytes) {
        Ok(short) => {
            let mut padded = [0; 16];
            padded[8..].copy_from_slice(short);
            TraceId::from_bytes(&padded)
        }
        Err(_) => TraceId::from_bytes(bytes),
    }
}

impl Ids {
    /// Both ids, or the reason to reject the span.
    pub(crate) fn check(&self, name: &str) -> Result<(TraceId, SpanId), String> {
        let trace = trace_id(&self.trace).map_err(|error| format!("span {name:?}: trace {error}"))?;
        let span = SpanId::from_bytes(&self.span).map_err(|error| format!("span {name:?}: span {error}"))?;
        Ok((trace, span))
    }
}

/// An optional reference (parent, log's span): empty, zero or malformed means none.
pub(crate) fn optional_span_id(bytes: &[u8]) -> Option<SpanId> {
    SpanId::from_bytes(bytes).ok()
}

/// An optional reference to a trace.
pub(crate) fn optional_trace_id(bytes: &[u8]) -> Option<TraceId> {
    trace_id(bytes).ok()
}

/// Reads a time. Hand-written clients send seconds, milliseconds or microseconds into the field for nanoseconds; the
/// number of digits tells them apart, for these values would otherwise all lie in the first hours of 1970.
pub(crate) fn time(nanos: u64) -> Timestamp {
    Timestamp::from_unsigned_nanos(nanos.saturating_mul(unit_ns(nanos)))
}

/// A time of a span, whose row tells when it was mended.
pub(crate) fn time_of_span(nanos: u64, flags: &mut Flags) -> Timestamp {
    if unit_ns(nanos) != 1 {
        flags.insert(Flag::TimeUnit);
    }
    time(nanos)
}

fn unit_ns(nanos: u64) -> u64 {
    match nanos {
        1_000_000_000..=99_999_999_999 => 1_000_000_000,
        1_000_000_000_000..=99_999_999_999_999 => 1_000_000,
        1_000_000_000_000_000..=99_999_999_999_999_999 => 1_000,
        _ => 1,
    }
}

/// The name of an event: the field of newer SDKs, else the attribute of older ones.
pub(crate) fn event_name(field: String, attributes: &Attributes) -> String {
    if field.is_empty() {
        attributes.get("event.name").and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    } else {
        field
    }
}
