//! Rows made again by newer stages: in memory and in files, across restarts and crashes at every step.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use pellucid_model::{Kind, PricedSpan, ProjectId, RawLog, Timestamp, Usd};

use super::crash::copy;
use super::world::*;
use crate::hook::{Hook, Step};
use crate::metadata::{Document, JournalEntry};
use crate::options::Options;
use crate::rewrite::{RewriteOrder, RewriteReport};
use crate::rows::batch_to_spans;
use crate::snapshot::Table;
use crate::stages::{Batch, Rewrite, Stages, WalRecord};
use crate::store::Store;

/// The lines of the other tests, understood better and better, at prices that a document tells.
struct Versioned {
    version: AtomicU64,
    price: AtomicU64,
}

impl Versioned {
    fn new(version: u64) -> Arc<Self> {
        Arc::new(Self { version: AtomicU64::new(version), price: AtomicU64::new(1) })
    }

    fn priced(&self, row: &mut PricedSpan) {
        row.cost.total = Usd::from_picos(self.price.load(Ordering::SeqCst).into());
    }
}

impl Stages for Versioned {
    fn remember(&self, documents: &[Document]) {
        let price = documents.iter().find(|document| document.kind == "price");
        let price = price.map_or(1, |document| document.body.parse().unwrap());
        self.price.store(price, Ordering::SeqCst);
    }

    fn prepare(&self, record: &WalRecord) -> Batch {
        let mut batch = stages().prepare(record);
        batch.spans.iter_mut().for_each(|row| *row = Arc::new(self.rewrite(Rewrite::Normalise, row)));
        batch
    }

