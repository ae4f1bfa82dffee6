//! The merge thread: many small files become few large ones, beside everything else.
//!
//! choose files → read them in order, without the rows that are masked for good → write one file → hand it to the flush
//! thread, which commits it between two flushes → the apply thread swaps it in. Rows masked since the merge began are
//! masked in the new file. Rows whose mask no commit knows yet are kept under their mask: their newer versions are only
//! in the log, and a replay makes them from these.

mod plan;
mod retain;

use std::collections::{BTreeMap, HashSet};
use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use uuid::Uuid;

use self::plan::Facts;
pub(super) use self::retain::Kept;
use super::data_files::{DataFile, Moves};
use super::disk::Merged;
use super::flush::Order;
use super::retain::{Cuts, RetentionReport};
use super::state::{State, read};
use crate::catalog::table_dir;
use crate::error::{StoreError, StoreResult};
use crate::files::{Packing, Pieces, Schemas, Source, TableWriter, Written, merge, remove_data_file};
use crate::hook::Hook;
use crate::snapshot::Table;

/// Pauses of a merge nobody waits for, as a multiple of its work: so it takes a third of a core at most.
const REST_FACTOR: u32 = 2;
/// The longest pause: the machine may have slept while the merge worked.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// A merge holds the texts of its files in memory, unpacked and each once: their bytes count so many times.
const TEXTS_WEIGHT: u64 = 4;
/// How often a thread that waits for a commit looks whether it shall end.
const STOP_LOOK: Duration = Duration::from_millis(50);

/// What the merge thread is told.
#[derive(Debug)]
pub(super) enum MergeOrder {
    /// Files changed: see whether a merge is due.
    Check,
    /// Merge everything that can be, without pauses.
    Everything(oneshot::Sender<StoreResult<MergeReport>>),
    /// Write every file anew that deleted rows lie in, without pauses.
    Purge(oneshot::Sender<StoreResult<MergeReport>>),
    /// Take away what is kept no longer.
    Retain(Box<Cuts>, oneshot::Sender<StoreResult<RetentionReport>>),
    /// End.
    Stop,
}

/// What merges did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeReport {
    /// Files that are gone.
    pub merged_files: u64,
    /// Their bytes.
    pub merged_bytes: u64,
    /// Files that stand for them.
    pub new_files: u64,
    /// Their bytes.
    pub new_bytes: u64,
    /// Masked rows that are gone for good.
    pub dropped_rows: u64,
}

impl AddAssign for MergeReport {
    fn add_assign(&mut self, other: Self) {
        self.merged_files += other.merged_files;
        self.merged_bytes += other.merged_bytes;
        self.new_files += other.new_files;
        self.new_bytes += other.new_bytes;
        self.dropped_rows += other.dropped_rows;
    }
}

/// Merges files.
pub(super) struct Merger {
    pub(super) state: Arc<RwLock<State>>,
    pub(super) dir: PathBuf,
    /// The tables' columns as files carry them, in the order of [`Table::ALL`].
    pub(super) schemas: [Schemas; 3],
    pub(super) hook: Hook,
    /// To the flush thread.
    pub(super) flusher: Sender<Order>,
    /// Files of one size that make a merge due.
    pub(super) alike: usize,
    /// Set when the store closes: a merge under way is given up.
    pub(super) stop: Arc<AtomicBool>,
    /// Files that could not be merged: nobody tries again before a restart or an order.
    pub(super) refused: HashSet<i64>,
    /// Files that retention need not read again.
    pub(super) kept: Kept,
}

/// The files of a merge.
#[derive(Debug, Default)]
struct Inputs {
    ids: Vec<i64>,
    sources: Vec<Source>,
    rows: u64,
    bytes: u64,
}

impl Inputs {
    fn add(&mut self, file: &DataFile, without: &[u32]) {
        self.ids.push(file.id);
        // Not all that is masked: only what every restart will find masked.
        let mut skip = [&file.committed, without].concat();
        skip.sort_unstable();
        skip.dedup();
        let path = file.path.clone();
        self.sources.push(Source { path, has_texts: file.texts_bytes.is_some(), skip });
        self.rows += file.rows;
        self.bytes += file.bytes + file.texts_bytes.unwrap_or(0);
    }
}

/// How a merge behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Resting,
    Steady,
}

impl Merger {
    /// Works until it is told to end.
    pub(super) fn run(mut self, orders: &Receiver<MergeOrder>) {
        let mut next = None;
        while let Some(order) = next.take().or_else(|| orders.recv().ok()) {
            match order {
                MergeOrder::Check => next = self.check(orders),
                MergeOrder::Everything(answer) => {
                    self.refused.clear();
                    let outcome = self.everything();
                    // Whoever asked may have gone.
                    drop(answer.send(outcome));
                    // Orders to look that came before it were dropped.
                    next = Some(MergeOrder::Check);
                }
                MergeOrder::Purge(answer) => {
                    self.refused.clear();
                    drop(answer.send(self.purge()));
                }
                MergeOrder::Retain(cuts, answer) => drop(answer.send(self.retain(&cuts))),
                MergeOrder::Stop => break,
            }
        }
    }

    /// Merges what is due. Files may come faster than merges that rest are done: an order that waits comes before them.
    fn check(&mut self, orders: &Receiver<MergeOrder>) -> Option<MergeOrder> {
        for table in Table::ALL {
            while !self.stopping()
                && let Some(group) = plan::due(&self.facts(table), self.alike)
            {
                let waits = orders.try_iter().find(|order| !matches!(order, MergeOrder::Check));
                if waits.is_some() {
                    return waits;
                }
                if let Err(error) = self.merge(table, &group, Pace::Resting) {
                    if self.stopping() {
                        return None;
                    }
                    tracing::error!(%error, ?table, files = group.len(), "files cannot be merged, they stay as they are");
                    self.refused.extend(group);
                }
            }
        }
        None
    }

