//! The walk over stored rows that shall be made again.
//!
//! In: an order. Out: a report, and one on the way after each chunk. The rows of one view are walked: what comes later
//! is made by the same stages anyway. A walk that is cut off leaves rows that are made again and rows that are not; it
//! may be ordered once more, and what is done is not done twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampNanosecondType;
use pellucid_model::{Kind, Result, SpanId, TraceId};

use super::apply::{Done, Task};
use super::state::read;
use super::{Store, TableSnapshot};
use crate::error::{StoreError, StoreResult};
use crate::files::read_columns;
use crate::join::Joiner;
use crate::rewrite::{Chunk, Named, RewriteOrder, RewriteReport};
use crate::rows::Texts;
use crate::snapshot::{FilePath, Table};
use crate::stages::{Rewrite, WalRecord};

/// Rows a chunk: enough that a file is not opened for each few, few enough that senders hardly wait for one.
const CHUNK_ROWS: usize = 1000;
/// How long to wait while memory is full and being flushed.
const FULL_WAIT: Duration = Duration::from_millis(200);

/// What must be known of a span to know whether it is meant.
const SPAN_COLUMNS: &[&str] =
    &["project", "trace_id", "span_id", "start_time", "kind", "request_model", "response_model"];
const LOG_COLUMNS: &[&str] = &["project", "row_id", "time"];

impl Store {
    /// Makes stored rows again and tells of it, after each chunk and at the end.
    pub async fn rewrite(
        &self,
        order: &RewriteOrder,
        mut told: impl FnMut(&RewriteReport) + Send,
    ) -> Result<RewriteReport> {
        Ok(self.walk(order, &mut told).await?)
    }

    async fn walk(
        &self,
        order: &RewriteOrder,
        told: &mut (impl FnMut(&RewriteReport) + Send),
    ) -> StoreResult<RewriteReport> {
        // Records first: what they tell of spans must be known when the spans are made again.
        let tables: &[Table] = match order.why {
            Rewrite::Price => &[Table::Spans],
            Rewrite::Normalise => &[Table::Logs, Table::Spans],
        };
        let mut sources = Vec::new();
        for table in tables {
            sources.extend(self.sources(*table, order)?);
        }
        let rows_total = sources.iter().map(|source| source.rows).sum();
        let mut report = RewriteReport { rows_total, ..RewriteReport::default() };
        told(&report);
        for source in sources {
            let (rows, wanted) = (source.rows, order.clone());
            let chunks = tokio::task::spawn_blocking(move || source.chunks(&wanted)).await;
            let chunks = chunks.map_err(|cause| StoreError::Internal(format!("a walk was given up: {cause}")))??;
            for chunk in chunks {
                report += self.rewrite_chunk(chunk, order).await?;
                told(&report);
            }
            report.rows_seen += rows;
            told(&report);
        }
        Ok(report)
    }

    async fn rewrite_chunk(&self, chunk: Chunk, order: &RewriteOrder) -> StoreResult<RewriteReport> {
        if order.dry_run {
            let (state, stages) = (Arc::clone(&self.state), Arc::clone(&self.stages));
            let planned = tokio::task::spawn_blocking(move || {
                let state = read(&state);
                Joiner::new(stages).rewrite(&state.memory, &state.files, &chunk)
            });
            let planned =
                planned.await.map_err(|cause| StoreError::Internal(format!("a walk was given up: {cause}")))?;
            return Ok(planned?.1);
        }
        let record = chunk.to_record(order.ordered_at);
        Ok(self.submit_patiently(&record, || Task::Rewrite(chunk.clone())).await?.report)
    }

    /// Logs a record of the store's own; waits while memory is full.
    pub(super) async fn submit_patiently(&self, record: &WalRecord, task: impl Fn() -> Task) -> StoreResult<Done> {
        loop {
            match self.submit(record.clone(), task()).await {
                // The rows of the chunks before are on their way into files.
                Err(StoreError::Full { .. }) => tokio::time::sleep(FULL_WAIT).await,
                outcome => return outcome,
            }
        }
    }

    /// Where rows of the period lie.
    fn sources(&self, table: Table, order: &RewriteOrder) -> StoreResult<Vec<RowSource>> {
        let TableSnapshot { files, memory, .. } = {
            let (memory, files) = {
                let state = read(&self.state);
                (state.memory.view(table), state.files.views(table))
            };
            TableSnapshot { schema: crate::schema::schema(table), files, memory: memory.batches()? }
        };
        let reaches = |min: i64, max: i64| min < order.to.as_nanos() && max >= order.from.as_nanos();
        let files = files.into_iter().filter(|file| reaches(file.min_time, file.max_time));
        let of_files = files.map(|file| RowSource {
            table,
            rows: file.rows - file.deleted.len() as u64,
            place: Place::File(file.path, file.deleted),
        });
        let of_memory = memory.into_iter().map(|batch| RowSource {
            table,
            rows: batch.num_rows() as u64,
            place: Place::Memory(batch),
        });
        Ok(of_files.chain(of_memory).collect())
    }
}

/// Rows of a table in one place.
struct RowSource {
    table: Table,
    rows: u64,
    place: Place,
}

