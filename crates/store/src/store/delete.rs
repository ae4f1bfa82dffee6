//! Deletions: from a subject to its traces, from traces to rows, and chunk by chunk through the log.
//!
//! In: an order. Out: the deletion, which says how far it is. What was stored when the walk began is gone when it ends,
//! and so is what came for the same traces meanwhile: the apply thread goes by the trace, not by a list of rows. What
//! comes later is new. Log records go first: a walk that is cut off finds the traces again by their spans.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampNanosecondType;
use pellucid_model::{ProjectId, Result, Timestamp, TraceId};

use super::Store;
use super::apply::Task;
use super::state::read;
use crate::deletion::{Deletion, DeletionChunk, DeletionOrder, DeletionState, Doomed, Subject};
use crate::error::{StoreError, StoreResult};
use crate::files::{Layout, scan_columns};
use crate::join::TRACE_REACH_NS;
use crate::memtable::MemoryView;
use crate::rows::Texts;
use crate::snapshot::{FileRef, Table};

/// Log records a chunk, and spans a chunk unless one trace has more: senders hardly wait for one.
const CHUNK_ROWS: u64 = 5_000;
/// Traces a chunk.
const CHUNK_TRACES: usize = 1_000;
/// Traces that are looked for in one walk: bounds what is in memory. A subject of more takes several walks.
const WALK_TRACES: usize = 200_000;

impl Store {
    /// Takes an order: from now on it is remembered, and done by [`Store::hide`] and [`Store::purge`].
    pub async fn accept_deletion(&self, order: &DeletionOrder) -> Result<Deletion> {
        Ok(self.metadata.add_deletion(order).await?)
    }

    /// The newest deletions of a project, below number `before` if given; newest first.
    pub async fn deletions(&self, project: &str, before: Option<i64>, limit: u32) -> Result<Vec<Deletion>> {
        Ok(self.metadata.deletions(project, before, limit).await?)
    }

    /// Deletions of all projects whose rows may still be seen or whose bytes may still be on the disk, oldest first.
    pub async fn open_deletions(&self) -> Result<Vec<Deletion>> {
        let mut open = self.metadata.deletions_in(DeletionState::Accepted).await?;
        open.extend(self.metadata.deletions_in(DeletionState::Hidden).await?);
        open.sort_by_key(|deletion| deletion.id);
        Ok(open)
    }

    /// Takes the rows of an accepted deletion out of every answer. May be asked again after a failure or a restart.
    pub async fn hide(&self, deletion: Deletion, now: fn() -> Timestamp) -> Result<Deletion> {
        let mut deletion = deletion;
        match self.hide_inner(&mut deletion).await {
            Ok(()) => {
                deletion.state = DeletionState::Hidden;
                (deletion.hidden_at, deletion.problem) = (Some(now()), None);
                self.metadata.keep_deletion(&deletion).await?;
                Ok(deletion)
            }
            Err(error) => {
                deletion.problem = Some(error.to_string());
                self.metadata.keep_deletion(&deletion).await?;
                Err(error.into())
            }
        }
    }

