//! Rows made again: a chunk of names to the change that it means.
//!
//! Prices touch nothing but the cost. Normalising anew is what would have happened had the spans come today: each alone
//! from what it keeps as sent, then its content records, then the verdict over its whole trace.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cache::TraceKey;
use super::change::{TableChange, Upsert};
use super::spans::{Known, Plan, Scene, plan as join_spans, trace_of};
use super::{MAX_SETTLE_SPANS, Older, RowRef};
use crate::error::StoreResult;
use crate::memtable::{MemSpan, Memtable};
use crate::rewrite::{Chunk, RewriteReport};
use crate::rows::{LogKey, LookupKey, SpanKey, SpanRow, StoredLog, batch_to_logs, batch_to_spans};
use crate::snapshot::Table;
use crate::stages::{Rewrite, Stages};

/// New costs of the named spans.
pub(super) fn prices(
    scene: &Scene<'_>,
    chunk: &Chunk,
    named: BTreeSet<SpanKey>,
) -> StoreResult<(TableChange<MemSpan>, RewriteReport)> {
    let (mut change, mut report) = (TableChange::default(), RewriteReport::default());
    for (at, stored) in stored_spans(scene.memory, scene.older, chunk, named)? {
        let row = again(scene.stages, Rewrite::Price, &stored.row);
        let base = match Arc::ptr_eq(&stored.base.priced, &stored.row.priced) {
            true => row.clone(),
            false => again(scene.stages, Rewrite::Price, &stored.base),
        };
        let next = MemSpan { base, row };
        report.matched += 1;
        report.count(&stored.row.priced, &next.row.priced);
        if next != stored {
            report.changed += 1;
            change.upserts.push(Upsert { row: next, replaces: at });
        }
    }
    Ok((change, report))
}

/// A row made again; the same row if it says the same.
fn again(stages: &dyn Stages, why: Rewrite, row: &SpanRow) -> SpanRow {
    let priced = stages.rewrite(why, &row.priced);
    if priced == *row.priced { row.clone() } else { SpanRow { priced: Arc::new(priced), joined: row.joined } }
}

type Stored = Vec<(Option<RowRef>, MemSpan)>;

fn stored_spans(
    memory: &Memtable,
    older: &dyn Older,
    chunk: &Chunk,
    mut named: BTreeSet<SpanKey>,
) -> StoreResult<Stored> {
    let mut stored = Stored::new();
    named.retain(|key| match memory.span(key) {
        Some(span) => {
            stored.push((None, MemSpan::clone(span)));
            false
        }
        None => true,
    });
    if named.is_empty() {
        return Ok(stored);
    }
    let keys: Vec<LookupKey> = named.iter().map(LookupKey::span).collect();
    for part in older.find(Table::Spans, &keys, &chunk.times)? {
        for (row, position) in batch_to_spans(&part.rows)?.into_iter().zip(&part.positions) {
            if named.remove(&SpanKey::of(&row.priced)) {
                stored.push((Some(RowRef { file: part.file, position: *position }), MemSpan::new(row)));
            }
        }
    }
    Ok(stored)
}

/// The named spans as they would be if they came today.
pub(super) fn normalised(
    scene: Scene<'_>,
    chunk: &Chunk,
    named: &BTreeSet<SpanKey>,
) -> StoreResult<(TableChange<MemSpan>, RewriteReport)> {
    let mut report = RewriteReport::default();
    let stages = scene.stages;
    let mut plan = Plan::new(&scene, chunk.times.clone());
    plan.load(scene.traces, &[], named)?;
    let large = too_large(&plan, named)?;
    for key in named {
        if let Some(known) = plan.known.get_mut(key) {
            let mut base = again(stages, Rewrite::Normalise, &known.next.base);
            base.joined = false;
            known.next.base = base;
        }
    }
    // By what the spans say now: the response by which a record finds its span may be new.
    let untold = plan.enrich(named, &[])?;
    for key in named {
        let Some(known) = plan.known.get_mut(key) else { continue };
        report.matched += 1;
        if let Some(stored) = known.stored.as_ref().filter(|stored| stored.row.joined && untold.contains(key)) {
            // Its records are gone, or too many to be looked for: what they gave must not go too.
            known.next = stored.clone();
            report.kept += 1;
        }
        if large.contains(&trace_of(key)) {
            keep_verdict(known);
        }
    }
    plan.load_relatives(scene.traces)?;
    plan.settle(&large);
    for (key, known) in &mut plan.known {
        let Some(stored) = &known.stored else { continue };
        let changed = known.next.row != stored.row;
        if !changed && known.file_row.is_some() {
            // A row in a file has no other self: that one was found is no reason to write it anew.
            known.next = stored.clone();
        }
        if changed || named.contains(key) {
            report.count(&stored.row.priced, &known.next.row.priced);
        }
        report.changed += u64::from(changed);
    }
    Ok((plan.change(&[]), report))
}

