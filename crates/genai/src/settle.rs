//! Which rows own their tokens and money, so that every real model call counts exactly once.
//!
//! R1: an agent, chain or tool that repeats the sum of its calls never counts beside them. R2: of several rows that tell
//! of one call one counts: the one with usage, the inner before the outer, else the first. Each trace is judged alone;
//! then rows of different traces that name one response at one time are one call too. A pure function of the set of rows:
//! order, repetition and what counted before change nothing.

mod across;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pellucid_model::{Kind, PricedSpan, Span, SpanId, UsageSource};

use crate::lineage::is_placeholder;

/// A parent chain longer than this is a cycle or an attack.
const MAX_DEPTH: usize = 512;

/// Clocks and callbacks let a child end a little after its parent.
const SLACK_NS: i64 = 50_000_000;

/// All known rows of some traces to the rows whose `counts` must change, and to what.
pub fn settle(rows: &[Arc<PricedSpan>]) -> Vec<(usize, bool)> {
    let mut traces: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        traces.entry((&row.span.project, row.span.trace_id)).or_default().push(index);
    }
    let mut counts = vec![false; rows.len()];
    for places in traces.values() {
        let verdicts = settle_trace(places.iter().map(|index| &rows[*index].span).collect());
        for (index, verdict) in places.iter().zip(verdicts) {
            counts[*index] = verdict;
        }
    }
    if traces.len() > 1 {
        across::one_row_a_call(rows, &mut counts);
    }
    let changes = rows.iter().zip(counts).enumerate().filter(|(_, (row, want))| row.span.counts != *want);
    changes.map(|(index, (_, want))| (index, want)).collect()
}

/// Which of a trace's rows own their tokens, as far as the trace alone can tell.
fn settle_trace(spans: Vec<&Span>) -> Vec<bool> {
    let trace = Trace::of(spans);
    let is_call = |span: &&Span| span.kind.is_model_call() && !is_placeholder(span);
    let mut counts: Vec<bool> = trace.spans.iter().map(is_call).collect();
    one_row_a_response(&trace, &mut counts);
    inner_before_outer(&trace, &mut counts);
    totals_without_parts(&trace, &mut counts);
    counts
}

/// The rows and their family.
struct Trace<'a> {
    spans: Vec<&'a Span>,
    by_id: HashMap<SpanId, usize>,
}

impl<'a> Trace<'a> {
    fn of(spans: Vec<&'a Span>) -> Self {
        let by_id = spans.iter().enumerate().map(|(index, span)| (span.span_id, index)).collect();
        Self { spans, by_id }
    }

    /// Ancestors from the parent upwards, as far as they are known.
    fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let mut at = index;
        let up = std::iter::from_fn(move || {
            let parent = self.spans.get(at)?.parent_span_id?;
            at = *self.by_id.get(&parent)?;
            Some(at)
        });
        up.take(MAX_DEPTH).take_while(move |ancestor| *ancestor != index)
    }

    /// The next model call above, unless a tool or an agent stands between: what a tool calls is a call of its own.
    fn wrapper(&self, index: usize) -> Option<usize> {
        for ancestor in self.ancestors(index) {
            match self.spans.get(ancestor)?.kind {
                kind if kind.is_model_call() => return Some(ancestor),
                Kind::Tool | Kind::Agent | Kind::Retrieval => return None,
                _ => {}
            }
        }
        None
    }
}

/// R2 by identity: rows with one response id tell of one call, wherever they stand.
fn one_row_a_response(trace: &Trace<'_>, counts: &mut [bool]) {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, span) in trace.spans.iter().enumerate().filter(|(_, span)| span.kind.is_model_call()) {
        if let Some(id) = span.response_id.as_deref() {
            groups.entry(id).or_default().push(index);
        }
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let best = group.iter().copied().max_by(|one, other| better(trace, *one, *other));
        for index in group {
            counts[index] = Some(index) == best;
        }
    }
}

/// Which of two rows of one call says more of its tokens; then the inner; then the earlier.
fn better(trace: &Trace<'_>, one: usize, other: usize) -> std::cmp::Ordering {
    let (a, b) = (trace.spans[one], trace.spans[other]);
    let depth = |index| trace.ancestors(index).count();
    let early = |span: &Span| std::cmp::Reverse((span.start_time, span.span_id));
    let inside = depth(one).cmp(&depth(other)).then_with(|| early(a).cmp(&early(b)));
    knows(a).cmp(&knows(b)).then(inside)
}

