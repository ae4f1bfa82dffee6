//! Rows deleted: a chunk of names to the change that it means.
//!
//! Spans go by trace, with the content records that name the trace: whatever of it has come until now, in memory or in
//! files. Traces that tell of the same responses stay, and are asked anew which of their rows count.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use pellucid_model::{Kind, ProjectId, TraceId};

use super::change::{Change, Gone};
use super::rewrite::too_large;
use super::spans::{Plan, Scene};
use super::{Older, OlderRows, RowRef, TRACE_REACH_NS, those_in_files};
use crate::deletion::{Deleted, DeletionChunk, Doomed};
use crate::error::StoreResult;
use crate::memtable::Memtable;
use crate::rows::{LogKey, LookupKey, SpanKey, Texts};
use crate::snapshot::Table;

/// What must be known of a span in a file to know whether it goes and whose relatives it leaves.
const SPAN_COLUMNS: &[&str] = &["project", "trace_id", "kind", "response_id"];
const LOG_COLUMNS: &[&str] = &["project", "trace_id", "row_id"];

/// What a chunk changes.
pub(super) fn plan(scene: Scene<'_>, chunk: &DeletionChunk) -> StoreResult<(Change, Deleted)> {
    match &chunk.rows {
        Doomed::Traces(traces) => of_traces(scene, chunk, &traces.iter().copied().collect()),
        Doomed::Logs(row_ids) => {
            let keys =
                row_ids.iter().map(|row_id| LogKey { project: chunk.project.clone(), row_id: Arc::clone(row_id) });
            let gone = of_logs(&scene, chunk, &keys.collect())?;
            let deleted = count(&gone);
            Ok((Change { gone, ..Change::default() }, deleted))
        }
    }
}

fn of_traces(scene: Scene<'_>, chunk: &DeletionChunk, traces: &BTreeSet<TraceId>) -> StoreResult<(Change, Deleted)> {
    let (memory, older) = (scene.memory, scene.older);
    let sought = Sought { project: &chunk.project, traces: traces.iter().map(ToString::to_string).collect() };
    let lookups: Vec<LookupKey> =
        sought.traces.iter().map(|trace| LookupKey::trace(chunk.project.as_str(), trace)).collect();
    let mut gone = Gone::default();
    for table in [Table::Spans, Table::Logs] {
        gone.keys.extend(lookups.iter().map(|key| (table, *key)));
    }
    let mut responses = spans_in_memory(memory, &lookups, chunk, traces, &mut gone);
    for part in find(older, Table::Spans, SPAN_COLUMNS, &lookups, chunk)? {
        responses.extend(sought.spans(&part, &mut gone)?);
    }
    let named = lookups.iter().flat_map(|key| memory.find_logs(*key));
    let named =
        named.filter(|log| log.project == chunk.project && log.log.trace_id.is_some_and(|id| traces.contains(&id)));
    gone.logs.extend(named.map(|log| log.key()).collect::<HashSet<_>>());
    for part in find(older, Table::Logs, LOG_COLUMNS, &lookups, chunk)? {
        sought.logs(&part, &mut gone)?;
    }
    let deleted = count(&gone);
    let change = settle_relatives(scene, chunk, traces, responses)?;
    Ok((Change { gone, ..change }, deleted))
}

/// Gives the responses that the model calls among them name.
fn spans_in_memory(
    memory: &Memtable,
    lookups: &[LookupKey],
    chunk: &DeletionChunk,
    traces: &BTreeSet<TraceId>,
    gone: &mut Gone,
) -> BTreeSet<LookupKey> {
    let (mut responses, mut keys) = (BTreeSet::new(), HashSet::new());
    for span in lookups.iter().flat_map(|key| memory.find_spans(*key)) {
        let said = &span.row.priced.span;
        if said.project != chunk.project || !traces.contains(&said.trace_id) {
            continue;
        }
        keys.insert(SpanKey::of(span.said()));
        let response = said.response_id.as_ref().filter(|_| said.kind.is_model_call());
        responses.extend(response.map(|id| LookupKey::response(chunk.project.as_str(), id)));
    }
    gone.spans.extend(keys);
    responses
}

fn find(
    older: &dyn Older,
    table: Table,
    columns: &[&str],
    keys: &[LookupKey],
    chunk: &DeletionChunk,
) -> StoreResult<Vec<OlderRows>> {
    let times = &chunk.times;
    let there = those_in_files(older, table, keys.iter().copied(), times)?;
    if there.is_empty() { Ok(Vec::new()) } else { older.find_columns(table, columns, &there, times) }
}