    async fn hide_inner(&self, deletion: &mut Deletion) -> StoreResult<()> {
        let subject = Subject::new(deletion.kind, &deletion.subject).ok_or_else(|| {
            StoreError::Internal(format!("deletion {} names no {}", deletion.id, deletion.kind.as_str()))
        })?;
        let search = Arc::new(Search {
            project: ProjectId::new(deletion.project.as_str()),
            names: self.stages.subject_attributes(subject.kind()),
            subject,
        });
        loop {
            let view = Arc::new(self.view_to_search());
            let (searched, found) = (Arc::clone(&search), Arc::clone(&view));
            let traces = blocking(move || searched.traces(&found)).await?;
            let is_last = traces.len() < WALK_TRACES;
            let (searched, traces) = (Arc::clone(&search), Arc::new(traces));
            let sought = Arc::clone(&traces);
            let mut chunks = blocking(move || searched.log_chunks(&view, &sought)).await?;
            chunks.extend(search.trace_chunks(&traces));
            deletion.chunks += chunks.len() as u64;
            for chunk in chunks {
                let record = chunk.to_record(deletion.ordered_at);
                let deleted = self.submit_patiently(&record, || Task::Delete(chunk.clone())).await?.deleted;
                deletion.spans += deleted.spans;
                deletion.logs += deleted.logs;
                deletion.chunks_done += 1;
                self.metadata.keep_deletion(deletion).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Everything as it stands at one moment.
    fn view_to_search(&self) -> View {
        let state = read(&self.state);
        let of = |table| (state.files.views(table), state.memory.view(table));
        View { spans: of(Table::Spans), logs: of(Table::Logs) }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> StoreResult<T> + Send + 'static) -> StoreResult<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| StoreError::Internal(format!("a deletion was given up: {cause}")))?
}

/// The rows of the two tables in which something can be deleted.
struct View {
    spans: (Vec<FileRef>, MemoryView),
    logs: (Vec<FileRef>, MemoryView),
}

/// Spans of one trace.
#[derive(Debug, Clone, Default)]
struct Found {
    spans: u64,
    /// First and last start.
    times: Option<(i64, i64)>,
    /// Responses that they name.
    responses: HashSet<String>,
}

type Traces = BTreeMap<TraceId, Found>;

/// What is looked for.
#[derive(Debug)]
struct Search {
    project: ProjectId,
    subject: Subject,
    /// Attributes by which records tell of it.
    names: Vec<String>,
}

impl Search {
    /// The traces of the subject, at most [`WALK_TRACES`], with what is known of their spans.
    fn traces(&self, view: &View) -> StoreResult<Traces> {
        let mut traces = Traces::new();
        match &self.subject {
            Subject::Trace(id) => drop(traces.insert(*id, Found::default())),
            Subject::Session(id) => self.naming("session_id", id, view, &mut traces)?,
            Subject::User(id) => self.naming("user_id", id, view, &mut traces)?,
        }
        let columns = ["project", "trace_id", "start_time", "response_id"];
        each(&view.spans, &columns, |rows, is_there| {
            let (projects, ids) = (Texts::of(rows, "project")?, Texts::of(rows, "trace_id")?);
            let (times, responses) = (times(rows, Table::Spans), Texts::of(rows, "response_id")?);
            for row in (0..rows.num_rows()).filter(|row| is_there(*row) && self.owns(&projects, *row)) {
                let id = ids.at(row).and_then(|id| TraceId::from_hex(id).ok());
                let Some(found) = id.and_then(|id| traces.get_mut(&id)) else { continue };
                found.spans += 1;
                let time = times.get(row).copied().unwrap_or_default();
                found.times = Some(found.times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
                found.responses.extend(responses.at(row).map(str::to_owned));
            }
            Ok(())
        })?;
        Ok(traces)
    }

    fn naming(&self, column: &str, id: &str, view: &View, traces: &mut Traces) -> StoreResult<()> {
        each(&view.spans, &["project", "trace_id", column], |rows, is_there| {
            let (projects, ids) = (Texts::of(rows, "project")?, Texts::of(rows, "trace_id")?);
            let names = Texts::of(rows, column)?;
            let named = |row: &usize| names.at(*row) == Some(id) && is_there(*row) && self.owns(&projects, *row);
            for row in (0..rows.num_rows()).filter(named) {
                let trace_id = ids.at(row).and_then(|id| TraceId::from_hex(id).ok());
                if let Some(trace_id) = trace_id.filter(|_| traces.len() < WALK_TRACES) {
                    traces.entry(trace_id).or_default();
                }
            }
            Ok(())
        })
    }

    fn owns(&self, projects: &Texts, row: usize) -> bool {
        projects.at(row) == Some(self.project.as_str())
    }

    /// The traces in chunks. A trace goes at once, however large it is.
    fn trace_chunks(&self, traces: &Traces) -> Vec<DeletionChunk> {
        let mut chunks: Vec<DeletionChunk> = Vec::new();
        let (mut ids, mut spans, mut times) = (Vec::new(), 0, None);
        let mut end = |ids: &mut Vec<TraceId>, times: &mut Option<(i64, i64)>| {
            let (first, last) = times.take().unwrap_or_default();
            let times = first.saturating_sub(TRACE_REACH_NS)..=last.saturating_add(TRACE_REACH_NS);
            let rows = Doomed::Traces(std::mem::take(ids));
            chunks.push(DeletionChunk { project: self.project.clone(), times, rows });
        };
        for (id, found) in traces.iter().filter(|(_, found)| found.spans > 0) {
            if !ids.is_empty() && (spans + found.spans > CHUNK_ROWS || ids.len() >= CHUNK_TRACES) {
                end(&mut ids, &mut times);
                spans = 0;
            }
            ids.push(*id);
            spans += found.spans;
            let known: Option<(i64, i64)> = times;
            times = match (known, found.times) {
                (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
                (known, found) => known.or(found),
            };
        }
        if !ids.is_empty() {
            end(&mut ids, &mut times);
        }
        chunks
    }

    /// The log records of these traces, and those that name the subject themselves, in chunks.
    fn log_chunks(&self, view: &View, traces: &Traces) -> StoreResult<Vec<DeletionChunk>> {
        let responses: HashSet<&str> = traces.values().flat_map(|found| &found.responses).map(String::as_str).collect();
        let mut named: Vec<(i64, Arc<str>)> = Vec::new();
        let mut columns = vec!["project", "trace_id", "response_id", "row_id", "time"];
        let by_attribute =
            (!matches!(self.subject, Subject::Trace(_)) && !self.names.is_empty()).then(|| self.subject.id());
        columns.extend(by_attribute.as_ref().map(|_| "attributes"));
        each(&view.logs, &columns, |rows, is_there| {
            let text = |name: &str| Texts::of(rows, name);
            let (projects, ids, answers) = (text("project")?, text("trace_id")?, text("response_id")?);
            let (row_ids, times) = (text("row_id")?, times(rows, Table::Logs));
            let is_one = |id: &str| TraceId::from_hex(id).is_ok_and(|id| traces.contains_key(&id));
            let means = |row: usize| {
                let by_trace = ids.at(row).is_some_and(is_one);
                // Records of rows that were made of records name their trace as a response.
                let by_answer = || {
                    let answer = answers.at(row).filter(|_| ids.at(row).is_none());
                    answer.is_some_and(|answer| responses.contains(answer) || is_one(answer))
                };
                by_trace || by_answer() || by_attribute.as_ref().is_some_and(|id| self.tells(rows, row, id))
            };
            for row in (0..rows.num_rows()).filter(|row| is_there(*row) && self.owns(&projects, *row) && means(*row)) {
                named.extend(row_ids.at(row).map(|id| (times.get(row).copied().unwrap_or_default(), id.into())));
            }
            Ok(())
        })?;
        let chunk = |rows: &[(i64, Arc<str>)]| {
            let times = rows.iter().map(|(time, _)| *time);
            let times = times.clone().min().unwrap_or_default()..=times.max().unwrap_or_default();
            let rows = Doomed::Logs(rows.iter().map(|(_, id)| Arc::clone(id)).collect());
            DeletionChunk { project: self.project.clone(), times, rows }
        };
        Ok(named.chunks(CHUNK_ROWS as usize).map(chunk).collect())
    }

    /// Whether one of the attributes says it.
    fn tells(&self, rows: &RecordBatch, row: usize, id: &str) -> bool {
        let map = rows.column_by_name("attributes").and_then(|column| column.as_map_opt());
        let Some(entries) = map.filter(|map| map.is_valid(row)).map(|map| map.value(row)) else { return false };
        let [keys, values] = entries.columns() else { return false };
        let texts = |column| arrow::compute::cast(column, &arrow::datatypes::DataType::Utf8);
        let (Ok(keys), Ok(values)) = (texts(keys), texts(values)) else { return false };
        let (keys, values) = (keys.as_string::<i32>(), values.as_string::<i32>());
        let mut entries = keys.iter().zip(values.iter());
        entries
            .any(|(key, value)| value == Some(id) && key.is_some_and(|key| self.names.iter().any(|name| name == key)))
    }
}

/// Hands over some columns of every row of a table, piece by piece, with a way to ask which rows are not masked.
fn each(
    (files, memory): &(Vec<FileRef>, MemoryView),
    columns: &[&str],
    mut f: impl FnMut(&RecordBatch, &dyn Fn(usize) -> bool) -> StoreResult<()>,
) -> StoreResult<()> {
    for file in files {
        scan_columns(&file.path, columns, |first, rows| {
            let masked =
                |row: usize| u32::try_from(first + row).is_ok_and(|row| file.deleted.binary_search(&row).is_ok());
            f(rows, &|row| !masked(row))
        })?;
    }
    memory.each().try_for_each(|rows| f(&rows?, &|_| true))
}

fn times(rows: &RecordBatch, table: Table) -> Vec<i64> {
    let column = rows.column_by_name(Layout::of(table).time);
    let times = column.and_then(|times| times.as_primitive_opt::<TimestampNanosecondType>());
    times.map(|times| times.values().to_vec()).unwrap_or_default()
}
