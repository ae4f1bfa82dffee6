//! Joins: what a batch means for the rows that are stored already.
//!
//! In: a batch, the memtable, and a port to rows in files. Out: a [`Change`]: rows to put into the memtable and the rows
//! in files they replace. Re-sent rows merge with what is there, content records enrich their spans whichever comes
//! first, and every touched trace is asked anew which rows own their tokens. All of it is a function of what is stored:
//! the order in which batches come and how often they come make no difference.
//!
//! Limits: spans and content records find each other when their times lie within [`TRACE_REACH_NS`]; a trace of more than
//! [`MAX_SETTLE_SPANS`] rows is settled only among the spans of the batch and their parents.

mod cache;
mod change;
mod delete;
mod older;
mod plain;
mod rewrite;
mod spans;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::cache::OlderTraces;
use crate::deletion::{Deleted, DeletionChunk};
use crate::error::StoreResult;
use crate::memtable::Memtable;
use crate::rewrite::{Chunk, Named, RewriteReport};
use crate::rows::{SpanKey, SpanRow, StoredLog, StoredPoint};
use crate::stages::{Batch, Rewrite, Stages};

#[cfg(test)]
pub(crate) use change::Upsert;
pub(crate) use change::{Change, Gone};
use older::those_in_files;
pub(crate) use older::{Older, OlderRows, RowRef};

/// Rows of one trace beyond which it is no longer settled as a whole: settling costs time with every batch of the trace.
pub(crate) const MAX_SETTLE_SPANS: usize = 20_000;
/// How far apart in time the parts of a trace may lie to be joined: bounds the files a look-up visits.
pub const TRACE_REACH_NS: i64 = 24 * 3600 * 1_000_000_000;

/// Decides what batches mean. One at a time: what it read must still be true when its change is applied.
pub(crate) struct Joiner {
    stages: Arc<dyn Stages>,
    traces: OlderTraces,
}

impl Joiner {
    /// A joiner that asks these stages.
    pub(crate) fn new(stages: Arc<dyn Stages>) -> Self {
        Self { stages, traces: OlderTraces::default() }
    }

    /// What a batch changes. Apply the change before the next batch is planned.
    pub(crate) fn plan(&mut self, memory: &Memtable, older: &dyn Older, batch: Batch) -> StoreResult<Change> {
        let stages = &self.stages;
        let logs = batch.logs.into_iter().map(|row| {
            let response_id = if row.content { stages.content_key(&row.log) } else { None };
            StoredLog::new(row, response_id)
        });
        let (logs, content) = plain::logs(memory, older, logs.collect())?;
        let points = plain::points(memory, older, batch.points.into_iter().map(StoredPoint::new).collect())?;
        let rows = batch.spans.into_iter().map(|priced| SpanRow { priced, joined: false }).collect();
        let spans =
            spans::plan(spans::Scene { stages: &**stages, memory, older, traces: &mut self.traces }, rows, &content)?;
        let commit = logs.commit + points.commit + spans.commit;
        let (spans, logs, points) = (spans.upserts, logs.upserts, points.upserts);
        Ok(Change { spans, logs, points, commit, ..Change::default() })
    }

    /// What it means to make a chunk of stored rows again. Apply the change before anything else is planned.
    pub(crate) fn rewrite(
        &self,
        memory: &Memtable,
        older: &dyn Older,
        chunk: &Chunk,
    ) -> StoreResult<(Change, RewriteReport)> {
        // Of its own, so that traces which grow now stay in the other.
        let mut traces = OlderTraces::default();
        let times =
            chunk.times.start().saturating_sub(TRACE_REACH_NS)..=chunk.times.end().saturating_add(TRACE_REACH_NS);
        let chunk = &Chunk { times, ..chunk.clone() };
        let scene = spans::Scene { stages: &*self.stages, memory, older, traces: &mut traces };
        let mut change = Change::default();
        let report = match &chunk.rows {
            Named::Spans(spans) => {
                let key = |(trace_id, span_id): &(_, _)| SpanKey {
                    project: chunk.project.clone(),
                    trace_id: *trace_id,
                    span_id: *span_id,
                };
                let named = spans.iter().map(key).collect();
                let (spans, report) = match chunk.why {
                    Rewrite::Price => rewrite::prices(&scene, chunk, named)?,
                    Rewrite::Normalise => rewrite::normalised(scene, chunk, &named)?,
                };
                change.spans = spans.upserts;
                report
            }
            Named::Logs(row_ids) => {
                let (logs, spans, report) = rewrite::logs(scene, chunk, row_ids)?;
                (change.logs, change.spans) = (logs.upserts, spans.upserts);
                report
            }
        };
        Ok((change, report))
    }

    /// What it means to delete rows. Apply the change before anything else is planned.
    pub(crate) fn delete(
        &mut self,
        memory: &Memtable,
        older: &dyn Older,
        chunk: &DeletionChunk,
    ) -> StoreResult<(Change, Deleted)> {
        // What was read of a deleted trace must not come back with its next span.
        self.traces.clear();
        let mut traces = OlderTraces::default();
        delete::plan(spans::Scene { stages: &*self.stages, memory, older, traces: &mut traces }, chunk)
    }

    /// Files came or went: what was read from them must be read again.
    pub(crate) fn files_changed(&mut self) {
        self.traces.clear();
    }
}