    fn merge(&self, old: &PricedSpan, new: PricedSpan) -> PricedSpan {
        stages().merge(old, new)
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

    fn rewrite(&self, why: Rewrite, row: &PricedSpan) -> PricedSpan {
        let mut row = row.clone();
        if why == Rewrite::Normalise {
            row.span.operation = Some(format!("v{}", self.version.load(Ordering::SeqCst)));
            row.span.request_model = Some(row.span.name.clone());
            (row.span.kind, row.span.counts) = (Kind::Llm, true);
        }
        self.priced(&mut row);
        row
    }
}

/// What each row says of itself: name, version and price. Panics if one stands twice.
fn told(store: &Store) -> BTreeMap<u64, (String, String, i128)> {
    let view = store.snapshot(Table::Spans).unwrap();
    let mut rows = BTreeMap::new();
    for batch in batches_of(&view) {
        for row in batch_to_spans(&batch).unwrap() {
            let span = &row.priced.span;
            let number = u64::from_be_bytes(*span.span_id.as_bytes()) - 1;
            let said = (
                span.name.clone(),
                span.operation.clone().unwrap_or_default(),
                row.priced.cost.total.map_or(0, Usd::as_picos),
            );
            assert!(rows.insert(number, said).is_none(), "row {number} stands twice");
        }
    }
    rows
}

fn versions(store: &Store) -> Vec<String> {
    told(store).into_values().map(|(_, version, _)| version).collect()
}

fn prices(store: &Store) -> Vec<i128> {
    told(store).into_values().map(|(.., price)| price).collect()
}

fn order(why: Rewrite) -> RewriteOrder {
    RewriteOrder {
        why,
        project: ProjectId::default(),
        from: Timestamp::ZERO,
        to: Timestamp::from_nanos(1_000),
        model: None,
        dry_run: false,
        ordered_at: Timestamp::from_nanos(5),
    }
}

async fn rewrite(store: &Store, order: &RewriteOrder) -> RewriteReport {
    let mut last = RewriteReport::default();
    let report = store.rewrite(order, |report| last = *report).await.unwrap();
    assert_eq!(last, report, "the last word is told too");
    assert_eq!(report.rows_seen, report.rows_total);
    report
}

async fn write(store: &Store, stages: &Versioned, rows: &[(u64, &str)]) {
    let record = record(rows);
    let batch = stages.prepare(&record);
    store.write(record, batch).await.unwrap();
}

fn entry(what: &str) -> JournalEntry {
    JournalEntry {
        time: Timestamp::from_nanos(7),
        who: "me".to_owned(),
        project: "default".to_owned(),
        what: what.to_owned(),
        body: "{}".to_owned(),
    }
}

fn price(picos: u64) -> Document {
    Document { kind: "price".to_owned(), id: "m".to_owned(), body: picos.to_string() }
}

/// Some rows in a file, of which one was replaced, some in memory.
async fn filled(dir: &Path, stages: &Arc<Versioned>) -> Store {
    let store = Store::open(Options::new(dir), Arc::clone(stages) as _).await.unwrap();
    write(&store, stages, &[(1, "a"), (2, "a"), (3, "a"), (4, "b")]).await;
    store.flush().await.unwrap();
    write(&store, stages, &[(2, "c"), (5, "a"), (6, "b")]).await;
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_an_older_normaliser_become_the_newer_s_and_stay_so() {
    let dir = tempfile::tempdir().unwrap();
    let old = Versioned::new(1);
    let store = filled(dir.path(), &old).await;
    old.version.store(2, Ordering::SeqCst);
    let dry = rewrite(&store, &RewriteOrder { dry_run: true, ..order(Rewrite::Normalise) }).await;
    assert_eq!((dry.matched, dry.changed), (6, 6));
    assert_eq!(versions(&store), ["v1"; 6], "a dry run changes nothing");

    let report = rewrite(&store, &order(Rewrite::Normalise)).await;
    assert_eq!((report.matched, report.changed, report.kept), (6, 6, 0));
    assert_eq!(versions(&store), ["v2"; 6]);
    assert_eq!(rewrite(&store, &order(Rewrite::Normalise)).await.changed, 0, "once more is nothing more");
    // Without a flush: the log alone knows of it.
    drop(store);
    let new = Versioned::new(2);
    let store = Store::open(Options::new(dir.path()), Arc::clone(&new) as _).await.unwrap();
    assert_eq!(versions(&store), ["v2"; 6]);
    store.close().await.unwrap();
    drop(store);
    let store = Store::open(Options::new(dir.path()), stages()).await.unwrap();
    assert_eq!(versions(&store), ["v2"; 6], "and in files for good");
    assert_eq!(told(&store).into_values().map(|(name, ..)| name).collect::<String>(), "acabab");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_price_is_remembered_and_reaches_the_rows_it_is_for() {
    let dir = tempfile::tempdir().unwrap();
    let stages = Versioned::new(1);
    let store = filled(dir.path(), &stages).await;
    store.put_document(&price(10), &entry("price set")).await.unwrap();
    assert_eq!(prices(&store), [1; 6], "stored rows keep their price until they are asked to change");
    let only_b = RewriteOrder { model: Some("b".to_owned()), ..order(Rewrite::Price) };
    let report = rewrite(&store, &only_b).await;
    assert_eq!((report.matched, report.changed, report.recosted), (2, 2, 2));
    assert_eq!((report.before.cost.as_picos(), report.after.cost.as_picos()), (2, 20));
    assert_eq!(prices(&store), [1, 1, 1, 10, 1, 10]);
    let early = RewriteOrder { to: Timestamp::from_nanos(3), ..order(Rewrite::Price) };
    assert_eq!(rewrite(&store, &early).await.matched, 2, "the end of a period is not in it");
    let other = RewriteOrder { project: ProjectId::new("other"), ..order(Rewrite::Price) };
    assert_eq!(rewrite(&store, &other).await.matched, 0);
    assert_eq!(prices(&store), [10, 10, 1, 10, 1, 10]);
    drop(store);
    // A replay goes by the documents that are there now.
    let stages = Versioned::new(1);
    let store = Store::open(Options::new(dir.path()), Arc::clone(&stages) as _).await.unwrap();
    assert_eq!(stages.price.load(Ordering::SeqCst), 10);
    assert_eq!(prices(&store)[..2], [10, 10]);
    assert_eq!(versions(&store), ["v1"; 6], "a price changes nothing but the cost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_and_journal_outlive_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(dir.path()), Versioned::new(1)).await.unwrap();
    store.put_document(&price(3), &entry("price set")).await.unwrap();
    store.put_document(&price(4), &entry("price set")).await.unwrap();
    let line = store.note(&entry("reprice")).await.unwrap();
    store.amend(line, "done").await.unwrap();
    assert!(!store.remove_document("price", "nobody", &entry("price removed")).await.unwrap());
    drop(store);
    let store = Store::open(Options::new(dir.path()), Versioned::new(1)).await.unwrap();
    assert_eq!(store.documents().await.unwrap(), [price(4)]);
    let lines = store.journal("default", None, 10).await.unwrap();
    let said: Vec<(&str, &str)> = lines.iter().map(|line| (&*line.entry.what, &*line.entry.body)).collect();
    assert_eq!(said, [("reprice", "done"), ("price set", "{}"), ("price set", "{}")]);
    assert_eq!(store.journal("default", Some(lines[0].id), 1).await.unwrap(), lines[1..2]);
    assert!(store.journal("other", None, 10).await.unwrap().is_empty());
    assert!(store.remove_document("price", "m", &entry("price removed")).await.unwrap());
    assert!(store.documents().await.unwrap().is_empty());
    store.close().await.unwrap();
    assert!(store.documents().await.is_err(), "a closed store refuses");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_waits_while_memory_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let stages = Versioned::new(1);
    let mut options = Options::new(dir.path());
    (options.memtable_max_bytes, options.flush_bytes) = (1_000_000, 400_000);
    let store = Store::open(options, Arc::clone(&stages) as _).await.unwrap();
    for part in 0..10_u64 {
        let rows: Vec<(u64, &str)> = (0..500).map(|number| (part * 500 + number, "a")).collect();
        write(&store, &stages, &rows).await;
        store.flush().await.unwrap();
    }
    stages.version.store(2, Ordering::SeqCst);
    let everything = RewriteOrder { to: Timestamp::from_nanos(i64::MAX), ..order(Rewrite::Normalise) };
    let report = rewrite(&store, &everything).await;
    assert_eq!((report.matched, report.changed), (5_000, 5_000));
    assert!(versions(&store).iter().all(|version| version == "v2"));
}

/// A life with rows in files and in memory that are made again in the middle of it.
async fn live(store: &Store, stages: &Versioned) {
    write(store, stages, &[(1, "a"), (2, "a"), (3, "a")]).await;
    store.flush().await.unwrap();
    write(store, stages, &[(3, "b"), (4, "a")]).await;
    stages.version.store(2, Ordering::SeqCst);
    store.rewrite(&order(Rewrite::Normalise), |_| {}).await.unwrap();
    store.flush().await.unwrap();
    store.rewrite(&order(Rewrite::Normalise), |_| {}).await.unwrap();
    write(store, stages, &[(1, "c")]).await;
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_step_leaves_each_row_once_and_another_walk_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("live");
    let taken: Arc<Mutex<Vec<(Step, PathBuf)>>> = Arc::default();
    let hook = {
        let taken = Arc::clone(&taken);
        let (source, target) = (dir.clone(), folder.path().to_owned());
        Hook::new(move |step| {
            let mut taken = taken.lock().unwrap();
            let image = target.join(taken.len().to_string());
            copy(&source, &image);
            taken.push((step, image));
            Ok(())
        })
    };
    let stages = Versioned::new(1);
    let mut options = Options::new(&dir);
    options.hook = hook;
    let store = Store::open(options, Arc::clone(&stages) as _).await.unwrap();
    live(&store, &stages).await;
    drop(store);

    let mut seen: HashMap<Step, usize> = HashMap::new();
    let images = std::mem::take(&mut *taken.lock().unwrap());
    for (step, image) in images {
        *seen.entry(step).or_default() += 1;
        let open = async || Store::open(Options::new(&image), Versioned::new(2)).await.unwrap();
        let store = open().await;
        let before = told(&store);
        let report = rewrite(&store, &order(Rewrite::Normalise)).await;
        assert_eq!(report.matched, before.len() as u64, "{step:?}");
        assert!(versions(&store).iter().all(|version| version == "v2"), "{step:?}");
        drop(store);
        let store = open().await;
        assert!(versions(&store).iter().all(|version| version == "v2"), "{step:?}: after another crash");
        let names = |rows: BTreeMap<u64, (String, String, i128)>| -> Vec<String> {
            rows.into_values().map(|(name, ..)| name).collect()
        };
        assert_eq!(names(told(&store)), names(before), "{step:?}");
        assert_eq!(rewrite(&store, &order(Rewrite::Normalise)).await.changed, 0, "{step:?}");
    }
    for step in [Step::WalSync, Step::WalSynced, Step::FileWrite, Step::CatalogCommit, Step::CatalogCommitted] {
        assert!(seen.get(&step).is_some_and(|count| *count > 1), "{step:?} was hardly reached: {seen:?}");
    }
}
