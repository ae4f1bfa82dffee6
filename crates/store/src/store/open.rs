//! Opening a data directory: lock, catalogue, files, replay of the log; then the threads start.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use pellucid_model::Error;
use tokio::runtime::Handle;

use super::admission::{Gate, Usage};
use super::apply::{Applier, Pending, Task, Work};
use super::compact::{Kept, MergeOrder, Merger};
use super::data_files::{DataFile, DataFiles};
use super::disk::Disk;
use super::flush::{FlushLimits, Flusher, Order, Progress};
use super::state::{State, write};
use super::words::{Indexer, WordsOrder};
use super::{Fault, Store};
use crate::catalog::{Catalog, FileRow, Loaded, data_path, table_dir};
use crate::deletion::DeletionChunk;
use crate::error::{StoreError, StoreResult};
use crate::files::{INDEX_ENDING, KeyIndex, WORDS_ENDING, stored_schema, sync_dir, texts_path};
use crate::metadata::Metadata;
use crate::options::Options;
use crate::rewrite::Chunk;
use crate::snapshot::Table;
use crate::stages::{Stages, WalRecord};
use crate::wal::{Replayed, Wal, WalConfig, drop_before, replay};

/// File that whoever uses the directory holds locked.
const LOCK_FILE: &str = "lock";
/// Folder of the log.
const WAL_DIR: &str = "wal";
/// Ending of data files.
const DATA_ENDING: &str = "parquet";
/// Endings of what lies in a table's folder: data files and what is named after them.
const OUR_ENDINGS: [&str; 3] = [DATA_ENDING, INDEX_ENDING, WORDS_ENDING];

/// The folder of the log's segments.
pub(super) fn wal_dir(dir: &Path) -> PathBuf {
    dir.join(WAL_DIR)
}

/// The threads of an open store and what they hold.
#[derive(Debug)]
pub(super) struct Threads {
    /// To the flush thread.
    pub(super) orders: Sender<Order>,
    /// The log.
    pub(super) wal: Arc<Wal<Pending>>,
    /// To the merge thread.
    pub(super) merges: Sender<MergeOrder>,
    /// To the words thread.
    pub(super) words: Sender<WordsOrder>,
    /// Tells the merge thread and the words thread to give up what they are at.
    stop_aside: Arc<AtomicBool>,
    merger: JoinHandle<()>,
    indexer: JoinHandle<()>,
    flusher: JoinHandle<()>,
    applier: JoinHandle<()>,
    lock: File,
}

impl Threads {
    /// Waits until each thread has done what it was told and has ended.
    pub(super) fn stop(self) {
        let Self { orders, wal, merges, words, stop_aside, merger, indexer, flusher, applier, lock } = self;
        // First, since it waits for the flush thread.
        stop_aside.store(true, Ordering::Release);
        merges.send(MergeOrder::Stop).unwrap_or_default();
        words.send(WordsOrder::Stop).unwrap_or_default();
        join(merger);
        join(indexer);
        // Told, since the apply thread can order flushes too and ends last. One that has ended hears nothing.
        orders.send(Order::Stop).unwrap_or_default();
        join(flusher);
        drop(wal);
        join(applier);
        drop(lock);
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the store panicked");
    }
}

/// Opens the directory of `options`.
pub(super) async fn open(options: Options, stages: Arc<dyn Stages>) -> StoreResult<Store> {
    let handle = Handle::current();
    let opened = tokio::task::spawn_blocking(move || open_blocking(&options, &stages, handle)).await;
    opened.map_err(|cause| StoreError::Internal(format!("opening the store was given up: {cause}")))?
}

fn open_blocking(options: &Options, stages: &Arc<dyn Stages>, handle: Handle) -> StoreResult<Store> {
    let dir = &options.dir;
    make_folders(dir)?;
    let lock = lock(dir)?;
    let schemas = Table::ALL.map(|table| (table, stored_schema(table)));
    let (catalog, loaded) = handle.block_on(Catalog::open(dir, &schemas))?;
    let metadata = handle.block_on(Metadata::open(dir, Arc::clone(stages)))?;
    let (files, damaged) = load_files(dir, &loaded);
    remove_leftovers(dir, &loaded)?;

    let state = Arc::new(RwLock::new(State { files, ..State::default() }));
    let usage = Usage::default();
    let disk = Disk { dir: dir.clone(), catalog, handle: handle.clone(), hook: options.hook.clone() };
    let mut applier = Applier::new(Arc::clone(&state), Arc::clone(stages), usage.clone(), options.flush_bytes);
    let replayed = recover(&disk, &state, &mut applier, &**stages, loaded.wal_first_segment)?;
    if handle.block_on(metadata.has_open_deletions())? {
        write(&state).files.purge_masked();
    }
    let threads = start(options, disk, &state, applier, lock, &replayed)?;
    Ok(Store {
        state,
        gate: Gate::new(options, usage),
        closed: AtomicBool::new(false),
        threads: Mutex::new(Some(threads)),
        stages: Arc::clone(stages),
        metadata,
        dir: dir.clone(),
        purging: tokio::sync::Mutex::new(()),
        damaged,
    })
}