/// What rows found in files are compared with: another key may have the same fingerprint.
struct Sought<'a> {
    project: &'a ProjectId,
    traces: BTreeSet<String>,
}

impl Sought<'_> {
    fn places(&self, part: &OlderRows) -> StoreResult<Vec<(usize, RowRef)>> {
        let (projects, traces) = (Texts::of(&part.rows, "project")?, Texts::of(&part.rows, "trace_id")?);
        let meant = |row: usize| {
            projects.at(row) == Some(self.project.as_str()) && traces.at(row).is_some_and(|id| self.traces.contains(id))
        };
        let places = part.positions.iter().enumerate().filter(|(row, _)| meant(*row));
        Ok(places.map(|(row, position)| (row, RowRef { file: part.file, position: *position })).collect())
    }

    fn spans(&self, part: &OlderRows, gone: &mut Gone) -> StoreResult<BTreeSet<LookupKey>> {
        let (kinds, answers) = (Texts::of(&part.rows, "kind")?, Texts::of(&part.rows, "response_id")?);
        let mut responses = BTreeSet::new();
        for (row, place) in self.places(part)? {
            gone.in_files.push((Table::Spans, place));
            let is_call = kinds.at(row).and_then(Kind::parse).is_some_and(Kind::is_model_call);
            let response = answers.at(row).filter(|_| is_call);
            responses.extend(response.map(|id| LookupKey::response(self.project.as_str(), id)));
        }
        Ok(responses)
    }

    fn logs(&self, part: &OlderRows, gone: &mut Gone) -> StoreResult<()> {
        let places = self.places(part)?.into_iter();
        gone.in_files.extend(places.map(|(_, place)| (Table::Logs, place)));
        Ok(())
    }
}

fn of_logs(scene: &Scene<'_>, chunk: &DeletionChunk, keys: &HashSet<LogKey>) -> StoreResult<Gone> {
    let lookups: Vec<LookupKey> = keys.iter().map(LookupKey::log).collect();
    let in_memory = keys.iter().filter(|key| scene.memory.log(key).is_some());
    let mut gone = Gone { logs: in_memory.cloned().collect(), ..Gone::default() };
    gone.keys.extend(lookups.iter().map(|key| (Table::Logs, *key)));
    for part in find(scene.older, Table::Logs, LOG_COLUMNS, &lookups, chunk)? {
        let (projects, row_ids) = (Texts::of(&part.rows, "project")?, Texts::of(&part.rows, "row_id")?);
        for (row, position) in part.positions.iter().enumerate() {
            let key = row_ids.at(row).map(|row_id| LogKey { project: chunk.project.clone(), row_id: row_id.into() });
            if projects.at(row) == Some(chunk.project.as_str()) && key.is_some_and(|key| keys.contains(&key)) {
                gone.in_files.push((Table::Logs, RowRef { file: part.file, position: *position }));
            }
        }
    }
    Ok(gone)
}

fn count(gone: &Gone) -> Deleted {
    let in_files = |table: Table| gone.in_files.iter().filter(|(owner, _)| *owner == table).count();
    Deleted {
        spans: (gone.spans.len() + in_files(Table::Spans)) as u64,
        logs: (gone.logs.len() + in_files(Table::Logs)) as u64,
    }
}

/// A call of which a deleted trace told too: whoever is left tells of it alone.
fn settle_relatives(
    scene: Scene<'_>,
    chunk: &DeletionChunk,
    traces: &BTreeSet<TraceId>,
    responses: BTreeSet<LookupKey>,
) -> StoreResult<Change> {
    let reach = chunk.times.start().saturating_sub(TRACE_REACH_NS)..=chunk.times.end().saturating_add(TRACE_REACH_NS);
    let is_left = |key: &SpanKey| key.project != chunk.project || !traces.contains(&key.trace_id);
    let mut plan = Plan::new(&scene, reach);
    let mut relatives = plan.namesakes(responses)?;
    relatives.retain(is_left);
    if relatives.is_empty() {
        return Ok(Change::default());
    }
    plan.load(scene.traces, &[], &relatives)?;
    plan.known.retain(|key, _| is_left(key));
    for key in &relatives {
        if let Some(known) = plan.known.get_mut(key) {
            known.touched = true;
        }
    }
    let large = too_large(&plan, &relatives)?;
    plan.settle(&large);
    Ok(Change { spans: plan.change(&[]).upserts, ..Change::default() })
}
