//! One call told in several traces: two instrumentations that do not share their context.
//!
//! A response id alone proves nothing here, for some servers give every answer the same one. Rows are of one call if they
//! name one response, ran at the same time, and agree on model and tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use pellucid_model::{PricedSpan, Span};

use super::{SLACK_NS, is_same_model, is_same_usage, knows};

/// Of rows in different traces that tell of one call, leaves the one that counts.
pub(super) fn one_row_a_call(rows: &[Arc<PricedSpan>], counts: &mut [bool]) {
    let mut namesakes: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(index, row)| counts[*index] && row.span.kind.is_model_call()) {
        if let Some(response) = row.span.response_id.as_deref() {
            namesakes.entry((&row.span.project, response)).or_default().push(index);
        }
    }
    for mut group in namesakes.into_values().filter(|group| group.len() > 1) {
        // The best first: each row that counts rules out those that repeat it.
        group.sort_by_key(|index| {
            let span = &rows[*index].span;
            (std::cmp::Reverse(knows(span)), span.start_time, span.trace_id, span.span_id)
        });
        let mut kept: Vec<&Span> = Vec::new();
        for index in group {
            let span = &rows[index].span;
            counts[index] = !kept.iter().any(|one| is_repeated(one, span));
            if counts[index] {
                kept.push(span);
            }
        }
    }
}

fn is_repeated(one: &Span, other: &Span) -> bool {
    one.trace_id != other.trace_id
        && one.kind == other.kind
        && is_at_once(one, other)
        && is_same_usage(one, other)
        && is_same_model(one, other)
}

fn is_at_once(one: &Span, other: &Span) -> bool {
    let starts_before_end = |a: &Span, b: &Span| {
        let end = b.end_time.max(b.start_time).as_nanos();
        a.start_time.as_nanos() <= end.saturating_add(SLACK_NS)
    };
    starts_before_end(one, other) && starts_before_end(other, one)
}
