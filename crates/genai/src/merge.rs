//! Two copies of one span to one row, the same in either order.

use pellucid_model::PricedSpan;

use crate::oddity;

/// The better of two copies of one `(trace_id, span_id)`.
///
/// The later end wins (a span may be sent while it runs), then more attributes, then more events; what is still equal is
/// decided by the text of the rows, so that any order of any number of copies gives the same row. Usage is replaced,
/// never added. The earliest start and the first receipt are kept, so a copy sent again changes nothing.
pub fn merge(old: &PricedSpan, new: PricedSpan) -> PricedSpan {
    let start_time = old.span.start_time.min(new.span.start_time);
    let received_at = old.span.received_at.min(new.span.received_at);
    let mut best = if is_better(&new, old) { new } else { old.clone() };
    best.span.start_time = start_time;
    best.span.received_at = received_at;
    oddity::times(&mut best.span);
    best
}

fn is_better(one: &PricedSpan, other: &PricedSpan) -> bool {
    let rank = |row: &PricedSpan| (row.span.end_time, row.span.attributes.len(), row.span.events.len());
    match rank(one).cmp(&rank(other)) {
        std::cmp::Ordering::Equal => told(one) > told(other),
        order => order.is_gt(),
    }
}

/// What a copy tells, without what merging itself sets.
fn told(row: &PricedSpan) -> String {
    let span = &row.span;
    format!(
        "{:?}",
        (
            &span.name,
            span.status_raw,
            &span.status_message,
            &span.attributes,
            &span.events,
            &span.links,
            span.parent_span_id
        )
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{attributes, priced};

    fn copies() -> impl Strategy<Value = Vec<PricedSpan>> {
        let copy = (0_i64..3, 0_i64..3, 0_usize..3, 0_i64..3).prop_map(|(start, end, extra, received)| {
            let mut row =
                priced(1, None, &attributes(&[("gen_ai.usage.input_tokens", i64::try_from(extra).unwrap_or(0))]));
            row.span.start_time = pellucid_model::Timestamp::from_nanos(start);
            row.span.end_time = pellucid_model::Timestamp::from_nanos(10 + end);
            row.span.received_at = pellucid_model::Timestamp::from_nanos(received);
            row
        });
        prop::collection::vec(copy, 1..5)
    }

    fn merged(copies: impl Iterator<Item = PricedSpan>) -> Option<PricedSpan> {
        copies.fold(None, |row, copy| Some(row.map_or(copy.clone(), |row| merge(&row, copy))))
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_give_one_row(copies in copies()) {
            let forward = merged(copies.iter().cloned());
            prop_assert_eq!(&merged(copies.iter().rev().cloned()), &forward);
            prop_assert_eq!(&merged(copies.iter().chain(&copies).cloned()), &forward);
        }
    }
}
