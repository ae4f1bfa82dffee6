//! Which rows of a trace own their tokens and money.

use std::sync::Arc;

use pellucid_model::PricedSpan;

/// All known rows of one trace to the rows whose `counts` must change, and to what.
pub fn settle(rows: &[Arc<PricedSpan>]) -> Vec<(usize, bool)> {
    let wanted = |row: &PricedSpan| row.span.kind.is_model_call();
    let changes = rows.iter().enumerate().map(|(index, row)| (index, row.span.counts, wanted(row)));
    changes.filter(|(_, is, want)| is != want).map(|(index, _, want)| (index, want)).collect()
}
