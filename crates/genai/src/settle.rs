//! Which rows own their tokens and money, so that every real model call counts exactly once.
//!
//! R1: an agent, chain or tool that repeats the sum of its calls never counts beside them. R2: of several rows that tell
//! of one call one counts: the one with usage, the inner before the outer, else the first. R3: a span before a record.
//! Each trace is judged alone; then rows of different traces that name one response at one time are one call too. A pure
//! function of the set of rows: order, repetition and what counted before change nothing.

mod across;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pellucid_model::{Kind, PricedSpan, Span, SpanId, SpanSource, UsageSource};

use crate::lineage::is_placeholder;
use crate::usage::NOTE_SPANS_TELL;

/// Further up nobody looks: a chain longer than this is an attack.
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
    let mut counts: Vec<bool> = trace.spans.iter().map(|span| is_call(span)).collect();
    one_row_a_response(&trace, &mut counts);
    inner_before_outer(&trace, &mut counts);
    totals_without_parts(&trace, &mut counts);
    counts
}

/// A row that may own its tokens. R3: one made of a record is no call of its own where spans tell of the call.
fn is_call(span: &Span) -> bool {
    let told_twice = span.source == SpanSource::Log && span.usage.notes.contains(&NOTE_SPANS_TELL);
    span.kind.is_model_call() && !told_twice && !is_placeholder(span)
}

/// The rows and their family.
struct Trace<'a> {
    spans: Vec<&'a Span>,
    /// The row above each, as far as it is known; without cycles.
    parents: Vec<Option<usize>>,
    /// How many rows stand above each.
    depths: Vec<usize>,
}

impl<'a> Trace<'a> {
    fn of(spans: Vec<&'a Span>) -> Self {
        let by_id: HashMap<SpanId, usize> =
            spans.iter().enumerate().map(|(index, span)| (span.span_id, index)).collect();
        let told = |span: &&Span| by_id.get(&span.parent_span_id?).copied();
        let mut parents: Vec<Option<usize>> = spans.iter().map(told).collect();
        open_cycles(&spans, &mut parents);
        let depths = depths(&parents);
        Self { spans, parents, depths }
    }

    /// Ancestors from the parent upwards, as far as they are known.
    fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.parents[index], |at| self.parents[*at]).take(MAX_DEPTH)
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

/// Opens each cycle of parents at its youngest row.
fn open_cycles(spans: &[&Span], parents: &mut [Option<usize>]) {
    let mut walks: Vec<Option<usize>> = vec![None; spans.len()];
    for walk in 0..spans.len() {
        let mut at = walk;
        while walks[at].is_none() {
            walks[at] = Some(walk);
            at = parents[at].unwrap_or(at);
        }
        if walks[at] == Some(walk) && parents[at].is_some() {
            let around = std::iter::successors(parents[at], |next| parents[*next].filter(|_| *next != at));
            let youngest = around.max_by_key(|index| (spans[*index].start_time, spans[*index].span_id));
            youngest.into_iter().for_each(|index| parents[index] = None);
        }
    }
}

/// How many rows stand above each.
fn depths(parents: &[Option<usize>]) -> Vec<usize> {
    let mut depths: Vec<Option<usize>> = vec![None; parents.len()];
    for start in 0..parents.len() {
        let unknown: Vec<usize> =
            std::iter::successors(Some(start), |at| parents[*at]).take_while(|at| depths[*at].is_none()).collect();
        for at in unknown.into_iter().rev() {
            depths[at] = Some(parents[at].and_then(|parent| depths[parent]).map_or(0, |depth| depth + 1));
        }
    }
    depths.into_iter().map(Option::unwrap_or_default).collect()
}

/// R2 by identity: rows with one response id tell of one call, wherever they stand.
fn one_row_a_response(trace: &Trace<'_>, counts: &mut [bool]) {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, span) in trace.spans.iter().enumerate().filter(|(index, _)| counts[*index]) {
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
    let early = |span: &Span| std::cmp::Reverse((span.start_time, span.span_id));
    let inside = trace.depths[one].cmp(&trace.depths[other]).then_with(|| early(a).cmp(&early(b)));
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
    // What stands for the calls inside a wrapper, from the innermost outwards.
    let mut inside: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut calls: Vec<usize> =
        (0..trace.spans.len()).filter(|index| trace.spans[*index].kind.is_model_call()).collect();
    calls.sort_by_key(|index| std::cmp::Reverse(trace.depths[*index]));
    for index in calls {
        let inners = inside.remove(&index).unwrap_or_default();
        let stands = if counts[index] { one_of(trace, index, inners, counts) } else { inners };
        if let Some(wrapper) = trace.wrapper(index) {
            inside.entry(wrapper).or_default().extend(stands);
        }
    }
}

/// Rules out a wrapper or what is the same inside it; gives the rows that stand for it further out.
fn one_of(trace: &Trace<'_>, outer: usize, inners: Vec<usize>, counts: &mut [bool]) -> Vec<usize> {
    let alone = inners.len() == 1;
    let is_same = |inner: &Span| is_same_call(trace.spans[outer], inner, alone);
    let same: Vec<usize> = inners.iter().copied().filter(|index| is_same(trace.spans[*index])).collect();
    let is_sum = is_sum(trace.spans[outer], inners.iter().map(|index| trace.spans[*index]));
    if same.is_empty() && !is_sum {
        return vec![outer];
    }
    let outer_alone_knows = knows(trace.spans[outer]) > 0 && inners.iter().all(|index| knows(trace.spans[*index]) == 0);
    if outer_alone_knows {
        same.iter().for_each(|index| counts[*index] = false);
        return vec![outer];
    }
    counts[outer] = false;
    inners
}

/// `alone`: there is no other call inside. Then even tokens that differ only show that the two count differently.
fn is_same_call(outer: &Span, inner: &Span, alone: bool) -> bool {
    if outer.response_id.is_some() && inner.response_id.is_some() && outer.response_id != inner.response_id {
        return false;
    }
    let agree = alone || is_same_usage(outer, inner);
    outer.kind == inner.kind && agree && is_same_model(outer, inner) && is_within(outer, inner)
}

/// Whether both tell the same tokens, or one tells none or guesses them.
fn is_same_usage(one: &Span, other: &Span) -> bool {
    let tokens = |span: &Span| (span.usage.input, span.usage.output);
    let told = |span: &Span| span.usage.source == Some(UsageSource::Reported);
    !told(one) || !told(other) || tokens(one) == tokens(other)
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
    if outer.resource != inner.resource {
        // Clocks of two processes may differ by minutes; the time that each of them measured does not.
        return outer.end_time.as_nanos() == 0 || inner.duration_ns() <= outer.duration_ns().saturating_add(SLACK_NS);
    }
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
