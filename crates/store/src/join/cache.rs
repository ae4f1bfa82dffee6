//! Traces read from files, kept until files change: an agent that works for hours sends a batch every few seconds, and
//! each of them asks for the whole trace.

use std::ops::RangeInclusive;
use std::sync::Arc;

use pellucid_model::{ProjectId, TraceId};

use super::{MAX_SETTLE_SPANS, Older, RowRef, TRACE_REACH_NS};
use crate::error::StoreResult;
use crate::rows::{KeyMap, LookupKey, SpanRow, StoredLog, batch_to_logs, batch_to_spans};
use crate::snapshot::Table;

/// Bytes of rows kept: a few large traces; beyond it everything is read again.
const MAX_BYTES: usize = 32 << 20;

/// What a trace is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TraceKey {
    pub(super) trace_id: TraceId,
    pub(super) project: ProjectId,
}

impl TraceKey {
    /// The key by which its rows are found.
    pub(super) fn lookup(&self) -> LookupKey {
        LookupKey::trace(self.project.as_str(), &self.trace_id.to_string())
    }
}

/// What lies in files of one trace.
#[derive(Debug, Default)]
pub(super) struct OlderTrace {
    pub(super) spans: Vec<(RowRef, SpanRow)>,
    pub(super) logs: Vec<StoredLog>,
}

/// Traces read from files.
#[derive(Debug, Default)]
pub(super) struct OlderTraces {
    traces: KeyMap<TraceKey, (RangeInclusive<i64>, Arc<OlderTrace>)>,
    bytes: usize,
}

impl OlderTraces {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What lies in files of these traces between `times`. Traces without anything are left out, and so are the spans of
    /// traces too large to be settled.
    pub(super) fn load(
        &mut self,
        older: &dyn Older,
        traces: &[TraceKey],
        times: &RangeInclusive<i64>,
    ) -> StoreResult<KeyMap<TraceKey, Arc<OlderTrace>>> {
        let covers = |have: &RangeInclusive<i64>| have.contains(times.start()) && have.contains(times.end());
        let (mut known, mut missing) = (KeyMap::default(), Vec::new());
        for trace in traces {
            match self.traces.get(trace) {
                Some((have, found)) if covers(have) => {
                    known.insert(trace.clone(), Arc::clone(found));
                }
                _ => missing.push(trace),
            }
        }
        // A little more than asked for, so that the next batch of the trace asks for nothing new.
        let times = times.start().saturating_sub(TRACE_REACH_NS)..=times.end().saturating_add(TRACE_REACH_NS);
        for (trace, found) in read(older, &missing, &times)? {
            let found = Arc::new(found);
            self.keep(trace.clone(), times.clone(), Arc::clone(&found));
            known.insert(trace, found);
        }
        Ok(known)
    }

    fn keep(&mut self, trace: TraceKey, times: RangeInclusive<i64>, found: Arc<OlderTrace>) {
        let spans = found.spans.iter().map(|(_, row)| row.heap_bytes()).sum::<usize>();
        let bytes = spans + found.logs.iter().map(StoredLog::heap_bytes).sum::<usize>();
        if self.bytes + bytes > MAX_BYTES {
            self.clear();
        }
        self.bytes += bytes;
        self.traces.insert(trace, (times, found));
    }
}

fn read(
    older: &dyn Older,
    traces: &[&TraceKey],
    times: &RangeInclusive<i64>,
) -> StoreResult<KeyMap<TraceKey, OlderTrace>> {
    let mut read: KeyMap<TraceKey, OlderTrace> = KeyMap::default();
    let wanted = |table| -> StoreResult<Vec<LookupKey>> {
        let mut few = Vec::new();
        for key in traces.iter().map(|trace| trace.lookup()) {
            if (1..=MAX_SETTLE_SPANS).contains(&older.count(table, key, times)?) {
                few.push(key);
            }
        }
        Ok(few)
    };
    let spans = wanted(Table::Spans)?;
    let parts = if spans.is_empty() { Vec::new() } else { older.find(Table::Spans, &spans, times)? };
    for part in parts {
        for (row, position) in batch_to_spans(&part.rows)?.into_iter().zip(&part.positions) {
            let span = &row.priced.span;
            let trace = TraceKey { project: span.project.clone(), trace_id: span.trace_id };
            if traces.contains(&&trace) {
                read.entry(trace).or_default().spans.push((RowRef { file: part.file, position: *position }, row));
            }
        }
    }
    let logs = wanted(Table::Logs)?;
    let parts = if logs.is_empty() { Vec::new() } else { older.find(Table::Logs, &logs, times)? };
    for part in parts {
        for row in batch_to_logs(&part.rows)? {
            let trace = row.log.trace_id.map(|trace_id| TraceKey { project: row.project.clone(), trace_id });
            if let Some(trace) = trace.filter(|trace| row.content && traces.contains(&trace)) {
                read.entry(trace).or_default().logs.push(row);
            }
        }
    }
    Ok(read)
}
