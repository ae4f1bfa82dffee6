//! A store, what it was told, and what it must therefore hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute;
use bytes::Bytes;
use pellucid_model::{PricedSpan, ProjectId, RawLog, Result, Timestamp};

use crate::deletion::{Deletion, DeletionOrder, Subject};
use crate::error::StoreError;
use crate::files::read_rows;
use crate::options::Options;
use crate::rows::tests::{span_id, trace_id};
use crate::rows::{SpanRow, batch_to_spans};
use crate::snapshot::{Table, TableSnapshot};
use crate::stages::{Batch, Rewrite, Stages, WalRecord};
use crate::store::{Commit, MergeReport, Store, StoreStats};

/// Numbers of spans and their names.
pub(super) type Rows = BTreeMap<u64, String>;

/// Records are lines of `number name`; of two copies the greater name stays.
struct Lines;

impl Stages for Lines {
    fn prepare(&self, record: &WalRecord) -> Batch {
        let lines = std::str::from_utf8(&record.body).unwrap().lines();
        let spans = lines.map(|line| {
            let (number, name) = line.split_once(' ').unwrap();
            Arc::new(span(number.parse().unwrap(), name))
        });
        Batch { spans: spans.collect(), ..Batch::default() }
    }

    fn merge(&self, old: &PricedSpan, new: PricedSpan) -> PricedSpan {
        if new.span.name > old.span.name { new } else { old.clone() }
    }

    fn enrich(&self, _: &PricedSpan, _: &[Arc<RawLog>]) -> Option<PricedSpan> {
        None
    }

    fn settle(&self, _: &[Arc<PricedSpan>]) -> Vec<(usize, bool)> {
        Vec::new()
    }

    fn is_content(&self, _: &RawLog) -> bool {
        false
    }

    fn rewrite(&self, _: Rewrite, row: &PricedSpan) -> PricedSpan {
        row.clone()
    }
}

pub(super) fn stages() -> Arc<dyn Stages> {
    Arc::new(Lines)
}

