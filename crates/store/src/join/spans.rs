//! Spans: merged with what they were, enriched by their content records, settled with their relatives.

mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use pellucid_model::{PricedSpan, RawLog, SpanSource, TraceId};

use super::cache::{OlderTrace, OlderTraces, TraceKey};
use super::change::{TableChange, Upsert};
use super::plain::span_of;
use super::{MAX_SETTLE_SPANS, Older, RowRef, TRACE_REACH_NS, those_in_files};
use crate::error::StoreResult;
use crate::memtable::{MemSpan, Memtable};
use crate::rows::{KeyMap, LogKey, LookupKey, SpanKey, SpanRow, StoredLog, batch_to_logs, batch_to_spans};
use crate::snapshot::Table;
use crate::stages::Stages;

/// Where a plan is made.
pub(super) struct Scene<'a> {
    pub(super) stages: &'a dyn Stages,
    pub(super) memory: &'a Memtable,
    pub(super) older: &'a dyn Older,
    pub(super) traces: &'a mut OlderTraces,
}

/// What the batch's spans and content records change.
pub(super) fn plan(scene: Scene<'_>, rows: Vec<SpanRow>, content: &[StoredLog]) -> StoreResult<TableChange<MemSpan>> {
    let starts = rows.iter().map(|row| row.priced.span.start_time.as_nanos());
    let times = span_of(starts.chain(content.iter().map(|log| log.time().as_nanos())).map(|time| (time, time)));
    let Some(times) = times else { return Ok(TableChange::default()) };
    let times = times.start().saturating_sub(TRACE_REACH_NS)..=times.end().saturating_add(TRACE_REACH_NS);
    let mut plan = Plan::new(&scene, times);
    let traces = scene.traces;
    let mut named = plan.named_by(content)?;
    named.extend(content.iter().filter_map(span_of_log));
    plan.load(traces, &rows, &named)?;
    let order = plan.merge(rows);
    let touched: BTreeSet<SpanKey> = order.iter().cloned().chain(plan.targets(content, &named)).collect();
    drop(plan.enrich(&touched, content)?);
    plan.load_relatives(traces)?;
    plan.settle(&BTreeSet::new());
    Ok(plan.change(&order))
}

/// A span that the plan knows.
pub(super) struct Known {
    /// As it was stored; nothing if it is new.
    pub(super) stored: Option<MemSpan>,
    /// The file row it was read from.
    pub(super) file_row: Option<RowRef>,
    /// As it shall be stored.
    pub(super) next: MemSpan,
    /// Whether `next` may differ.
    pub(super) touched: bool,
}

impl Known {
    /// By what content records may name it: as it says itself, or as others told.
    fn content_keys(&self) -> impl Iterator<Item = LookupKey> {
        content_keys(self.next.said()).chain(response_key(&self.next.row.priced))
    }
}

/// What spans shall become, and what must be known for it.
pub(super) struct Plan<'a> {
    stages: &'a dyn Stages,
    pub(super) memory: &'a Memtable,
    pub(super) older: &'a dyn Older,
    /// Where the relatives of the batch's rows may lie.
    pub(super) times: RangeInclusive<i64>,
    pub(super) known: BTreeMap<SpanKey, Known>,
    /// What lies in files, by trace.
    files: KeyMap<TraceKey, Arc<OlderTrace>>,
}

impl<'a> Plan<'a> {
    /// A plan that knows nothing yet.
    pub(super) fn new(scene: &Scene<'a>, times: RangeInclusive<i64>) -> Self {
        let Scene { stages, memory, older, .. } = *scene;
        Self { stages, memory, older, times, known: BTreeMap::new(), files: KeyMap::default() }
    }

    /// Stored rows that content records name by their key: candidates, to be compared.
    fn named_by(&self, content: &[StoredLog]) -> StoreResult<BTreeSet<SpanKey>> {
        let traces = content.iter().filter_map(trace_named);
        let keys: BTreeSet<LookupKey> = content.iter().filter_map(response_of).chain(traces).collect();
        let mut named: BTreeSet<SpanKey> =
            keys.iter().flat_map(|key| self.memory.find_spans(*key)).map(|span| SpanKey::of(span.said())).collect();
        for part in self.find(Table::Spans, keys)? {
            named.extend(batch_to_spans(&part.rows)?.iter().map(|row| SpanKey::of(&row.priced)));
        }
        Ok(named)
    }

