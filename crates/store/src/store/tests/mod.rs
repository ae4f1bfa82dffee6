//! The store as a whole: what was acknowledged is there, once, in its newest version, whatever happens in between.

mod backup;
mod compact;
mod crash;
mod delete;
mod faults;
mod limits;
mod retain;
mod rewrite;
mod words;
mod world;

use pellucid_model::ErrorKind;

use self::world::*;
use super::*;
use crate::files::texts_path;

#[tokio::test]
async fn what_is_acknowledged_is_in_the_next_view_and_after_a_restart() {
    let mut world = World::open().await;
    world.write(&[(1, "a"), (2, "b")]).await.unwrap();
    world.check();
    world.crash().await;
    world.check();
    world.write(&[(2, "c"), (3, "a")]).await.unwrap();
    world.restart().await;
    world.check();
    assert_eq!(world.store().stats().rows.spans, 3);
}

#[tokio::test]
async fn a_flush_moves_rows_to_files_and_empties_the_log() {
    let mut world = World::open().await;
    world.write(&[(1, "a"), (2, "b")]).await.unwrap();
    let logged = world.store().stats().wal_bytes;
    world.store().flush().await.unwrap();
    world.check();
    let stats = world.store().stats();
    assert_eq!((stats.files, stats.memory_bytes), (1, 0));
    assert!(stats.disk_bytes > 0 && stats.wal_bytes < logged, "{stats:?}");
    assert!(world.store().snapshot(Table::Spans).unwrap().memory.is_empty());
    world.crash().await;
    world.check();
    assert_eq!(world.store().stats().files, 1);
}

#[tokio::test]
async fn a_row_that_changes_after_its_flush_stands_once() {
    let mut world = World::open().await;
    world.write(&[(1, "a"), (2, "b"), (3, "c")]).await.unwrap();
    world.store().flush().await.unwrap();
    let commit = world.write(&[(2, "x"), (3, "c"), (4, "d")]).await.unwrap();
    assert_eq!(commit, Commit { new: 1, changed: 1, same: 1 });
    world.check();
    let view = world.store().snapshot(Table::Spans).unwrap();
    assert_eq!(*view.files[0].deleted, [1]);
    world.crash().await;
    world.check();
    world.store().flush().await.unwrap();
    world.check();
    world.crash().await;
    world.check();
    assert_eq!(world.store().stats().rows.spans, 4);
}

#[tokio::test]
async fn a_view_does_not_change_while_rows_do() {
    let mut world = World::open().await;
    world.write(&[(1, "a"), (2, "b")]).await.unwrap();
    world.store().flush().await.unwrap();
    let before = world.store().snapshot(Table::Spans).unwrap();
    world.write(&[(1, "z"), (3, "c")]).await.unwrap();
    world.store().flush().await.unwrap();
    assert_eq!(rows_of(&before), [(1, "a".to_owned()), (2, "b".to_owned())].into());
    world.check();
}

#[tokio::test]
async fn re_sent_rows_change_nothing_and_empty_batches_cost_nothing() {
    let mut world = World::open().await;
    world.write(&[(1, "a")]).await.unwrap();
    assert_eq!(world.write(&[(1, "a")]).await.unwrap(), Commit { new: 0, changed: 0, same: 1 });
    let logged = world.store().stats().wal_bytes;
    assert_eq!(world.write(&[]).await.unwrap(), Commit::default());
    assert_eq!(world.store().stats().wal_bytes, logged);
    world.store().flush().await.unwrap();
    // Nothing but a re-send since the last flush: no file, and the log is emptied all the same.
    world.write(&[(1, "a")]).await.unwrap();
    world.store().flush().await.unwrap();
    let stats = world.store().stats();
    assert_eq!((stats.files, stats.rows.spans), (1, 1));
    assert!(stats.wal_bytes < logged);
}