enum Place {
    /// A data file, and the positions in it that are masked.
    File(FilePath, Arc<Vec<u32>>),
    Memory(RecordBatch),
}

impl RowSource {
    /// The rows that an order means, in chunks. Reads a file: costs time.
    fn chunks(self, order: &RewriteOrder) -> StoreResult<Vec<Chunk>> {
        let columns = if self.table == Table::Logs { LOG_COLUMNS } else { SPAN_COLUMNS };
        let (rows, masked) = match self.place {
            Place::File(path, masked) => (read_columns(&path, columns)?, masked),
            Place::Memory(batch) => (Some(batch), Arc::default()),
        };
        let Some(rows) = rows else { return Ok(Vec::new()) };
        match self.table {
            Table::Logs => log_chunks(&rows, &masked, order),
            _ => span_chunks(&rows, &masked, order),
        }
    }
}

/// Spans of a trace stand together, traces in the order of their first span: neighbours in a file stay neighbours.
fn span_chunks(rows: &RecordBatch, masked: &[u32], order: &RewriteOrder) -> StoreResult<Vec<Chunk>> {
    let text = |name: &str| Texts::of(rows, name);
    let (trace_ids, span_ids, kinds) = (text("trace_id")?, text("span_id")?, text("kind")?);
    let (asked, answered) = (text("request_model")?, text("response_model")?);
    let means = |row: usize| match order.why {
        Rewrite::Normalise => true,
        Rewrite::Price => {
            let is_call = kinds.at(row).and_then(Kind::parse).is_some_and(Kind::is_model_call);
            let wanted = |model: &String| [&asked, &answered].iter().any(|names| names.at(row) == Some(model.as_str()));
            is_call && order.model.as_ref().is_none_or(wanted)
        }
    };
    let mut place_of: BTreeMap<TraceId, usize> = BTreeMap::new();
    let mut traces: Vec<Vec<(i64, SpanId)>> = Vec::new();
    let mut names: Vec<TraceId> = Vec::new();
    for (row, time) in in_period(rows, "start_time", masked, order)?.into_iter().filter(|(row, _)| means(*row)) {
        let ids = trace_ids.at(row).zip(span_ids.at(row));
        let Some((trace_id, span_id)) =
            ids.and_then(|(trace, span)| Some((TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?)))
        else {
            continue;
        };
        let place = *place_of.entry(trace_id).or_insert_with(|| {
            traces.push(Vec::new());
            names.push(trace_id);
            traces.len() - 1
        });
        traces[place].push((time, span_id));
    }
    let named = names.iter().zip(&traces).flat_map(|(trace_id, spans)| spans.iter().map(|span| (*trace_id, *span)));
    let named: Vec<(TraceId, (i64, SpanId))> = named.collect();
    Ok(named
        .chunks(CHUNK_ROWS)
        .map(|rows| {
            let ids = rows.iter().map(|(trace_id, (_, span_id))| (*trace_id, *span_id)).collect();
            chunk(order, rows.iter().map(|(_, (time, _))| *time), Named::Spans(ids))
        })
        .collect())
}

fn log_chunks(rows: &RecordBatch, masked: &[u32], order: &RewriteOrder) -> StoreResult<Vec<Chunk>> {
    let row_ids = Texts::of(rows, "row_id")?;
    let named = in_period(rows, "time", masked, order)?.into_iter();
    let named: Vec<(i64, Arc<str>)> = named.filter_map(|(row, time)| Some((time, row_ids.at(row)?.into()))).collect();
    Ok(named
        .chunks(CHUNK_ROWS)
        .map(|rows| {
            let ids = rows.iter().map(|(_, row_id)| Arc::clone(row_id)).collect();
            chunk(order, rows.iter().map(|(time, _)| *time), Named::Logs(ids))
        })
        .collect())
}

fn chunk(order: &RewriteOrder, times: impl Iterator<Item = i64> + Clone, rows: Named) -> Chunk {
    let (first, last) = (times.clone().min().unwrap_or_default(), times.max().unwrap_or_default());
    Chunk { why: order.why, project: order.project.clone(), times: first..=last, rows }
}

/// Rows of the order's project and period that are not masked, with their times.
fn in_period(rows: &RecordBatch, time: &str, masked: &[u32], order: &RewriteOrder) -> StoreResult<Vec<(usize, i64)>> {
    let projects = Texts::of(rows, "project")?;
    let period: RangeInclusive<i64> = order.from.as_nanos()..=order.to.as_nanos().saturating_sub(1);
    let times = rows.column_by_name(time).and_then(|times| times.as_primitive_opt::<TimestampNanosecondType>());
    let Some(times) = times else { return Ok(Vec::new()) };
    let masked: BTreeSet<u32> = masked.iter().copied().collect();
    let meant = |row: &usize| {
        let position = u32::try_from(*row).unwrap_or(u32::MAX);
        projects.at(*row) == Some(order.project.as_str()) && !masked.contains(&position)
    };
    let rows = (0..rows.num_rows()).filter(meant).map(|row| (row, times.value(row)));
    Ok(rows.filter(|(_, time)| period.contains(time)).collect())
}