    fn find(&self, table: Table, keys: BTreeSet<LookupKey>) -> StoreResult<Vec<super::OlderRows>> {
        let keys = those_in_files(self.older, table, keys.into_iter(), &self.times)?;
        if keys.is_empty() { Ok(Vec::new()) } else { self.older.find(table, &keys, &self.times) }
    }

    /// Learns what the batch touches.
    pub(super) fn load(
        &mut self,
        traces: &mut OlderTraces,
        rows: &[SpanRow],
        named: &BTreeSet<SpanKey>,
    ) -> StoreResult<()> {
        let parents = rows.iter().filter_map(|row| {
            let span = &row.priced.span;
            Some(SpanKey { span_id: span.parent_span_id?, ..SpanKey::of(&row.priced) })
        });
        let own = rows.iter().map(|row| SpanKey::of(&row.priced));
        self.load_traces_of(traces, own.chain(parents).chain(named.iter().cloned()))
    }

    /// Learns all stored rows of the traces of these spans; of a trace too large for that, these spans.
    fn load_traces_of(&mut self, traces: &mut OlderTraces, keys: impl Iterator<Item = SpanKey>) -> StoreResult<()> {
        let mut wanted: BTreeMap<TraceKey, BTreeSet<SpanKey>> = BTreeMap::new();
        for key in keys {
            wanted.entry(trace_of(&key)).or_default().insert(key);
        }
        let keys: Vec<TraceKey> = wanted.keys().cloned().collect();
        self.files.extend(traces.load(self.older, &keys, &self.times)?);
        let mut single = BTreeSet::new();
        for (trace, spans) in wanted {
            let lookup = trace.lookup();
            let count = self.memory.count_spans(lookup) + self.older.count(Table::Spans, lookup, &self.times)?;
            if count > MAX_SETTLE_SPANS {
                let (there, rest): (Vec<_>, Vec<_>) =
                    spans.into_iter().partition(|key| self.memory.span(key).is_some());
                there.iter().filter_map(|key| self.memory.span(key)).for_each(|span| learn(&mut self.known, span));
                single.extend(rest.iter().map(LookupKey::span));
                continue;
            }
            let in_memory = self.memory.find_spans(lookup).filter(|span| trace_of(&SpanKey::of(span.said())) == trace);
            in_memory.for_each(|span| learn(&mut self.known, span));
            let in_files = self.files.get(&trace).map(Arc::clone);
            in_files.iter().flat_map(|found| &found.spans).for_each(|(at, row)| self.learn_older(*at, row));
        }
        for part in self.find(Table::Spans, single)? {
            for (row, position) in batch_to_spans(&part.rows)?.iter().zip(&part.positions) {
                self.learn_older(RowRef { file: part.file, position: *position }, row);
            }
        }
        Ok(())
    }

    /// A row in a file, unless a newer version is in memory.
    fn learn_older(&mut self, at: RowRef, row: &SpanRow) {
        let key = SpanKey::of(&row.priced);
        if self.memory.span(&key).is_none() {
            let stored = MemSpan::new(row.clone());
            let known = Known { next: stored.clone(), stored: Some(stored), file_row: Some(at), touched: false };
            self.known.entry(key).or_insert(known);
        }
    }

    /// Puts the batch's rows in. Gives their keys in the order they came.
    fn merge(&mut self, rows: Vec<SpanRow>) -> Vec<SpanKey> {
        let mut order = Vec::with_capacity(rows.len());
        for row in rows {
            let key = SpanKey::of(&row.priced);
            order.push(key.clone());
            match self.known.get_mut(&key) {
                Some(known) => {
                    known.next.base = merged(self.stages, &known.next.base, row);
                    known.touched = true;
                }
                None => {
                    let known = Known { stored: None, file_row: None, next: MemSpan::new(row), touched: true };
                    self.known.insert(key, known);
                }
            }
        }
        order
    }