/// Traces of which not all rows are known: who counts in them cannot be asked anew.
pub(super) fn too_large(plan: &Plan<'_>, named: &BTreeSet<SpanKey>) -> StoreResult<BTreeSet<TraceKey>> {
    let traces: BTreeSet<TraceKey> = named.iter().map(trace_of).collect();
    let mut large = BTreeSet::new();
    for trace in traces {
        let lookup = trace.lookup();
        let older = plan.older.count(Table::Spans, lookup, &plan.times)?;
        if plan.memory.count_spans(lookup) + older > MAX_SETTLE_SPANS {
            large.insert(trace);
        }
    }
    Ok(large)
}

/// What counted goes on to count, unless it is no model call any more.
fn keep_verdict(known: &mut Known) {
    let Some(stored) = known.stored.as_ref().map(|stored| Arc::clone(&stored.row.priced)) else { return };
    let same_kind = stored.span.kind.is_model_call() == known.next.row.priced.span.kind.is_model_call();
    if same_kind && stored.span.counts != known.next.row.priced.span.counts {
        known.next.row.edit().span.counts = stored.span.counts;
    }
}

/// Records that carry content or no longer do, and the spans they now tell of.
pub(super) fn logs(
    scene: Scene<'_>,
    chunk: &Chunk,
    row_ids: &[Arc<str>],
) -> StoreResult<(TableChange<StoredLog>, TableChange<MemSpan>, RewriteReport)> {
    let (mut change, mut report) = (TableChange::default(), RewriteReport::default());
    let mut content = Vec::new();
    for (at, stored) in stored_logs(scene.memory, scene.older, chunk, row_ids)? {
        let is_content = scene.stages.is_content(&stored.log);
        let response_id = if is_content { scene.stages.content_key(&stored.log).map(Into::into) } else { None };
        let row = StoredLog { content: is_content, response_id, ..stored.clone() };
        if row != stored {
            report.changed += 1;
            content.extend(is_content.then(|| row.clone()));
            change.upserts.push(Upsert { row, replaces: at });
        }
    }
    let spans = join_spans(scene, Vec::new(), &content)?;
    Ok((change, spans, report))
}

fn stored_logs(
    memory: &Memtable,
    older: &dyn Older,
    chunk: &Chunk,
    row_ids: &[Arc<str>],
) -> StoreResult<Vec<(Option<RowRef>, StoredLog)>> {
    let mut stored = Vec::new();
    let mut named: BTreeSet<LogKey> = BTreeSet::new();
    for row_id in row_ids {
        let key = LogKey { project: chunk.project.clone(), row_id: Arc::clone(row_id) };
        match memory.log(&key) {
            Some(log) => stored.push((None, StoredLog::clone(log))),
            None => drop(named.insert(key)),
        }
    }
    if named.is_empty() {
        return Ok(stored);
    }
    let keys: Vec<LookupKey> = named.iter().map(LookupKey::log).collect();
    for part in older.find(Table::Logs, &keys, &chunk.times)? {
        for (row, position) in batch_to_logs(&part.rows)?.into_iter().zip(&part.positions) {
            if named.remove(&row.key()) {
                stored.push((Some(RowRef { file: part.file, position: *position }), row));
            }
        }
    }
    Ok(stored)
}
