//! Merges: nothing lost, nothing doubled, whatever is written, flushed or broken while they run.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use arrow::array::AsArray;

use super::world::*;
use crate::files::read_columns;
use crate::hook::{Hook, Step};
use crate::options::Options;
use crate::rows::tests::Dice;
use crate::snapshot::Table;
use crate::store::MergeReport;

/// Only when told.
fn never(options: &mut Options) {
    options.merge_files = usize::MAX;
}

/// Three files with masked rows, and a row in memory that replaces one in a file.
async fn three_files(world: &mut World) {
    world.write(&[(1, "a"), (2, "a"), (3, "a"), (9, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&[(2, "b"), (4, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&[(1, "c"), (5, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
}

/// Files of the table's folder.
fn on_disk(dir: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(dir.join("data/main/spans")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_files_become_one_without_the_masked_rows() {
    let mut world = World::open_with(&never).await;
    three_files(&mut world).await;
    let bytes = world.store().stats().disk_bytes;
    let report = world.store().compact().await.unwrap();
    let new_bytes = world.store().stats().disk_bytes;
    let want = MergeReport { merged_files: 3, merged_bytes: bytes, new_files: 1, new_bytes, dropped_rows: 2 };
    assert_eq!(report, want);
    let view = world.store().snapshot(Table::Spans).unwrap();
    assert_eq!((view.files.len(), view.files[0].rows, view.files[0].deleted.len()), (1, 6, 0));
    assert_eq!((view.files[0].min_time, view.files[0].max_time), (1, 9));
    world.check();
    let left = on_disk(&world.dir());
    assert_eq!(left.len(), 3, "the file, its key index and its texts: {left:?}");
    assert_eq!(world.store().compact().await.unwrap(), MergeReport::default(), "once more is nothing more");
    world.crash().await;
    world.check();
    // Rows of the merged file are found, merged and masked like others.
    world.write(&[(2, "z"), (3, "a"), (9, "z")]).await.unwrap();
    world.check();
    world.restart().await;
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_forgets_the_texts_of_masked_rows() {
    let mut world = World::open_with(&never).await;
    three_files(&mut world).await;
    let texts = |world: &World| {
        let mut bodies: Vec<String> = Vec::new();
        for path in world.store().snapshot(Table::Spans).unwrap().files.iter().filter_map(|file| file.texts.as_ref()) {
            let rows = read_columns(path, &["body"]).unwrap().unwrap();
            bodies.extend(rows.column(0).as_string::<i32>().iter().flatten().map(str::to_owned));
        }
        bodies
    };
    let told = |bodies: &[String], words: &str| bodies.iter().filter(|body| body.contains(words)).count();
    let before = texts(&world);
    world.store().compact().await.unwrap();
    let after = texts(&world);
    for (number, name, stays) in [(1, "a", 0), (2, "a", 0), (1, "c", 1), (2, "b", 1), (5, "a", 1)] {
        let words = own_words(number, name);
        assert_eq!((told(&before, &words), told(&after, &words)), (1, stays), "{words}");
    }
    assert!(told(&before, "trace 0") > 1);
    assert_eq!(told(&after, "trace 0"), 1, "what rows of several files share stands once");
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alike_files_are_merged_by_themselves() {
    let mut world = World::open_with(&|options| options.merge_files = 3).await;
    for number in 0..9 {
        world.write(&[(number, "a"), (number + 1, "b")]).await.unwrap();
        world.store().flush().await.unwrap();
        world.check();
    }
    world.until(|stats| stats.files < 3).await;
    world.check();
    world.crash().await;
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_keeps_its_files_until_it_goes() {
    let mut world = World::open_with(&never).await;
    three_files(&mut world).await;
    let before = world.store().snapshot(Table::Spans).unwrap();
    let rows = rows_of(&before);
    world.store().compact().await.unwrap();
    world.write(&[(3, "z")]).await.unwrap();
    assert_eq!(rows_of(&before), rows);
    let paths: Vec<PathBuf> = before.files.iter().map(|file| file.path.to_path_buf()).collect();
    drop(before);
    assert!(paths.iter().all(|path| !path.exists()), "and then they are gone");
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_masked_rows_only_goes_without_another() {
    let mut world = World::open_with(&never).await;
    world.write(&[(1, "a"), (2, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&[(1, "b"), (2, "b")]).await.unwrap();
    world.store().flush().await.unwrap();
    // Nobody has to ask for it.
    world.until(|stats| stats.files == 1).await;
    world.check();
    world.crash().await;
    world.check();
}

/// A hook that stops the merge thread at a step until it is let go.
struct Gate {
    reached: Receiver<()>,
    /// To be dropped.
    closed: Sender<()>,
}

fn gate(at: Step) -> (Hook, Gate) {
    let ((arrive, reached), (closed, wait)) = (channel(), channel());
    let wait: Mutex<Receiver<()>> = Mutex::new(wait);
    let hook = Hook::new(move |step| {
        if step == at && thread::current().name() == Some("merge") {
            arrive.send(()).unwrap_or_default();
            wait.lock().unwrap().recv().unwrap_or_default();
        }
        Ok(())
    });
    (hook, Gate { reached, closed })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rows_that_change_while_a_merge_runs_stand_once() {
    for (flushed, crashed) in [(false, false), (true, false), (false, true), (true, true)] {
        let (hook, Gate { reached, closed }) = gate(Step::FileSync);
        let mut world = World::open_with(&|options| {
            never(options);
            options.hook = hook.clone();
        })
        .await;
        three_files(&mut world).await;
        // In memory when the merge begins: masked, but no commit knows it.
        world.write(&[(3, "b")]).await.unwrap();
        let order = world.order_merge();
        reached.recv().unwrap();
        world.write(&[(2, "x"), (4, "x"), (6, "a")]).await.unwrap();
        if flushed {
            world.store().flush().await.unwrap();
            world.write(&[(5, "y"), (6, "y")]).await.unwrap();
        }
        world.check();
        drop(closed);
        order.await.unwrap().unwrap();
        world.check();
        if crashed {
            world.crash().await;
            world.check();
        }
        world.write(&[(1, "q"), (3, "q"), (5, "q")]).await.unwrap();
        world.check();
        world.restart().await;
        world.check();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_that_fails_at_any_step_is_made_up_for() {
    for broken in [Step::FileWrite, Step::FileSync, Step::MergeCommit, Step::MergeCommitted] {
        let (armed, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let hook = {
            let (armed, failed) = (Arc::clone(&armed), Arc::clone(&failed));
            Hook::new(move |step| {
                if step == broken && armed.load(Ordering::SeqCst) && failed.fetch_add(1, Ordering::SeqCst) == 0 {
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
        three_files(&mut world).await;
        armed.store(true, Ordering::SeqCst);
        let outcome = world.store().compact().await;
        // What fails at the commit is tried again by itself, what fails before leaves everything as it was.
        let commits = matches!(broken, Step::MergeCommit | Step::MergeCommitted);
        assert_eq!(outcome.is_ok(), commits, "{broken:?}: {outcome:?}");
        assert!(failed.load(Ordering::SeqCst) > 0, "{broken:?} was never reached");
        world.check();
        world.write(&[(1, "k"), (9, "k")]).await.unwrap();
        world.store().compact().await.unwrap();
        world.check();
        assert_eq!(on_disk(&world.dir()).len(), 3, "{broken:?} left something behind");
        world.crash().await;
        world.check();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writes_flushes_and_merges_at_once_leave_each_row_once() {
    for seed in 0..6 {
        let mut dice = Dice::new(seed);
        let mut world = World::open_with(&|options| (options.flush_bytes, options.merge_files) = (20_000, 2)).await;
        for turn in 0..150_u64 {
            let rows: Vec<(u64, String)> = (0..5).map(|_| (dice.roll(120), format!("{turn:04}"))).collect();
            let rows: Vec<(u64, &str)> = rows.iter().map(|(number, name)| (*number, name.as_str())).collect();
            world.write(&rows).await.unwrap();
            if turn % 10 == 0 {
                world.check();
            }
            match dice.roll(60) {
                0 => world.crash().await,
                1 => drop(world.order_merge()),
                _ => {}
            }
        }
        world.check();
        world.crash().await;
        world.check();
        world.store().compact().await.unwrap();
        world.check();
        assert_eq!(world.store().stats().files, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_of_everything_ends_while_rows_come_and_files_are_made() {
    // Each merge that is handed over is met by a new file and by a masked row in whatever file there is.
    let world = Arc::new(tokio::sync::Mutex::new(World::open_with(&never).await));
    three_files(&mut *world.lock().await).await;
    let merging = world.lock().await.order_merge();
    let busy = Arc::clone(&world);
    let writing = tokio::spawn(async move {
        for turn in 0..40_u64 {
            let mut world = busy.lock().await;
            let name = format!("{turn:03}");
            world.write(&[(1, &name), (turn + 10, "a")]).await.unwrap();
            world.store().flush().await.unwrap();
        }
    });
    let report = merging.await.unwrap().unwrap();
    assert!(report.merged_files >= 3, "{report:?}");
    // Of the files that came meanwhile none was waited for: at most those before the order are in it, and what became of them.
    assert!(report.merged_files <= 6, "{report:?}");
    writing.await.unwrap();
    world.lock().await.check();
}
