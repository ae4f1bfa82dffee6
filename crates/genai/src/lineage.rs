//! Where a span stands: its id, its parent and its end, where they are not what the wire says.
//!
//! Logfire sends a copy of a span when it starts. The copy has an id of its own, the span's id as its parent and the
//! span's parent in an attribute. Such a copy becomes a running row of the span itself, open at its end, so that the
//! finished span replaces it in any order of arrival. Some SDKs call a span a root though it has a parent.

use pellucid_model::{Attributes, RawSpan, Span, SpanId, Timestamp, Value};

/// Logfire's word for what a record is, and the word for a copy.
/// <https://github.com/pydantic/logfire/blob/main/logfire/_internal/exporters/processor_wrapper.py>
const DIALECT: &str = "logfire";
const RECORD: &str = "logfire.span_type";
const COPY: &str = "pending_span";
const PARENT_OF_COPY: &str = "logfire.pending_parent_id";

/// True for a root, whatever its parent is.
const ROOTS: &[&str] = &[
    // https://github.com/langfuse/langfuse/blob/main/packages/shared/src/server/otel/OtelIngestionProcessor.ts
    "langfuse.internal.as_root",
    // https://github.com/lmnr-ai/lmnr/blob/main/app-server/src/traces/span_attributes.rs
    "lmnr.internal.override_parent_span",
];

/// A span's place in its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    /// Zero while it runs.
    pub(crate) end: Timestamp,
}

/// The place of a raw span.
pub(crate) fn place(raw: &RawSpan) -> Place {
    let as_sent = Place { span_id: raw.span_id, parent_span_id: raw.parent_span_id, end: raw.end };
    if is_copy(&raw.attributes) {
        return raw.parent_span_id.map_or(as_sent, |span_id| Place {
            span_id,
            // Zeros stand for none.
            parent_span_id: text(&raw.attributes, PARENT_OF_COPY).and_then(|id| SpanId::from_hex(id).ok()),
            end: Timestamp::ZERO,
        });
    }
    let is_root = ROOTS.iter().any(|key| raw.attributes.get(key).and_then(Value::to_bool) == Some(true));
    Place { parent_span_id: raw.parent_span_id.filter(|_| !is_root), ..as_sent }
}

/// True for the row of a span that is known from the copy of its start only. It owns no tokens and no money.
pub(crate) fn is_placeholder(span: &Span) -> bool {
    span.dialects.contains(&DIALECT) && is_copy(&span.attributes)
}

fn is_copy(attributes: &Attributes) -> bool {
    text(attributes, RECORD) == Some(COPY)
}

fn text<'a>(attributes: &'a Attributes, key: &str) -> Option<&'a str> {
    attributes.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pellucid_model::{Kind, PricedSpan, ProjectId};

    use super::*;
    use crate::testing::{raw, span_id, texts};
    use crate::{PriceBook, merge, normalise, settle};

    const CALL: &[(&str, &str)] =
        &[("logfire.msg", "chat gpt-4o"), ("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "gpt-4o")];

    fn row(raw: RawSpan) -> PricedSpan {
        PriceBook::bundled().price(normalise(&ProjectId::default(), Timestamp::ZERO, raw))
    }

    /// The copy of the start of span 1, sent as span 9.
    fn pending(parent: &str) -> PricedSpan {
        let own = [(RECORD, COPY), (PARENT_OF_COPY, parent)];
        let mut copy = raw(9, Some(1), &texts(&[CALL, &own].concat()));
        copy.end = copy.start;
        row(copy)
    }

    fn finished() -> PricedSpan {
        row(raw(1, Some(5), &texts(&[CALL, &[(RECORD, "span"), ("gen_ai.usage.input_tokens", "3")]].concat())))
    }

    #[test]
    fn a_copy_is_a_running_row_of_its_span() {
        let span = pending("0505050505050505").span;
        assert_eq!((span.span_id, span.parent_span_id), (span_id(1), Some(span_id(5))));
        assert_eq!((span.kind, span.end_time, span.duration_ns(), span.counts), (Kind::Llm, Timestamp::ZERO, 0, false));
        assert_eq!(pending("0000000000000000").span.parent_span_id, None);
    }

    #[test]
    fn the_finished_span_replaces_it_in_any_order() {
        let (copy, real) = (pending("0505050505050505"), finished());
        for order in [
            vec![copy.clone(), real.clone()],
            vec![real.clone(), copy.clone()],
            vec![copy.clone(), copy.clone(), real.clone(), copy.clone()],
        ] {
            let merged = order.into_iter().reduce(|one, other| merge(&one, other));
            assert_eq!(merged, Some(real.clone()));
        }
        assert_eq!(merge(&copy, copy.clone()), copy);
    }

    #[test]
    fn it_never_counts() {
        for (rows, want) in [(vec![pending("")], false), (vec![finished()], true)] {
            let rows: Vec<Arc<PricedSpan>> = rows.into_iter().map(Arc::new).collect();
            assert_eq!((settle(&rows), rows[0].span.counts), (vec![], want));
        }
    }

    #[test]
    fn a_copy_without_a_span_stays_as_it_came() {
        let copy = row(raw(9, None, &texts(&[(RECORD, COPY)]))).span;
        assert_eq!((copy.span_id, copy.parent_span_id, is_placeholder(&copy)), (span_id(9), None, true));
    }

    #[test]
    fn roots_by_word() {
        for key in ROOTS {
            assert_eq!(row(raw(1, Some(5), &texts(&[(key, "true")]))).span.parent_span_id, None, "{key}");
            assert_eq!(row(raw(1, Some(5), &texts(&[(key, "false")]))).span.parent_span_id, Some(span_id(5)), "{key}");
        }
    }
}
