//! Crashes and failing disks at every step of the durable path, and long runs of everything in random order.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::world::*;
use crate::hook::{Hook, Step};
use crate::rows::tests::Dice;

/// Copies a directory as it lies there.
pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            // Another thread may remove what a commit made needless; no commit can happen meanwhile, its hook waits.
            match std::fs::copy(entry.path(), target) {
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
                copied => assert!(copied.is_ok(), "{copied:?}"),
            }
        }
    }
}

/// A life with updates, flushes and updates of flushed rows.
async fn live(world: &mut World, acknowledged: &Mutex<Rows>) {
    let lives: [&[(u64, &str)]; 5] = [
        &[(1, "a"), (2, "a"), (3, "a")],
        &[(2, "b"), (4, "a")],
        &[(1, "c"), (4, "c"), (5, "a")],
        &[(1, "c"), (6, "a")],
        &[(3, "d"), (5, "d"), (6, "d"), (7, "a")],
    ];
    for (turn, rows) in lives.into_iter().enumerate() {
        world.write(rows).await.unwrap();
        expect(&mut acknowledged.lock().unwrap(), rows);
        if turn % 2 == 1 {
            world.store().flush().await.unwrap();
        }
        if turn == 3 {
            world.store().compact().await.unwrap();
        }
    }
    world.store().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_step_loses_nothing_that_was_acknowledged() {
    let images = tempfile::tempdir().unwrap();
    let acknowledged = Arc::new(Mutex::new(Rows::new()));
    let taken: Arc<Mutex<Vec<(Step, PathBuf, Rows)>>> = Arc::default();
    let source: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let hook = {
        let (acknowledged, taken, source) = (Arc::clone(&acknowledged), Arc::clone(&taken), Arc::clone(&source));
        let target = images.path().to_owned();
        Hook::new(move |step| {
            let Some(dir) = source.lock().unwrap().clone() else { return Ok(()) };
            let mut taken = taken.lock().unwrap();
            let image = target.join(taken.len().to_string());
            let wanted = acknowledged.lock().unwrap().clone();
            copy(&dir, &image);
            taken.push((step, image, wanted));
            Ok(())
        })
    };
    let mut world = World::open_with(&|options| options.hook = hook.clone()).await;
    *source.lock().unwrap() = Some(world.dir());
    live(&mut world, &acknowledged).await;
    let all = acknowledged.lock().unwrap().clone();

    let taken = std::mem::take(&mut *taken.lock().unwrap());
    let mut seen: HashMap<Step, usize> = HashMap::new();
    for (step, image, wanted) in taken {
        *seen.entry(step).or_default() += 1;
        let rows = rows_in(&image).await;
        for (number, name) in &wanted {
            assert!(rows.get(number) >= Some(name), "{step:?}: row {number} is {:?}, not {name}", rows.get(number));
        }
        assert!(rows.iter().all(|(number, name)| all[number] >= *name), "{step:?}: {rows:?}");
        // Opened a second time nothing is different.
        assert_eq!(rows_in(&image).await, rows, "{step:?}");
    }
    let steps = [
        Step::WalCreate,
        Step::WalWrite,
        Step::WalSync,
        Step::WalSynced,
        Step::FileWrite,
        Step::FileSync,
        Step::CatalogCommit,
        Step::CatalogCommitted,
        Step::MergeCommit,
        Step::MergeCommitted,
        Step::WalDrop,
    ];
    assert!(steps.iter().all(|step| seen.contains_key(step)), "a step was never reached: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flush_that_fails_at_any_step_is_made_up_for() {
    let steps =
        [Step::WalCreate, Step::FileWrite, Step::FileSync, Step::CatalogCommit, Step::CatalogCommitted, Step::WalDrop];
    for broken in steps {
        let (armed, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let hook = {
            let (armed, failed) = (Arc::clone(&armed), Arc::clone(&failed));
            Hook::new(move |step| {
                if step == broken && armed.load(Ordering::SeqCst) {
                    failed.fetch_add(1, Ordering::SeqCst);
                    return Err(io::ErrorKind::StorageFull.into());
                }
                Ok(())
            })
        };
        let mut world = World::open_with(&|options| options.hook = hook.clone()).await;
        world.write(&[(1, "a"), (2, "a")]).await.unwrap();
        world.store().flush().await.unwrap();
        world.write(&[(2, "b"), (3, "a")]).await.unwrap();
        armed.store(true, Ordering::SeqCst);
        let outcome = world.store().flush().await;
        // An old segment that stays does no harm: the next open removes it.
        assert_eq!(outcome.is_err(), broken != Step::WalDrop, "{broken:?}: {outcome:?}");
        assert!(failed.load(Ordering::SeqCst) > 0, "{broken:?} was never reached");
        world.check();
        // Rows that change while a flush waits for its next try.
        world.write(&[(1, "c"), (3, "c"), (4, "a")]).await.unwrap();
        world.check();
        armed.store(false, Ordering::SeqCst);
        world.store().flush().await.unwrap();
        world.check();
        world.store().flush().await.unwrap();
        world.check();
        world.crash().await;
        world.check();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_refuses_and_recovers() {
    let broken = Arc::new(AtomicBool::new(false));
    let hook = {
        let broken = Arc::clone(&broken);
        Hook::new(move |step| match step == Step::WalSync && broken.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        })
    };
    let mut world = World::open_with(&|options| options.hook = hook.clone()).await;
    world.write(&[(1, "a")]).await.unwrap();
    broken.store(true, Ordering::SeqCst);
    let refused = world.write(&[(1, "b"), (2, "a")]).await.unwrap_err();
    assert_eq!(refused.kind, pellucid_model::ErrorKind::Unavailable);
    assert!(refused.hint.is_some_and(|hint| hint.contains("free space")));
    world.check();
    broken.store(false, Ordering::SeqCst);
    world.write(&[(1, "b"), (2, "a")]).await.unwrap();
    world.crash().await;
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_in_any_order_leaves_the_newest_version_of_each_row() {
    for seed in 0..12 {
        let mut dice = Dice::new(seed);
        // Some merge by themselves all the time, some only when told.
        let mut world = World::open_with(&|options| options.merge_files = 2 + seed as usize % 3 * 50).await;
        for _ in 0..60 {
            match dice.roll(12) {
                0 => world.crash().await,
                1 => world.restart().await,
                2 | 3 => world.store().flush().await.unwrap(),
                4 => drop(world.store().compact().await.unwrap()),
                _ => {
                    let names = ["a", "b", "c", "d"];
                    let row = |dice: &mut Dice| (dice.roll(30), names[dice.roll(4) as usize]);
                    let rows: Vec<_> = (0..1 + dice.roll(6)).map(|_| row(&mut dice)).collect();
                    world.write(&rows).await.unwrap();
                }
            }
            world.check();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_written_while_flushes_run_are_there_once() {
    let mut world =
        World::open_with(&|options| (options.flush_bytes, options.merge_files) = (30_000, usize::MAX)).await;
    for turn in 0..150_u64 {
        let rows: Vec<(u64, String)> = (0..5).map(|n| ((turn * 3 + n) % 200, format!("{turn:04}"))).collect();
        let rows: Vec<(u64, &str)> = rows.iter().map(|(number, name)| (*number, name.as_str())).collect();
        world.write(&rows).await.unwrap();
        if turn % 10 == 0 {
            world.check();
        }
    }
    assert!(world.store().stats().files > 1, "flushes ran");
    world.crash().await;
    world.check();
}