/// Reported tokens are worth more than guessed ones, guessed ones more than none.
fn knows(span: &Span) -> u8 {
    match span.usage.source {
        Some(UsageSource::Reported) => 2,
        Some(_) => 1,
        None => 0,
    }
}

/// R2 without ids: a model call around model calls is the same call seen from outside, or the sum of several.
fn inner_before_outer(trace: &Trace<'_>, counts: &mut [bool]) {
    let mut inner: HashMap<usize, Vec<usize>> = HashMap::new();
    for index in (0..trace.spans.len()).filter(|index| counts[*index]) {
        if let Some(outer) = trace.wrapper(index).filter(|outer| counts[*outer]) {
            inner.entry(outer).or_default().push(index);
        }
    }
    // From the outermost inwards, so that a row which was ruled out rules out no other.
    let mut outers: Vec<(usize, Vec<usize>)> = inner.into_iter().collect();
    outers.sort_by_key(|(outer, _)| (trace.ancestors(*outer).count(), *outer));
    for (outer, inners) in outers {
        let same: Vec<usize> =
            inners.iter().copied().filter(|index| is_same_call(trace.spans[outer], trace.spans[*index])).collect();
        let is_sum = is_sum(trace.spans[outer], inners.iter().map(|index| trace.spans[*index]));
        if !counts[outer] || (same.is_empty() && !is_sum) {
            continue;
        }
        let outer_alone_knows =
            knows(trace.spans[outer]) > 0 && inners.iter().all(|index| knows(trace.spans[*index]) == 0);
        if outer_alone_knows {
            same.iter().for_each(|index| counts[*index] = false);
        } else {
            counts[outer] = false;
        }
    }
}

fn is_same_call(outer: &Span, inner: &Span) -> bool {
    if outer.response_id.is_some() && inner.response_id.is_some() && outer.response_id != inner.response_id {
        return false;
    }
    outer.kind == inner.kind && is_same_usage(outer, inner) && is_same_model(outer, inner) && is_within(outer, inner)
}

/// Whether both tell the same tokens, or one tells none.
fn is_same_usage(one: &Span, other: &Span) -> bool {
    let tokens = |span: &Span| (span.usage.input, span.usage.output);
    knows(one) == 0 || knows(other) == 0 || tokens(one) == tokens(other)
}

/// Names agree if one side is silent, or one name begins with the other: providers add versions and dates.
fn is_same_model(one: &Span, other: &Span) -> bool {
    let names = |span: &'_ Span| -> Vec<String> {
        let bare = |name: &String| name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        span.request_model.iter().chain(&span.response_model).map(bare).collect()
    };
    let (ours, theirs) = (names(one), names(other));
    let agree = |a: &String| theirs.iter().any(|b| a.starts_with(b.as_str()) || b.starts_with(a.as_str()));
    ours.is_empty() || theirs.is_empty() || ours.iter().any(agree)
}

fn is_within(outer: &Span, inner: &Span) -> bool {
    let still_runs = outer.end_time.as_nanos() == 0;
    inner.start_time.as_nanos().saturating_add(SLACK_NS) >= outer.start_time.as_nanos()
        && (still_runs || inner.end_time.as_nanos() <= outer.end_time.as_nanos().saturating_add(SLACK_NS))
}

/// Two or more calls whose tokens add up to those of the row around them.
fn is_sum<'a>(outer: &Span, inners: impl Iterator<Item = &'a Span>) -> bool {
    let (mut count, mut input, mut output) = (0, 0, 0);
    for span in inners {
        count += 1;
        input += span.usage.input.unwrap_or(0);
        output += span.usage.output.unwrap_or(0);
    }
    count > 1 && outer.usage.input.is_some() && (outer.usage.input, outer.usage.output) == (Some(input), Some(output))
}

/// R1: a row that is no model call owns its tokens only where nothing below it does.
fn totals_without_parts(trace: &Trace<'_>, counts: &mut [bool]) {
    let mut covered = vec![false; counts.len()];
    let mut cover = |index: usize| {
        for ancestor in trace.ancestors(index) {
            covered[ancestor] = true;
        }
    };
    (0..trace.spans.len()).filter(|index| counts[*index]).for_each(&mut cover);
    let totals: Vec<usize> = (0..trace.spans.len())
        .filter(|index| !trace.spans[*index].kind.is_model_call() && knows(trace.spans[*index]) > 0)
        .collect();
    totals.iter().copied().for_each(&mut cover);
    for index in totals {
        counts[index] = !covered[index];
    }
}

#[cfg(test)]
mod tests;