    /// The known spans of which the batch's content records tell.
    fn targets(&self, content: &[StoredLog], named: &BTreeSet<SpanKey>) -> Vec<SpanKey> {
        let by_id: BTreeSet<SpanKey> = content.iter().filter_map(span_of_log).collect();
        let by_response: BTreeSet<LookupKey> = content.iter().filter_map(response_of).collect();
        let told = |key: &SpanKey| {
            let known = self.known.get(key);
            known.is_some_and(|known| by_id.contains(key) || known.content_keys().any(|key| by_response.contains(&key)))
        };
        named.iter().filter(|key| told(key)).cloned().collect()
    }

    /// Gives every touched span what all its content records say. Tells the spans that no record tells of.
    pub(super) fn enrich(
        &mut self,
        touched: &BTreeSet<SpanKey>,
        content: &[StoredLog],
    ) -> StoreResult<BTreeSet<SpanKey>> {
        let logs = self.content_of(touched, content)?;
        let (mut learned, mut untold) = (BTreeSet::new(), BTreeSet::new());
        for key in touched {
            let Some(known) = self.known.get_mut(key) else { continue };
            known.touched = true;
            let own = logs.of(known.next.said());
            known.next.row = enriched(self.stages, &known.next.base, &own);
            if own.is_empty() {
                untold.insert(key.clone());
            }
            if response_key(&known.next.row.priced) != response_key(known.next.said()) {
                learned.insert(key.clone());
            }
        }
        if learned.is_empty() {
            return Ok(untold);
        }
        // A record told the response by which other records go.
        let logs = self.content_of(&learned, content)?;
        for key in &learned {
            let Some(known) = self.known.get_mut(key) else { continue };
            known.next.row = enriched(self.stages, &known.next.base, &logs.of(&known.next.row.priced));
        }
        Ok(untold)
    }

    /// All content records that may tell of the touched spans; of two copies the stored one.
    fn content_of(&self, touched: &BTreeSet<SpanKey>, content: &[StoredLog]) -> StoreResult<ContentLogs> {
        let mut logs = ContentLogs::default();
        let traces: BTreeSet<TraceKey> = touched.iter().map(trace_of).collect();
        for trace in &traces {
            self.memory.find_logs(trace.lookup()).for_each(|log| logs.add(log));
            self.files.get(trace).iter().flat_map(|found| &found.logs).for_each(|log| logs.add(log));
        }
        let known = touched.iter().filter_map(|key| self.known.get(key));
        let responses: BTreeSet<LookupKey> = known.flat_map(Known::content_keys).collect();
        for key in &responses {
            self.memory.find_logs(*key).for_each(|log| logs.add(log));
        }
        for part in self.find(Table::Logs, responses)? {
            batch_to_logs(&part.rows)?.iter().for_each(|log| logs.add(log));
        }
        content.iter().for_each(|log| logs.add(log));
        Ok(logs)
    }

    /// What must be stored. `order` holds the rows of the batch as they came, to be counted.
    pub(super) fn change(self, order: &[SpanKey]) -> TableChange<MemSpan> {
        let mut change = TableChange::default();
        let mut outcome: KeyMap<SpanKey, (bool, bool)> = KeyMap::default();
        for (key, known) in self.known {
            if known.stored.is_none() && is_of_records(&known.next.row.priced) && !known.next.row.priced.span.counts {
                // Spans tell of that call: a row beside them would only be in the way.
                outcome.insert(key, (true, false));
                continue;
            }
            let changed = known.touched && known.stored.as_ref() != Some(&known.next);
            outcome.insert(key, (known.stored.is_some(), changed));
            if changed {
                change.upserts.push(Upsert { row: known.next, replaces: known.file_row });
            }
        }
        for key in order {
            // The second copy in a batch finds the first.
            let (known, changed) = outcome.insert(key.clone(), (true, false)).unwrap_or_default();
            change.commit.count(known, changed);
        }
        change
    }
}

fn learn(known: &mut BTreeMap<SpanKey, Known>, span: &Arc<MemSpan>) {
    let key = SpanKey::of(span.said());
    known.entry(key).or_insert_with(|| {
        let stored = MemSpan::clone(span);
        Known { next: stored.clone(), stored: Some(stored), file_row: None, touched: false }
    });
}

