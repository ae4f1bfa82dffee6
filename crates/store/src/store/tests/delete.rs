//! Deletions: at once out of every answer, never back, and in the end nowhere in the directory.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::crash::copy;
use super::world::*;
use crate::deletion::{DeletionState, Subject, subject_hash};
use crate::hook::{Hook, Step};
use crate::options::Options;
use crate::rows::tests::{Dice, trace_id};
use crate::store::Store;

fn never(options: &mut Options) {
    options.merge_files = usize::MAX;
}

/// All that a directory says, packed or not.
fn everything(dir: &Path) -> String {
    let mut said = String::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            said += &everything(&path);
            continue;
        }
        // A merge or a flush may remove it meanwhile.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        said += &String::from_utf8_lossy(&bytes);
        if path.extension().is_some_and(|ending| ending == "parquet") {
            said += &values(Bytes::from(bytes));
        }
    }
    said
}

fn values(file: Bytes) -> String {
    let mut said = String::new();
    for rows in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        for column in rows.unwrap().columns() {
            let shown = ArrayFormatter::try_new(column, &FormatOptions::default()).unwrap();
            (0..column.len()).for_each(|row| said += &format!("{}\n", shown.value(row)));
        }
    }
    said
}

/// Versions of rows of traces 0 and 1 in several files, in memory, and in the log.
async fn scattered(world: &mut World) {
    world.write(&[(1, "a"), (2, "a"), (4, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&[(1, "b"), (3, "a"), (5, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&[(1, "c"), (2, "c"), (0, "a"), (6, "a"), (4, "b")]).await.unwrap();
}

const GONE: [(u64, &str); 5] = [(1, "a"), (2, "a"), (1, "b"), (1, "c"), (2, "c")];
const KEPT: [(u64, &str); 2] = [(5, "a"), (4, "b")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_is_gone_at_once_and_in_the_end_from_every_file() {
    let mut world = World::open_with(&never).await;
    scattered(&mut world).await;
    let before = everything(&world.dir());
    assert!(GONE[..3].iter().all(|(number, name)| before.contains(&own_words(*number, name))), "what is in files");
    let hidden = world.delete(Subject::Trace(trace_id(0))).await;
    assert_eq!((hidden.state, hidden.spans, hidden.chunks, hidden.chunks_done), (DeletionState::Hidden, 4, 1, 1));
    world.check();
    world.crash().await;
    world.check();
    let purged = world.store().purge(now).await.unwrap();
    assert_eq!(purged.len(), 1);
    assert_eq!((purged[0].state, purged[0].purged_at), (DeletionState::Purged, Some(now())));
    world.check();
    let left = everything(&world.dir());
    for (number, name) in GONE {
        assert!(!left.contains(&own_words(number, name)), "{number} as {name} is still there");
    }
    assert!(!left.contains("trace 0"));
    for (number, name) in KEPT {
        assert!(left.contains(&own_words(number, name)), "{number} as {name} is gone too");
    }
    assert!(world.store().verify(|_| ()).await.unwrap().is_empty());
    assert_eq!(world.store().purge(now).await.unwrap(), [], "once is enough");
    world.crash().await;
    world.check();
    // What comes later is new, as it comes.
    world.write(&[(1, "a"), (2, "q")]).await.unwrap();
    world.check();
    world.restart().await;
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_with_its_whole_traces_and_leaves_a_hash() {
    let mut world = World::open_with(&never).await;
    let rows: Vec<(u64, &str)> = (0..40).map(|number| (number, "a")).collect();
    world.write(&rows[..20]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&rows[20..]).await.unwrap();
    let hidden = world.delete(Subject::Session(session(1))).await;
    // Traces 1, 4 and 7, of which only the first span names the session.
    assert_eq!(hidden.spans, 12);
    world.check();
    let purged = world.store().purge(now).await.unwrap();
    assert_eq!(purged[0].subject, subject_hash(purged[0].id, "session-1"));
    assert_eq!(world.store().deletions("default", None, 5).await.unwrap(), purged);
    assert_eq!(world.store().deletions("other", None, 5).await.unwrap(), []);
    let left = everything(&world.dir());
    assert!(!left.contains("session-1") && left.contains("session-2"));
    let none = world.delete(Subject::Session("session-1".to_owned())).await;
    assert_eq!((none.spans, none.chunks, none.state), (0, 0, DeletionState::Hidden), "nothing is hidden at once");
    world.restart().await;
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_deleted_while_it_is_flushed_stays_deleted() {
    for crashed in [false, true] {
        let ((arrive, reached), (close, wait)) = (channel(), channel::<()>());
        let (wait, armed) = (Mutex::new(wait), Arc::new(AtomicBool::new(false)));
        let hook = {
            let armed = Arc::clone(&armed);
            Hook::new(move |step| {
                if step == Step::FileSync && armed.swap(false, Ordering::SeqCst) {
                    arrive.send(()).unwrap_or_default();
                    wait.lock().unwrap().recv().unwrap_or_default();
                }
                Ok(())
            })
        };
        let mut world = World::open_with(&|options| {
            never(options);
            options.hook = hook.clone();
        })
        .await;
        scattered(&mut world).await;
        armed.store(true, Ordering::SeqCst);
        let store = world.shared();
        let flush = tokio::spawn(async move { store.flush().await });
        tokio::task::spawn_blocking(move || reached.recv().unwrap()).await.unwrap();
        world.delete(Subject::Trace(trace_id(0))).await;
        world.check();
        world.write(&[(2, "x")]).await.unwrap();
        world.delete(Subject::Trace(trace_id(0))).await;
        world.check();
        drop(close);
        flush.await.unwrap().unwrap();
        world.check();
        if crashed {
            world.crash().await;
            world.check();
        }
        assert_eq!(world.store().purge(now).await.unwrap().len(), 2);
        world.check();
        let left = everything(&world.dir());
        assert!(GONE.iter().chain(&[(2, "x")]).all(|(number, name)| !left.contains(&own_words(*number, name))));
    }
}

/// A life with deletions: what must be there, and what must not, once each is acknowledged.
#[derive(Debug, Clone, Default)]
struct Promise {
    rows: Rows,
    deleted: BTreeSet<u64>,
    purged: BTreeSet<u64>,
}

async fn live(world: &mut World, promise: &Mutex<Promise>) {
    for turn in 0..4_u64 {
        let rows: Vec<(u64, &str)> =
            (turn * 4..turn * 4 + 8).map(|number| (number, ["a", "b", "c", "d"][turn as usize])).collect();
        world.write(&rows).await.unwrap();
        expect(&mut promise.lock().unwrap().rows, &rows);
        if turn % 2 == 0 {
            world.store().flush().await.unwrap();
        }
        {
            // From now on it may be gone.
            let mut promise = promise.lock().unwrap();
            promise.rows.retain(|number, _| number / 4 != turn);
        }
        world.delete(Subject::Trace(trace_id(turn))).await;
        promise.lock().unwrap().deleted.insert(turn);
        if turn % 2 == 1 {
            world.store().purge(now).await.unwrap();
            let mut promise = promise.lock().unwrap();
            promise.purged = promise.deleted.clone();
        }
    }
    world.store().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_step_brings_nothing_back_that_was_deleted() {
    let images = tempfile::tempdir().unwrap();
    let promise = Arc::new(Mutex::new(Promise::default()));
    let taken: Arc<Mutex<Vec<(Step, PathBuf, Promise)>>> = Arc::default();
    let source: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let hook = {
        let (promise, taken, source) = (Arc::clone(&promise), Arc::clone(&taken), Arc::clone(&source));
        let target = images.path().to_owned();
        Hook::new(move |step| {
            let Some(dir) = source.lock().unwrap().clone() else { return Ok(()) };
            let mut taken = taken.lock().unwrap();
            let image = target.join(taken.len().to_string());
            let promised = promise.lock().unwrap().clone();
            copy(&dir, &image);
            taken.push((step, image, promised));
            Ok(())
        })
    };
    let mut world = World::open_with(&|options| {
        never(options);
        options.hook = hook.clone();
    })
    .await;
    *source.lock().unwrap() = Some(world.dir());
    live(&mut world, &promise).await;
    let taken = std::mem::take(&mut *taken.lock().unwrap());
    assert!(taken.len() > 30, "{}", taken.len());
    for (step, image, promised) in taken {
        let store = Store::open(Options::new(&image), stages()).await.unwrap();
        let rows = rows_of(&store.snapshot(crate::snapshot::Table::Spans).unwrap());
        for (number, name) in &promised.rows {
            assert!(rows.get(number) >= Some(name), "{step:?}: row {number} is {:?}, not {name}", rows.get(number));
        }
        let back = rows.keys().find(|number| promised.deleted.contains(&(*number / 4)));
        assert_eq!(back, None, "{step:?}: a deleted row is back");
        // What was begun is ended.
        for deletion in store.open_deletions().await.unwrap() {
            if deletion.state == DeletionState::Accepted {
                store.hide(deletion, now).await.unwrap();
            }
        }
        store.purge(now).await.unwrap();
        assert_eq!(store.open_deletions().await.unwrap(), []);
        let left = everything(&image);
        for trace in promised.deleted {
            assert!(!left.contains(&format!("trace {trace} ")), "{step:?}: bytes of trace {trace} are left");
        }
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_that_fails_says_so_and_is_tried_again() {
    for broken in [Step::WalDrop, Step::FileWrite, Step::FileSync] {
        let (armed, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let hook = {
            let (armed, failed) = (Arc::clone(&armed), Arc::clone(&failed));
            Hook::new(move |step| {
                let mine = step == broken && (step == Step::WalDrop || thread::current().name() == Some("merge"));
                if mine && armed.load(Ordering::SeqCst) {
                    failed.fetch_add(1, Ordering::SeqCst);
                    return Err(io::ErrorKind::StorageFull.into());
                }
                Ok(())
            })
        };
        let mut world = World::open_with(&|options| {
            never(options);
            options.hook = hook.clone();
        })
        .await;
        scattered(&mut world).await;
        world.delete(Subject::Trace(trace_id(0))).await;
        armed.store(true, Ordering::SeqCst);
        assert!(world.store().purge(now).await.is_err(), "{broken:?}");
        assert!(failed.load(Ordering::SeqCst) > 0, "{broken:?} was never reached");
        let open = world.store().open_deletions().await.unwrap();
        assert_eq!((open.len(), open[0].state), (1, DeletionState::Hidden));
        assert!(open[0].problem.is_some());
        world.check();
        armed.store(false, Ordering::SeqCst);
        // Something to flush: only then old segments are dropped again.
        world.write(&[(9, "a")]).await.unwrap();
        let purged = world.store().purge(now).await.unwrap();
        assert_eq!((purged[0].state, &purged[0].problem), (DeletionState::Purged, &None));
        let left = everything(&world.dir());
        assert!(GONE.iter().all(|(number, name)| !left.contains(&own_words(*number, name))), "{broken:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deletions_among_everything_else_give_what_a_list_would() {
    for seed in 0..2 {
        let mut dice = Dice::new(seed);
        let mut world = World::open_with(&|options| (options.flush_bytes, options.merge_files) = (20_000, 2)).await;
        for turn in 0..60_u64 {
            let rows: Vec<(u64, String)> = (0..5).map(|_| (dice.roll(80), format!("{turn:04}"))).collect();
            let rows: Vec<(u64, &str)> = rows.iter().map(|(number, name)| (*number, name.as_str())).collect();
            world.write(&rows).await.unwrap();
            match dice.roll(24) {
                0 => world.crash().await,
                1 => drop(world.order_merge()),
                2 => drop(world.delete(Subject::Trace(trace_id(dice.roll(20)))).await),
                3 => drop(world.delete(Subject::Session(session(dice.roll(3)))).await),
                4 => drop(world.store().purge(now).await.unwrap()),
                5 => world.store().flush().await.unwrap(),
                6 => world.restart().await,
                _ => {}
            }
            world.check();
        }
        world.store().purge(now).await.unwrap();
        world.check();
        world.crash().await;
        world.check();
        assert!(world.store().open_deletions().await.unwrap().is_empty());
    }
}
