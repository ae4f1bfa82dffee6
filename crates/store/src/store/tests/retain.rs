//! Retention: what is past its age goes, and nothing else; the oldest goes when there is too much.

use std::collections::BTreeMap;
use std::time::Duration;

use pellucid_model::{ProjectId, Timestamp};

use super::world::*;
use crate::options::Options;
use crate::store::retain::bytes_of;
use crate::store::{Ages, Retention};

const DAY_NS: u64 = 24 * 3600 * 1_000_000_000;

fn never(options: &mut Options) {
    options.merge_files = usize::MAX;
}

/// The row `minute` minutes into a day; its number is its time.
fn row(day: u64, minute: u64) -> u64 {
    day * DAY_NS + minute * 60_000_000_000
}

fn midnight(day: u64) -> Timestamp {
    Timestamp::from_nanos((day * DAY_NS) as i64)
}

fn days(count: u64) -> Retention {
    let ages = Ages { spans: Some(Duration::from_nanos(count * DAY_NS)), ..Ages::default() };
    Retention { ages, ..Retention::default() }
}

async fn flushed(world: &mut World, rows: &[u64]) {
    let rows: Vec<(u64, &str)> = rows.iter().map(|number| (*number, "a")).collect();
    world.write(&rows).await.unwrap();
    world.store().flush().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_files_go_mixed_ones_are_thinned_out_and_the_rest_stays() {
    let mut world = World::open_with(&never).await;
    flushed(&mut world, &[row(1, 0), row(1, 5)]).await;
    flushed(&mut world, &[row(1, 9), row(2, 1), row(3, 0), row(4, 0)]).await;
    flushed(&mut world, &[row(4, 1), row(5, 2)]).await;
    // In memory: a new version of a row whose older one goes, and a row that is old and in no file.
    world.write(&[(row(2, 1), "b"), (row(1, 7), "a")]).await.unwrap();
    let stay = world.store().retain(&days(30), midnight(6)).await.unwrap();
    assert_eq!((stay.dropped_files, stay.rewritten_files, stay.dropped_rows), (0, 0, 0));
    world.check();

    let report = world.store().retain(&days(3), Timestamp::from_nanos(midnight(6).as_nanos() + 1)).await.unwrap();
    assert_eq!((report.dropped_files, report.rewritten_files, report.dropped_rows), (1, 1, 3));
    world.forget(|number| number < row(3, 0) && ![row(2, 1), row(1, 7)].contains(&number));
    world.check();
    let again = world.store().retain(&days(3), midnight(6)).await.unwrap();
    assert_eq!((again.dropped_files, again.rewritten_files), (0, 0), "once a day is enough");
    world.crash().await;
    world.check();
    world.store().flush().await.unwrap();
    world.store().retain(&days(3), midnight(6)).await.unwrap();
    world.forget(|number| number < row(3, 0));
    world.check();
    world.restart().await;
    world.check();
    assert!(world.store().verify(|_| ()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_keeps_its_rows_longer_or_shorter() {
    let mut world = World::open_with(&never).await;
    flushed(&mut world, &[row(1, 0), row(5, 5)]).await;
    let own = Ages { spans: Some(Duration::from_nanos(DAY_NS)), ..Ages::default() };
    let mut retention = days(100);
    retention.projects = BTreeMap::from([(ProjectId::new("another"), own)]);
    world.store().retain(&retention, midnight(6)).await.unwrap();
    world.check();
    retention.projects = BTreeMap::from([(ProjectId::default(), own)]);
    let report = world.store().retain(&retention, midnight(6)).await.unwrap();
    assert_eq!((report.dropped_files, report.rewritten_files, report.dropped_rows), (0, 1, 1));
    world.forget(|number| number < row(5, 0));
    world.check();
    let own = Ages { spans: None, ..own };
    retention = Retention { projects: BTreeMap::from([(ProjectId::default(), own)]), ..days(1) };
    world.store().retain(&retention, midnight(900)).await.unwrap();
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_bytes_take_the_oldest_days_first() {
    let mut world = World::open_with(&never).await;
    for (day, minute) in [(3, 0), (1, 0), (1, 9), (2, 0), (3, 3)] {
        flushed(&mut world, &[row(day, minute), row(day, minute + 1)]).await;
    }
    let bytes = bytes_of(&world.dir()).unwrap();
    let room = |max_bytes| Retention { max_bytes: Some(max_bytes), ..Retention::default() };
    let report = world.store().retain(&room(bytes), midnight(9)).await.unwrap();
    assert_eq!((report.dropped_files, report.bytes), (0, bytes));
    // A byte too many takes a day, not a file.
    let report = world.store().retain(&room(bytes - 1), midnight(9)).await.unwrap();
    assert_eq!((report.dropped_files, report.dropped_rows), (2, 4));
    assert!(report.bytes < bytes, "{report:?}");
    world.forget(|number| number < row(2, 0));
    world.check();
    // Nothing has room: every file goes, and what is in memory stays.
    world.write(&[(row(1, 3), "a")]).await.unwrap();
    let report = world.store().retain(&room(1), midnight(9)).await.unwrap();
    assert_eq!(report.dropped_files, 3);
    world.forget(|number| number != row(1, 3));
    world.check();
    world.restart().await;
    world.check();
}