#[tokio::test]
async fn a_flush_comes_by_itself_when_memory_is_full_or_rows_grow_old() {
    let full = |options: &mut Options| options.flush_bytes = 20_000;
    let old = |options: &mut Options| options.flush_age = std::time::Duration::from_millis(20);
    for setting in [&full as &dyn Fn(&mut Options), &old] {
        let mut world = World::open_with(setting).await;
        for number in 0..20 {
            world.write(&[(number, "some name")]).await.unwrap();
        }
        world.until(|stats| stats.files > 0 && stats.memory_bytes < 20_000).await;
        world.check();
    }
}

#[tokio::test]
async fn a_directory_has_one_user() {
    let mut world = World::open().await;
    let refused = Store::open(Options::new(world.dir()), stages()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unavailable);
    assert!(refused.to_string().contains("in use by another process"), "{refused}");
    world.restart().await;
}

#[tokio::test]
async fn a_closed_store_refuses_and_a_second_close_is_fine() {
    let mut world = World::open().await;
    world.write(&[(1, "a")]).await.unwrap();
    world.store().close().await.unwrap();
    world.store().close().await.unwrap();
    let refused = world.write(&[(2, "b")]).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unavailable);
    assert_eq!(rows_of(&world.store().snapshot(Table::Spans).unwrap()).len(), 1, "what is there can still be read");
}

#[tokio::test]
async fn a_lost_side_file_is_made_again_and_a_lost_data_file_is_named() {
    let mut world = World::open().await;
    world.write(&[(1, "a"), (2, "b")]).await.unwrap();
    world.store().flush().await.unwrap();
    let data_file = world.store().snapshot(Table::Spans).unwrap().files[0].path.clone();
    std::fs::remove_file(data_file.with_extension("keys")).unwrap();
    world.crash().await;
    assert_eq!(world.write(&[(1, "a"), (2, "z")]).await.unwrap(), Commit { new: 0, changed: 1, same: 1 });
    world.check();
    world.stop();
    // A lost file costs its own rows, is named, and comes back when it is put back.
    let kept = std::fs::read(&data_file).unwrap();
    std::fs::remove_file(&data_file).unwrap();
    let store = Store::open(Options::new(world.dir()), stages()).await.unwrap();
    let faults = store.damaged();
    assert!(faults.len() == 1 && data_file.ends_with(&faults[0].file), "{faults:?}");
    // Both were sent again, and the log still has that.
    assert_eq!(rows_of(&store.snapshot(Table::Spans).unwrap()).into_keys().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(store.verify(|_| {}).await.unwrap(), faults);
    drop(store);
    std::fs::write(&data_file, &kept[..kept.len() - 9]).unwrap();
    let store = Store::open(Options::new(world.dir()), stages()).await.unwrap();
    assert_eq!(store.damaged().len(), 1);
    drop(store);
    std::fs::write(&data_file, kept).unwrap();
    // So does a file whose texts are gone.
    let beside = texts_path(&data_file);
    let texts = std::fs::read(&beside).unwrap();
    std::fs::write(&beside, &texts[..texts.len() - 9]).unwrap();
    let store = Store::open(Options::new(world.dir()), stages()).await.unwrap();
    assert_eq!(store.damaged().len(), 1);
    drop(store);
    std::fs::write(&beside, texts).unwrap();
    world.crash().await;
    world.check();
    assert_eq!(world.store().verify(|_| {}).await.unwrap(), []);
}

#[tokio::test]
async fn a_log_larger_than_memory_is_replayed_in_pieces() {
    let mut world = World::open_with(&|options| options.flush_bytes = 1 << 30).await;
    for number in 0..50 {
        world.write(&[(number, "first"), (number + 1, "second")]).await.unwrap();
    }
    assert_eq!(world.store().stats().files, 0);
    world.set(|options| (options.flush_bytes, options.merge_files) = (10_000, usize::MAX));
    world.crash().await;
    assert!(world.store().stats().files > 1);
    world.check();
}