/// What a version of a row says: most say something long, of which a part is what others of the trace say.
fn said(number: u64, name: &str) -> Option<String> {
    let part = |text: &str| format!(r#"{{"text":"{}"}}"#, text.repeat(50));
    let all = part(&format!("trace {} ", number / 4));
    (!number.is_multiple_of(3)).then(|| format!("[{all},{}]", part(&own_words(number, name))))
}

/// The session that the first span of a trace names.
pub(super) fn session(trace: u64) -> String {
    format!("session-{}", trace % 3)
}

/// What no other version of a row says.
pub(super) fn own_words(number: u64, name: &str) -> String {
    format!("row {number} as {name}. ")
}

fn span(number: u64, name: &str) -> PricedSpan {
    let mut row = SpanRow::blank(trace_id(number / 4), span_id(number));
    let span = &mut row.edit().span;
    span.name = name.to_owned();
    span.content.input_value = said(number, name);
    if number.is_multiple_of(4) {
        span.who.session_id = Some(session(number / 4));
    }
    (span.start_time, span.end_time) = (Timestamp::from_nanos(number as i64), Timestamp::from_nanos(number as i64));
    PricedSpan::clone(&row.priced)
}

/// One request of these rows.
pub(super) fn record(rows: &[(u64, &str)]) -> WalRecord {
    let body: String = rows.iter().map(|(number, name)| format!("{number} {name}\n")).collect();
    WalRecord {
        project: ProjectId::default(),
        signal: 0,
        encoding: 0,
        received_at: Timestamp::from_nanos(1),
        body: Bytes::from(body),
    }
}

/// Adds rows to what must be there.
pub(super) fn expect(wanted: &mut Rows, rows: &[(u64, &str)]) {
    for (number, name) in rows {
        let stored = wanted.entry(*number).or_default();
        if stored.as_str() < *name {
            *stored = (*name).to_owned();
        }
    }
}

/// What a view shows, without the rows that are masked.
pub(super) fn batches_of(view: &TableSnapshot) -> Vec<RecordBatch> {
    let kept = view.files.iter().flat_map(|file| {
        let masked: BTreeSet<u32> = file.deleted.iter().copied().collect();
        let places: Vec<u32> = (0..file.rows as u32).filter(|place| !masked.contains(place)).collect();
        read_rows(Table::Spans, &file.path, file.texts.is_some(), &places).unwrap()
    });
    let memory = view.memory.iter().map(|batch| {
        let all = UInt32Array::from_iter_values(0..batch.num_rows() as u32);
        compute::take_record_batch(batch, &all).unwrap()
    });
    kept.chain(memory).collect()
}

/// Every row of a view; panics if one stands twice.
pub(super) fn rows_of(view: &TableSnapshot) -> Rows {
    let mut rows = Rows::new();
    for batch in batches_of(view) {
        for row in batch_to_spans(&batch).unwrap() {
            let span = &row.priced.span;
            let number = u64::from_be_bytes(*span.span_id.as_bytes()) - 1;
            let twice = rows.insert(number, span.name.clone());
            assert_eq!(twice, None, "row {number} stands twice");
            assert_eq!(span.content.input_value, said(number, &span.name), "row {number}");
        }
    }
    rows
}

/// The rows of the store in a directory, opened and dropped.
pub(super) async fn rows_in(dir: &Path) -> Rows {
    let store = Store::open(Options::new(dir), stages()).await.unwrap();
    rows_of(&store.snapshot(Table::Spans).unwrap())
}

/// An order of the default project.
pub(super) fn order(subject: Subject) -> DeletionOrder {
    let ordered_at = Timestamp::from_nanos(5);
    DeletionOrder { project: ProjectId::default(), subject, who: "me".to_owned(), reason: None, ordered_at }
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_nanos(77)
}

/// A store, what it was told, and what it must therefore hold.
pub(super) struct World {
    store: Option<Arc<Store>>,
    options: Options,
    wanted: Rows,
    _dir: tempfile::TempDir,
}

impl World {
    pub(super) async fn open() -> Self {
        Self::open_with(&|_| {}).await
    }

    pub(super) async fn open_with(change: &dyn Fn(&mut Options)) -> Self {
        Self::open_at(tempfile::tempdir().unwrap(), change).await
    }

    /// In a folder of that place, if it can be had.
    pub(super) async fn open_in(place: &Path, change: &dyn Fn(&mut Options)) -> Self {
        let dir = tempfile::tempdir_in(place).or_else(|_| tempfile::tempdir());
        Self::open_at(dir.unwrap(), change).await
    }

    async fn open_at(dir: tempfile::TempDir, change: &dyn Fn(&mut Options)) -> Self {
        let mut options = Options::new(dir.path().join("new/data"));
        change(&mut options);
        let store = Store::open(options.clone(), stages()).await.unwrap();
        Self { store: Some(Arc::new(store)), options, wanted: Rows::new(), _dir: dir }
    }

    /// Changes the options of the next open.
    pub(super) fn set(&mut self, change: impl Fn(&mut Options)) {
        change(&mut self.options);
    }

    pub(super) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// The store, for work beside others; let go of it before the next restart.
    pub(super) fn shared(&self) -> Arc<Store> {
        Arc::clone(self.store.as_ref().unwrap())
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.options.dir.clone()
    }

    /// Writes rows; they are wanted from now on if the store says so.
    pub(super) async fn write(&mut self, rows: &[(u64, &str)]) -> Result<Commit> {
        let record = record(rows);
        let batch = Lines.prepare(&record);
        let commit = self.store().write(record, batch).await?;
        expect(&mut self.wanted, rows);
        Ok(commit)
    }

    /// Some rows are wanted no longer.
    pub(super) fn forget(&mut self, which: impl Fn(u64) -> bool) {
        self.wanted.retain(|number, _| !which(*number));
    }

    /// Deletes traces; nothing of them is wanted from now on.
    pub(super) async fn delete(&mut self, subject: Subject) -> Deletion {
        let doomed: Vec<u64> = match &subject {
            Subject::Trace(id) => (0..1000).filter(|trace| trace_id(*trace) == *id).collect(),
            Subject::Session(id) => {
                let firsts = self.wanted.keys().filter(|number| number.is_multiple_of(4));
                firsts.map(|number| number / 4).filter(|trace| session(*trace) == *id).collect()
            }
            Subject::User(_) => Vec::new(),
        };
        let accepted = self.store().accept_deletion(&order(subject)).await.unwrap();
        let hidden = self.store().hide(accepted, now).await.unwrap();
        let before = self.wanted.len();
        self.wanted.retain(|number, _| !doomed.contains(&(number / 4)));
        assert_eq!(hidden.spans, (before - self.wanted.len()) as u64, "{hidden:?}");
        hidden
    }

    /// What was acknowledged.
    pub(super) fn rows(&self) -> Rows {
        self.wanted.clone()
    }

    /// Every acknowledged row is in the view, once, in its newest version.
    pub(super) fn check(&self) {
        assert_eq!(rows_of(&self.store().snapshot(Table::Spans).unwrap()), self.wanted);
        assert_eq!(self.store().stats().rows.spans, self.wanted.len() as u64);
    }

    /// Orders a merge beside everything else.
    pub(super) fn order_merge(&self) -> tokio::task::JoinHandle<Result<MergeReport>> {
        let order = self.store().order_merge().unwrap();
        tokio::spawn(async move { Ok(order.await.map_err(|_| StoreError::Closed)??) })
    }

    /// Ends without a flush.
    pub(super) fn stop(&mut self) {
        drop(self.store.take());
    }

    /// Opens again what has ended.
    pub(super) async fn try_open(&mut self) -> Result<()> {
        self.store = Some(Arc::new(Store::open(self.options.clone(), stages()).await?));
        Ok(())
    }

    /// Ends without a flush and opens again.
    pub(super) async fn crash(&mut self) {
        self.stop();
        self.try_open().await.unwrap();
    }

    /// Closes in order and opens again.
    pub(super) async fn restart(&mut self) {
        self.store().close().await.unwrap();
        self.crash().await;
    }

    /// Waits until the sizes are as wanted.
    pub(super) async fn until(&self, there: impl Fn(&StoreStats) -> bool) {
        for _ in 0..1000 {
            if there(&self.store().stats()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it never came: {:?}", self.store().stats());
    }
}