fn make_folders(dir: &Path) -> StoreResult<()> {
    let folders = Table::ALL.map(|table| table_dir(dir, table)).into_iter().chain([wal_dir(dir)]);
    for folder in folders {
        fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
        // Each folder on the way may be new, and must be there after a crash.
        for parent in folder.ancestors().skip(1).take_while(|parent| parent.starts_with(dir)) {
            sync_dir(parent).map_err(StoreError::io("sync", parent))?;
        }
    }
    Ok(())
}

fn lock(dir: &Path) -> StoreResult<File> {
    let path = dir.join(LOCK_FILE);
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(StoreError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(dir.to_owned())),
        Err(TryLockError::Error(cause)) => Err(StoreError::io("lock", &path)(cause)),
    }
}

/// The data files, and those that cannot be used: they are left where they are, and out of all answers.
fn load_files(dir: &Path, loaded: &Loaded) -> (DataFiles, Vec<Fault>) {
    let (mut files, mut damaged) = (DataFiles::default(), Vec::new());
    for row in &loaded.files {
        match load_file(dir, row) {
            Ok(file) => files.add(row.table, file),
            Err(error) => {
                let fault = Fault { file: data_path(row.table, &row.name), what: Error::from(error).to_string() };
                tracing::error!(
                    file = fault.file,
                    rows = row.rows,
                    what = fault.what,
                    "a data file is damaged: its rows are missing until it is put back and the store opened again"
                );
                damaged.push(fault);
            }
        }
    }
    (files, damaged)
}

fn load_file(dir: &Path, row: &FileRow) -> StoreResult<DataFile> {
    let path = table_dir(dir, row.table).join(&row.name);
    expect_bytes(&path, row.bytes)?;
    row.texts_bytes.map(|bytes| expect_bytes(&texts_path(&path), bytes)).transpose()?;
    Ok(DataFile {
        id: row.id,
        index: Arc::new(KeyIndex::open_file(row.table, &path)?),
        projects: row.projects.clone(),
        words: None,
        path: path.into(),
        bytes: row.bytes,
        texts_bytes: row.texts_bytes,
        rows: row.rows,
        min_time: row.min_time,
        max_time: row.max_time,
        masked: Arc::new(row.deleted.clone()),
        committed: row.deleted.clone(),
        purge: false,
    })
}

fn expect_bytes(path: &Path, bytes: u64) -> StoreResult<()> {
    let found = fs::metadata(path).map_err(StoreError::io("read", path))?.len();
    if found == bytes {
        return Ok(());
    }
    Err(StoreError::Internal(format!("{} has {found} bytes instead of {bytes}", path.display())))
}

/// Removes files of flushes that were never committed, and delete files that newer ones replaced.
fn remove_leftovers(dir: &Path, loaded: &Loaded) -> StoreResult<()> {
    let texts = loaded.files.iter().filter(|file| file.texts_bytes.is_some());
    let texts: Vec<String> = texts.map(|file| texts_path(Path::new(&file.name)).display().to_string()).collect();
    let names = loaded.files.iter().map(|file| &file.name).chain(&loaded.delete_files).chain(&texts);
    let known: HashSet<&str> = names.map(String::as_str).collect();
    for folder in Table::ALL.map(|table| table_dir(dir, table)) {
        for entry in fs::read_dir(&folder).map_err(StoreError::io("list", &folder))? {
            let path = entry.map_err(StoreError::io("list", &folder))?.path();
            let ours = path.extension().is_some_and(|ending| OUR_ENDINGS.iter().any(|our| ending == *our));
            let data_file = path.with_extension(DATA_ENDING);
            let name = data_file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if ours && !known.contains(name) {
                fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
            }
        }
    }
    Ok(())
}

