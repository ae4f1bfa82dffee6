//! Full is said early, by name, and passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pellucid_model::ErrorKind;

use super::world::*;
use crate::hook::{Hook, Step};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_memory_refuses_until_a_flush_has_made_room() {
    let stuck = Arc::new(AtomicBool::new(true));
    let hook = {
        let stuck = Arc::clone(&stuck);
        Hook::new(move |step| match step == Step::FileWrite && stuck.load(Ordering::SeqCst) {
            true => Err(std::io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        })
    };
    let mut world = World::open_with(&|options| {
        (options.hook, options.memtable_max_bytes) = (hook.clone(), 40_000);
    })
    .await;
    let mut number = 0;
    let refused = loop {
        number += 1;
        assert!(number < 1000, "memory grew without a bound");
        if let Err(refused) = world.write(&[(number, "some name")]).await {
            break refused;
        }
    };
    assert_eq!(refused.kind, ErrorKind::Unavailable);
    assert!(refused.to_string().contains("memory"), "{refused}");
    world.check();
    stuck.store(false, Ordering::SeqCst);
    world.store().flush().await.unwrap();
    world.write(&[(number, "some name")]).await.unwrap();
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_log_refuses() {
    let mut world = World::open_with(&|options| options.wal_max_bytes = 200).await;
    let outcomes = [
        world.write(&[(1, "a rather long name, to fill the log with, again and again and again and again")]).await,
        world.write(&[(2, "a rather long name, to fill the log with, again and again and again and again")]).await,
        world.write(&[(3, "a")]).await,
    ];
    // The log's share starts a flush, so the log may be empty again before the last write asks.
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!(refused.kind, ErrorKind::Unavailable);
        assert!(refused.to_string().contains("write-ahead log"), "{refused}");
    }
    world.until(|stats| stats.files > 0 && stats.wal_bytes < 200).await;
    world.write(&[(4, "a")]).await.unwrap();
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_disk_fills_the_queue_and_the_queue_refuses() {
    let slow = Arc::new(AtomicBool::new(false));
    let hook = {
        let slow = Arc::clone(&slow);
        Hook::new(move |step| {
            while step == Step::WalSync && slow.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        })
    };
    let mut world = World::open_with(&|options| {
        (options.hook, options.queue_max_bytes) = (hook.clone(), 20);
    })
    .await;
    slow.store(true, Ordering::SeqCst);
    let store = world.store();
    // Larger than the queue, but nobody is before it.
    let rows: &[(u64, &str)] = &[(1, "a name of more than twenty bytes")];
    let record = record(rows);
    let batch = stages().prepare(&record);
    let first = store.write(record, batch);
    let second = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let record = super::world::record(&[(2, "b")]);
        let batch = stages().prepare(&record);
        let outcome = store.write(record, batch).await;
        slow.store(false, Ordering::SeqCst);
        outcome
    };
    let (first, second) = tokio::join!(first, second);
    first.unwrap();
    let refused = second.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unavailable);
    assert!(refused.to_string().contains("queue"), "{refused}");
    world.write(&[(1, "a name of more than twenty bytes"), (2, "b")]).await.unwrap();
    world.check();
}
