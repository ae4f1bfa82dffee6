//! A store over a disk that fails at random: slow, full, broken, torn in the middle of a write, not synced. Whatever was
//! acknowledged is there once and in its newest version, after every failure and every restart, and the directory is whole.
//!
//! A seed tells the whole life: what is written, when it is flushed, merged or killed, and which visit of which step fails how. One that
//! failed is named; `PELLUCID_FAULT_SEEDS=from..to` runs others, or that one again.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::Duration;

use futures::FutureExt as _;

use super::world::*;
use crate::hook::{Hook, Step};
use crate::rows::tests::Dice;

/// Lives of the test suite: half a second each, mostly waits between tries. 200 were run when this was written.
const SEEDS: Range<u64> = 0..40;
/// What is done in one life.
const DEEDS: u64 = 14;
/// One visit of a step in so many fails somehow.
const FAULT_EVERY: u64 = 6;
/// Tries of an open before the disk is mended.
const OPEN_TRIES: usize = 10;

/// A disk that fails where its seed says.
#[derive(Default)]
struct Disk {
    seed: u64,
    dir: Mutex<PathBuf>,
    /// Nothing fails while it is off.
    on: AtomicBool,
    visits: Mutex<HashMap<Step, u64>>,
    /// Bytes of the log's last segment before the write under way: those are synced, and no torn write reaches them.
    synced: AtomicU64,
    /// Data files that were there when a thread began one, by the thread's name.
    before: Mutex<HashMap<String, BTreeSet<PathBuf>>>,
    failures: AtomicU64,
}

impl Disk {
    fn at(&self, step: Step) -> io::Result<()> {
        let visit = {
            let mut visits = self.visits.lock().unwrap();
            let visit = visits.entry(step).or_default();
            *visit += 1;
            *visit
        };
        match step {
            Step::WalWrite => self.synced.store(bytes(self.segment().as_deref()), Ordering::SeqCst),
            Step::FileWrite => drop(self.before.lock().unwrap().insert(thread_name(), self.data_files())),
            _ => {}
        }
        // By step and visit, not by time: threads may come in any order.
        let mut dice = Dice::new(self.seed.wrapping_mul(1_000_003) + step as u64 * 10_007 + visit);
        dice.roll(2);
        if !self.on.load(Ordering::SeqCst) || dice.roll(FAULT_EVERY) != 0 {
            return Ok(());
        }
        self.failures.fetch_add(1, Ordering::SeqCst);
        match (dice.roll(4), step) {
            (0, _) => {
                sleep(Duration::from_micros(dice.roll(2_000)));
                return Ok(());
            }
            (1, Step::WalSync) => tear(self.segment(), self.synced.load(Ordering::SeqCst), &mut dice),
            (1, Step::FileSync) => tear(self.file_under_way(), 0, &mut dice),
            _ => {}
        }
        let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::Other, io::ErrorKind::TimedOut];
        Err(kinds[dice.roll(3) as usize].into())
    }
    /// The segment that is being written.
    fn segment(&self) -> Option<PathBuf> {
        files_in(&self.dir.lock().unwrap().join("wal"), "wal").pop_last()
    }

    /// Files of rows, whole or not.
    fn data_files(&self) -> BTreeSet<PathBuf> {
        files_in(&self.dir.lock().unwrap().join("data/main/spans"), "parquet")
    }

    /// The file that this thread is writing; nothing if another thread has begun one meanwhile.
    fn file_under_way(&self) -> Option<PathBuf> {
        let before = self.before.lock().unwrap().get(&thread_name()).cloned().unwrap_or_default();
        let new: Vec<PathBuf> = self.data_files().difference(&before).cloned().collect();
        <[PathBuf; 1]>::try_from(new).ok().map(|[file]| file)
    }
}

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// Names are in the order of time.
fn files_in(folder: &Path, ending: &str) -> BTreeSet<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

fn bytes(path: Option<&Path>) -> u64 {
    path.and_then(|path| fs::metadata(path).ok()).map_or(0, |found| found.len())
}

/// Of what was not synced only a part has come to the disk.
fn tear(path: Option<PathBuf>, synced: u64, dice: &mut Dice) {
    let Some(path) = path else { return };
    let left = synced + dice.roll(bytes(Some(&path)).saturating_sub(synced) + 1);
    OpenOptions::new().write(true).open(path).unwrap().set_len(left).unwrap();
}

/// Opens until it works; a disk that fails for ever is mended in the end.
async fn open(world: &mut World, disk: &Disk) {
    for tries in 0.. {
        if tries == OPEN_TRIES {
            disk.on.store(false, Ordering::SeqCst);
        }
        match world.try_open().await {
            Ok(()) => break,
            Err(error) => assert!(tries < OPEN_TRIES, "{error}"),
        }
    }
    disk.on.store(true, Ordering::SeqCst);
}

async fn live(seed: u64) -> u64 {
    let disk = Arc::new(Disk { seed, ..Disk::default() });
    let hook = {
        let disk = Arc::clone(&disk);
        Hook::new(move |step| disk.at(step))
    };
    let mut dice = Dice::new(seed);
    let merge_files = 2 + dice.roll(3) as usize * 50;
    // Where syncing costs nothing, if there is such a place: failures are made here, not by the disk.
    let mut world = World::open_in(Path::new("/dev/shm"), &|options| {
        options.hook = hook.clone();
        options.merge_files = merge_files;
    })
    .await;
    *disk.dir.lock().unwrap() = world.dir();
    disk.on.store(true, Ordering::SeqCst);
    for _ in 0..DEEDS {
        match dice.roll(10) {
            0 => {
                world.stop();
                open(&mut world, &disk).await;
            }
            1 => {
                // A flush that fails leaves its rows to the log.
                drop(world.store().close().await);
                world.stop();
                open(&mut world, &disk).await;
            }
            2 | 3 => drop(world.store().flush().await),
            4 => drop(world.store().compact().await),
            _ => {
                let names = ["a", "b", "c", "d"];
                let row = |dice: &mut Dice| (dice.roll(20), names[dice.roll(4) as usize]);
                let rows: Vec<_> = (0..1 + dice.roll(6)).map(|_| row(&mut dice)).collect();
                // What is refused is not wanted; it must not be half there either.
                drop(world.write(&rows).await);
            }
        }
        world.check();
    }
    disk.on.store(false, Ordering::SeqCst);
    world.stop();
    open(&mut world, &disk).await;
    disk.on.store(false, Ordering::SeqCst);
    world.check();
    world.store().flush().await.unwrap();
    world.store().compact().await.unwrap();
    world.check();
    assert_eq!(world.store().verify(|_| {}).await.unwrap(), []);
    assert_eq!(world.store().damaged(), []);
    disk.failures.load(Ordering::SeqCst)
}

#[expect(clippy::disallowed_methods, reason = "a long run is asked for by hand")]
fn seeds() -> Range<u64> {
    let Ok(asked) = std::env::var("PELLUCID_FAULT_SEEDS") else { return SEEDS };
    let (from, to) = asked.split_once("..").unwrap();
    from.parse().unwrap()..to.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_disk_that_fails_at_random() {
    let seeds = seeds();
    let mut failures = 0;
    for seed in seeds.clone() {
        let life = AssertUnwindSafe(live(seed)).catch_unwind().await;
        failures += life.unwrap_or_else(|_| panic!("seed {seed}: run PELLUCID_FAULT_SEEDS={seed}..{}", seed + 1));
    }
    assert!(failures > seeds.end - seeds.start, "the disk hardly ever failed: {failures}");
}
