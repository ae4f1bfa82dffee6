//! Two copies of one span to one row, the same in either order.

use pellucid_model::PricedSpan;

/// The better of two copies of one `(trace_id, span_id)`: later end wins, then more attributes. Usage is replaced, never
/// added.
pub fn merge(old: &PricedSpan, new: PricedSpan) -> PricedSpan {
    let rank = |row: &PricedSpan| (row.span.end_time, row.span.attributes.len());
    if rank(&new) > rank(old) { new } else { old.clone() }
}