/// Applies what the log holds from `first` on. What does not fit into memory is flushed on the way.
fn recover(
    disk: &Disk,
    state: &RwLock<State>,
    applier: &mut Applier,
    stages: &dyn Stages,
    first: u64,
) -> StoreResult<Replayed> {
    let started = Instant::now();
    let wal = wal_dir(&disk.dir);
    let replayed = replay(&wal, first, |segment, record| {
        let Some(task) = task(stages, &record) else {
            tracing::error!(
                segment,
                bytes = record.body.len(),
                "a record of the log cannot be prepared and is left out"
            );
            return Ok(());
        };
        match applier.apply(task, record.body.len() as u64) {
            Err(error @ StoreError::Internal(_)) => tracing::error!(segment, %error, "a record is left out"),
            outcome => drop(outcome?),
        }
        if applier.is_full() {
            flush(disk, state, applier, segment)?;
        }
        Ok(())
    })?;
    drop_before(&wal, first, &disk.hook)?;
    if replayed.records > 0 {
        tracing::info!(records = replayed.records, bytes = replayed.bytes, took = ?started.elapsed(), "replayed the log");
    }
    Ok(replayed)
}

/// What a record asks for; nothing if the stages cannot make sense of it.
fn task(stages: &dyn Stages, record: &WalRecord) -> Option<Task> {
    if let Some(chunk) = Chunk::from_record(record) {
        return Some(Task::Rewrite(chunk));
    }
    if let Some(chunk) = DeletionChunk::from_record(record) {
        return Some(Task::Delete(chunk));
    }
    catch_unwind(AssertUnwindSafe(|| stages.prepare(record))).ok().map(Task::Batch)
}

/// `segment` is still being read: a crash from here on replays it once more, which changes nothing.
fn flush(disk: &Disk, state: &RwLock<State>, applier: &mut Applier, segment: u64) -> StoreResult<()> {
    let sealed = applier.freeze(segment);
    let prepared = disk.prepare(state, &sealed)?;
    let ids = disk.commit(&prepared)?;
    drop(applier.finish(prepared.persisted(ids)));
    Ok(())
}

fn start(
    options: &Options,
    disk: Disk,
    state: &Arc<RwLock<State>>,
    applier: Applier,
    lock: File,
    replayed: &Replayed,
) -> StoreResult<Threads> {
    let (work, working) = channel();
    let (orders, ordered) = channel();
    let (frozen, sealed) = channel();
    let (merges, merge_orders) = channel();
    let config = WalConfig {
        dir: wal_dir(&options.dir),
        first_segment: replayed.next_segment,
        old_bytes: replayed.bytes,
        hook: options.hook.clone(),
    };
    let log_work = work.clone();
    // The apply thread outlives the log's: nobody refuses what is sent here.
    let wal = Arc::new(Wal::start(config, move |event| drop(log_work.send(Work::Log(event))))?);
    let checks = orders.clone();
    let (words, words_orders) = channel();
    let stop_aside = Arc::new(AtomicBool::new(false));
    let indexer = Indexer {
        state: Arc::clone(state),
        min_bytes: options.words_min_bytes,
        stop: Arc::clone(&stop_aside),
        refused: HashSet::new(),
    };
    let schemas = |table| disk.catalog.schemas(table).cloned();
    let merger = Merger {
        state: Arc::clone(state),
        dir: options.dir.clone(),
        schemas: [schemas(Table::Spans)?, schemas(Table::Logs)?, schemas(Table::Metrics)?],
        hook: options.hook.clone(),
        flusher: orders.clone(),
        alike: options.merge_files,
        stop: Arc::clone(&stop_aside),
        refused: HashSet::new(),
        kept: Kept::default(),
    };
    merges.send(MergeOrder::Check).unwrap_or_default();
    let flusher = Flusher {
        state: Arc::clone(state),
        disk,
        wal: Arc::clone(&wal),
        work,
        sealed,
        merger: merges.clone(),
        limits: FlushLimits::of(options),
        progress: Progress::default(),
    };
    let applier = spawn("apply", move || applier.run(&working, &checks, &frozen))?;
    let flusher = spawn("flush", move || flusher.run(&ordered))?;
    let merger = spawn("merge", move || merger.run(&merge_orders))?;
    let indexer = spawn("words", move || indexer.run(&words_orders))?;
    Ok(Threads { orders, wal, merges, words, stop_aside, merger, indexer, flusher, applier, lock })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> StoreResult<JoinHandle<()>> {
    let thread = Builder::new().name(name.to_owned()).spawn(work);
    thread.map_err(|cause| StoreError::Internal(format!("cannot start the {name} thread: {cause}")))
}
