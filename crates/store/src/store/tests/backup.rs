//! Backups of a living store: what was acknowledged before is in them, once and whole, and the way back is as safe.

use std::fs;
use std::path::{Path, PathBuf};

use super::world::*;
use crate::backup::{check, restore};
use crate::options::Options;
use crate::snapshot::Table;
use crate::store::Store;

fn data_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join("data/main/spans")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    paths
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_holds_what_was_there_and_the_next_one_copies_what_is_new() {
    let place = tempfile::tempdir().unwrap();
    let (folder, restored) = (place.path().join("backup"), place.path().join("restored"));
    let mut world = World::open_with(&|options| options.merge_files = usize::MAX).await;
    world.write(&[(1, "a"), (2, "a"), (3, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&[(2, "b"), (4, "a")]).await.unwrap();
    let first = world.store().backup(&folder).await.unwrap();
    assert_eq!((first.new_files, first.missing.len()), (first.files - 1, 0), "all but the catalogue is new");
    assert_eq!(check(&folder, |_| {}).unwrap(), []);

    // What comes later is not in it.
    let then = world.rows();
    world.write(&[(1, "c"), (5, "a")]).await.unwrap();
    restore(&folder, &restored).unwrap();
    assert_eq!(rows_in(&restored).await, then);
    let store = Store::open(Options::new(&restored), stages()).await.unwrap();
    assert_eq!(store.verify(|_| {}).await.unwrap(), []);
    store.close().await.unwrap();
    assert!(restore(&folder, &restored).unwrap_err().message.contains("not empty"));

    let second = world.store().backup(&folder).await.unwrap();
    assert!(second.new_files < first.new_files, "{second:?}");
    // A merge leaves nothing of what was copied before; the backup follows.
    world.store().compact().await.unwrap();
    let third = world.store().backup(&folder).await.unwrap();
    assert!(third.files < second.files, "{third:?}");
    assert_eq!(data_files(&folder).len() as u64, third.files - 1);
    let again = place.path().join("again");
    restore(&folder, &again).unwrap();
    assert_eq!(rows_in(&again).await, world.rows());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_consistent_while_rows_come_and_files_merge() {
    let place = tempfile::tempdir().unwrap();
    let mut world = World::open_with(&|options| (options.flush_bytes, options.merge_files) = (20_000, 2)).await;
    for turn in 0..8_u64 {
        for part in 0..20 {
            let name = format!("{turn:02}-{part:02}");
            world.write(&[(part, &name), (turn * 20 + part, &name)]).await.unwrap();
        }
        let before = world.rows();
        let folder = place.path().join(turn.to_string());
        world.store().backup(&folder).await.unwrap();
        let target = place.path().join(format!("r{turn}"));
        restore(&folder, &target).unwrap();
        assert_eq!(rows_in(&target).await, before, "turn {turn}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_goes_nowhere_where_it_would_do_harm() {
    let place = tempfile::tempdir().unwrap();
    let mut world = World::open().await;
    world.write(&[(1, "a")]).await.unwrap();
    let inside = world.dir().join("backup");
    assert!(world.store().backup(&inside).await.unwrap_err().message.contains("inside"));
    fs::write(place.path().join("letter.txt"), "mine").unwrap();
    assert!(world.store().backup(place.path()).await.unwrap_err().message.contains("neither empty"));
    assert!(restore(place.path(), &place.path().join("x")).unwrap_err().message.contains("no backup"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_damaged_is_told_and_never_restored() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backup");
    let mut world = World::open_with(&|options| options.merge_files = usize::MAX).await;
    world.write(&[(1, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    world.write(&[(2, "a")]).await.unwrap();
    world.store().backup(&folder).await.unwrap();

    let is_rows = |path: &PathBuf| {
        path.display().to_string().ends_with(".parquet") && !path.display().to_string().contains("-texts")
    };
    let copy = data_files(&folder).into_iter().find(is_rows).unwrap();
    let whole = fs::read(&copy).unwrap();
    let mut bent = whole.clone();
    bent[whole.len() / 2] ^= 1;
    fs::write(&copy, &bent).unwrap();
    assert_eq!(check(&folder, |_| {}).unwrap().len(), 1);
    assert!(restore(&folder, &place.path().join("r")).unwrap_err().message.contains("damaged"));
    fs::write(&copy, &whole).unwrap();

    // A file of the directory itself that is gone: the rest is copied, it is said, and what the backup has stays.
    let name = copy.file_name().unwrap();
    let lost = world.dir().join("data/main/spans").join(name);
    fs::remove_file(&lost).unwrap();
    let report = world.store().backup(&folder).await.unwrap();
    assert_eq!(report.missing.len(), 1, "{report:?}");
    assert!(report.missing[0].file.ends_with(name.to_str().unwrap()));
    for (folder, damaged, rows) in [(folder, 0, 2), (place.path().join("other"), 1, 1)] {
        assert_eq!(world.store().backup(&folder).await.unwrap().missing.len(), 1);
        let target = folder.with_extension("restored");
        restore(&folder, &target).unwrap();
        let store = Store::open(Options::new(&target), stages()).await.unwrap();
        assert_eq!(store.damaged().len(), damaged);
        assert_eq!(rows_of(&store.snapshot(Table::Spans).unwrap()).len(), rows);
    }
}