/// Two copies of one span. What came first of all is when it was taken.
fn merged(stages: &dyn Stages, old: &SpanRow, new: SpanRow) -> SpanRow {
    let received_at = old.priced.span.received_at.min(new.priced.span.received_at);
    let mut merged = stages.merge(&old.priced, PricedSpan::clone(&new.priced));
    merged.span.received_at = received_at;
    // A copy that took nothing from the stored row has taken nothing from its content records either.
    let mut pure = new;
    pure.edit().span.received_at = received_at;
    let joined = old.joined && merged != *pure.priced;
    if merged == *old.priced { old.clone() } else { SpanRow { priced: Arc::new(merged), joined } }
}

/// The row with what its content records say.
fn enriched(stages: &dyn Stages, base: &SpanRow, own: &[Arc<RawLog>]) -> SpanRow {
    if own.is_empty() {
        return base.clone();
    }
    let priced = stages.enrich(&base.priced, own).map_or_else(|| Arc::clone(&base.priced), Arc::new);
    SpanRow { priced, joined: true }
}

/// Content records, each once, by what they name.
#[derive(Default)]
struct ContentLogs {
    by_span: KeyMap<SpanKey, BTreeMap<LogKey, StoredLog>>,
    by_response: KeyMap<LookupKey, BTreeMap<LogKey, StoredLog>>,
}

impl ContentLogs {
    fn add(&mut self, log: &StoredLog) {
        let own = match (span_of_log(log), response_of(log)) {
            (Some(span), _) => self.by_span.entry(span).or_default(),
            (None, Some(response)) => self.by_response.entry(response).or_default(),
            (None, None) => return,
        };
        own.entry(log.key()).or_insert_with(|| log.clone());
    }

    /// What tells of a span, in an order that does not depend on how it came.
    fn of(&self, row: &PricedSpan) -> Vec<Arc<RawLog>> {
        let by_key = content_keys(row).filter_map(|key| self.by_response.get(&key));
        let meant = by_key.flatten().filter(|(_, log)| log.project == row.span.project && is_meant(log, row));
        let mut own: Vec<_> = self.by_span.get(&SpanKey::of(row)).into_iter().flatten().chain(meant).collect();
        own.sort_by_key(|(key, log)| (log.time(), *key));
        own.into_iter().map(|(_, log)| Arc::clone(&log.log)).collect()
    }
}

/// The span a content record names by its ids, unless it goes by a response: then they are a parent's.
fn span_of_log(log: &StoredLog) -> Option<SpanKey> {
    let (trace_id, span_id) = (log.log.trace_id?, log.log.span_id?);
    (log.content && log.response_id.is_none()).then(|| SpanKey { project: log.project.clone(), trace_id, span_id })
}

/// The response a content record names.
fn response_of(log: &StoredLog) -> Option<LookupKey> {
    let response = log.response_id.as_ref().filter(|_| log.content)?;
    Some(LookupKey::response(log.project.as_str(), response))
}

/// The trace it names, if its key is one.
fn trace_named(log: &StoredLog) -> Option<LookupKey> {
    let named = log.response_id.as_ref().filter(|_| log.content)?;
    TraceId::from_hex(named).ok().map(|_| LookupKey::trace(log.project.as_str(), named))
}

/// Whether a record that goes by a key means this row.
fn is_meant(log: &StoredLog, row: &PricedSpan) -> bool {
    let same_trace = log.log.trace_id.is_none_or(|id| id == row.span.trace_id);
    (same_trace && log.response_id.as_deref() == row.span.response_id.as_deref())
        || (is_of_records(row) && log.response_id.as_deref() == Some(&row.span.trace_id.to_string()))
}

/// Made of a record, not of a span.
fn is_of_records(row: &PricedSpan) -> bool {
    row.span.source == SpanSource::Log
}

/// By what content records may name a row.
fn content_keys(row: &PricedSpan) -> impl Iterator<Item = LookupKey> {
    let project = row.span.project.as_str();
    let trace = is_of_records(row).then(|| LookupKey::response(project, &row.span.trace_id.to_string()));
    response_key(row).into_iter().chain(trace)
}

fn response_key(row: &PricedSpan) -> Option<LookupKey> {
    row.span.response_id.as_ref().map(|id| LookupKey::response(row.span.project.as_str(), id))
}

pub(super) fn trace_of(key: &SpanKey) -> TraceKey {
    TraceKey { project: key.project.clone(), trace_id: key.trace_id }
}