    /// Merges the files that are there now, and what becomes of them: files that come meanwhile are for the next time, or it
    /// would not end while rows come. Each merge leaves fewer of them, and none that is alone twice.
    fn everything(&mut self) -> StoreResult<MergeReport> {
        let mut report = MergeReport::default();
        for table in Table::ALL {
            let mut fresh: HashSet<i64> = self.facts(table).iter().map(|file| file.id).collect();
            let mut made: HashSet<i64> = HashSet::new();
            loop {
                let facts =
                    self.facts(table).into_iter().filter(|file| fresh.contains(&file.id) || made.contains(&file.id));
                let groups = plan::everything(&Vec::from_iter(facts));
                // What was made here is not made again for the sake of rows that were masked since.
                let group =
                    groups.into_iter().find(|group| group.len() > 1 || group.iter().any(|id| fresh.contains(id)));
                let Some(group) = group else { break };
                let (done, id) = self.merge(table, &group, Pace::Steady)?;
                for id in &group {
                    fresh.remove(id);
                    made.remove(id);
                }
                made.extend(id);
                report += done;
            }
        }
        Ok(report)
    }

    /// Writes anew each file of which deleted rows must leave the disk.
    fn purge(&self) -> StoreResult<MergeReport> {
        let mut report = MergeReport::default();
        for table in Table::ALL {
            while let Some(file) = plan::to_purge(&self.facts(table)) {
                report += self.merge(table, &[file], Pace::Steady)?.0;
            }
        }
        Ok(report)
    }

    fn facts(&self, table: Table) -> Vec<Facts> {
        let state = read(&self.state);
        let files = state.files.all(table).filter(|file| !self.refused.contains(&file.id));
        let facts = files.map(|file| Facts {
            id: file.id,
            bytes: file.bytes + file.texts_bytes.unwrap_or(0) * TEXTS_WEIGHT,
            rows: file.rows,
            min_time: file.min_time,
            masked: file.committed.len() as u64,
            purge: file.purge,
        });
        facts.collect()
    }

    /// Makes one file of some, and waits until it is part of the table. Gives its id, if any row is left.
    fn merge(&self, table: Table, group: &[i64], pace: Pace) -> StoreResult<(MergeReport, Option<i64>)> {
        self.merge_without(table, group, &BTreeMap::new(), pace)
    }

    /// The same, and without some more rows of each file, by sorted positions.
    fn merge_without(
        &self,
        table: Table,
        group: &[i64],
        without: &BTreeMap<i64, Vec<u32>>,
        pace: Pace,
    ) -> StoreResult<(MergeReport, Option<i64>)> {
        let started = Instant::now();
        let mut inputs = Inputs::default();
        {
            let state = read(&self.state);
            for file in group.iter().filter_map(|id| state.files.get(table, *id)) {
                inputs.add(file, without.get(&file.id).map_or(&[], Vec::as_slice));
            }
        }
        let Inputs { ids, sources, rows, bytes } = inputs;
        let (moved, written) = self.write(table, &sources, rows, pace)?;
        let report = MergeReport {
            merged_files: ids.len() as u64,
            merged_bytes: bytes,
            new_files: written.is_some().into(),
            new_bytes: written.as_ref().map_or(0, Written::all_bytes),
            dropped_rows: sources.iter().map(|source| source.skip.len() as u64).sum(),
        };
        let moves = Moves(ids.into_iter().zip(moved).collect::<BTreeMap<_, _>>());
        let id = self.hand_over(Merged { table, moves, written })?;
        tracing::info!(?table, ?report, took = ?started.elapsed(), "merged files");
        Ok((report, id))
    }

    /// Writes what is left of the sources' rows. A failure leaves no file behind.
    fn write(
        &self,
        table: Table,
        sources: &[Source],
        rows: u64,
        pace: Pace,
    ) -> StoreResult<(Vec<Vec<u32>>, Option<Written>)> {
        let path = table_dir(&self.dir, table).join(format!("{}.parquet", Uuid::now_v7()));
        let schemas = &self.schemas[table as usize];
        let mut writer = None;
        let mut worked_since = Instant::now();
        let mut texts = Pieces::default();
        let written = merge(table, &schemas.rows, sources, &mut texts, |batch| {
            if self.stopping() {
                return Err(StoreError::Closed);
            }
            let file = match &mut writer {
                Some(file) => file,
                None => writer.insert(TableWriter::create(&path, table, schemas, Packing::Tight, rows, &self.hook)?),
            };
            file.write(batch)?;
            if pace == Pace::Resting {
                thread::sleep((worked_since.elapsed() * REST_FACTOR).min(LONGEST_REST));
                worked_since = Instant::now();
            }
            Ok(())
        });
        // Pieces have come in the order in which the rows refer to them.
        let order = Vec::from_iter(0..texts.len() as u32);
        let written =
            written.and_then(|moved| Ok((moved, writer.map(|file| file.finish(&texts, &order)).transpose()?)));
        written.inspect_err(|_| remove_data_file(&path))
    }

    /// Once handed over, the file belongs to the flush thread, whatever comes.
    fn hand_over(&self, merged: Merged) -> StoreResult<Option<i64>> {
        let (done, adopted) = channel();
        self.flusher.send(Order::Adopt(Box::new(merged), done)).map_err(|_| StoreError::Closed)?;
        loop {
            match adopted.recv_timeout(STOP_LOOK) {
                Ok(id) => return Ok(id),
                Err(RecvTimeoutError::Timeout) if !self.stopping() => {}
                Err(_) => return Err(StoreError::Closed),
            }
        }
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}
