//! Retention in the merge thread: files that go as a whole, files that are written anew without some rows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::TimestampNanosecondType;

use super::{Merger, Pace};
use crate::catalog::table_dir;
use crate::error::{StoreError, StoreResult};
use crate::files::{Layout, scan_columns};
use crate::rows::Texts;
use crate::snapshot::{FilePath, Table};
use crate::store::RetentionReport;
use crate::store::data_files::Moves;
use crate::store::disk::Merged;
use crate::store::retain::{Cut, Cuts, DAY_NS, bytes_of};
use crate::store::state::read;

/// Names of data files are UUIDs.
const UUID_BYTES: usize = 36;

/// What was looked at already: a file is read once for one set of cuts.
#[derive(Debug, Default)]
pub(in crate::store) struct Kept {
    cuts: Option<Cuts>,
    files: HashSet<(Table, i64)>,
}

/// A file that may have to go for the sake of room.
struct Weighed {
    /// When its newest row is from.
    last: i64,
    table: Table,
    id: i64,
    bytes: u64,
    rows: u64,
}

impl Merger {
    /// Takes away what is past its age, then the oldest until the rest has room.
    pub(super) fn retain(&mut self, cuts: &Cuts) -> StoreResult<RetentionReport> {
        if self.kept.cuts.as_ref() != Some(cuts) {
            self.kept = Kept { cuts: Some(cuts.clone()), files: HashSet::new() };
        }
        let mut report = RetentionReport::default();
        for (table, cut) in Table::ALL.into_iter().zip(&cuts.tables) {
            self.drop_past(table, cut, &mut report)?;
            self.thin_out(table, cut, &mut report)?;
        }
        report.bytes = bytes_of(&self.dir)?;
        if let Some(over) = cuts.max_bytes.and_then(|max| report.bytes.checked_sub(max)).filter(|over| *over > 0) {
            self.make_room(over, &mut report)?;
            report.bytes = bytes_of(&self.dir)?;
        }
        Ok(report)
    }

    /// Files that are past the age of every project.
    fn drop_past(&self, table: Table, cut: &Cut, report: &mut RetentionReport) -> StoreResult<()> {
        let past: Vec<(i64, u64)> = {
            let state = read(&self.state);
            let files = state.files.all(table).filter(|file| file.max_time < cut.all_gone_before());
            files.map(|file| (file.id, file.rows - file.masked.len() as u64)).collect()
        };
        self.drop_files(table, &past, report)
    }

    fn drop_files(&self, table: Table, files: &[(i64, u64)], report: &mut RetentionReport) -> StoreResult<()> {
        if files.is_empty() {
            return Ok(());
        }
        // No row of them has a new position.
        let moves = Moves(files.iter().map(|(id, _)| (*id, Vec::new())).collect());
        self.hand_over(Merged { table, moves, written: None })?;
        report.dropped_files += files.len() as u64;
        report.dropped_rows += files.iter().map(|(_, rows)| rows).sum::<u64>();
        tracing::info!(?table, files = files.len(), "files past their time are dropped");
        Ok(())
    }

    /// Files of which some rows are past the age of their project.
    fn thin_out(&mut self, table: Table, cut: &Cut, report: &mut RetentionReport) -> StoreResult<()> {
        let mixed: Vec<(i64, FilePath, Arc<Vec<u32>>)> = {
            let state = read(&self.state);
            let files = state.files.all(table).filter(|file| file.min_time < cut.all_kept_from());
            let new = files.filter(|file| !self.kept.files.contains(&(table, file.id)));
            new.map(|file| (file.id, file.path.clone(), Arc::clone(&file.masked))).collect()
        };
        for (id, path, masked) in mixed {
            if self.stopping() {
                return Err(StoreError::Closed);
            }
            let past = past_rows(table, &path, cut)?;
            let unmasked = past.iter().filter(|position| masked.binary_search(position).is_err()).count() as u64;
            drop(path);
            if unmasked > 0 {
                self.merge_without(table, &[id], &BTreeMap::from([(id, past)]), Pace::Resting)?;
                report.rewritten_files += 1;
                report.dropped_rows += unmasked;
            } else {
                self.kept.files.insert((table, id));
            }
        }
        Ok(())
    }

    /// Drops the oldest files of all tables, day by day; of the newest day file by file.
    fn make_room(&self, over: u64, report: &mut RetentionReport) -> StoreResult<()> {
        let files = self.weighed()?;
        let newest = files.last().map(|file| file.last.div_euclid(DAY_NS));
        let (mut doomed, mut freed): (HashMap<Table, Vec<(i64, u64)>>, u64) = (HashMap::new(), 0);
        let mut day = None;
        for file in files {
            let of_day = Some(file.last.div_euclid(DAY_NS));
            if freed >= over && (of_day == newest || of_day != day) {
                break;
            }
            day = of_day;
            freed += file.bytes;
            doomed.entry(file.table).or_default().push((file.id, file.rows));
        }
        for table in Table::ALL {
            self.drop_files(table, doomed.get(&table).map_or(&[][..], Vec::as_slice), report)?;
        }
        if freed < over {
            tracing::warn!(
                bytes = over - freed,
                "the directory takes more than it may though no data file is left: raise retention.max_bytes"
            );
        }
        Ok(())
    }

    /// All files, oldest first, with everything that lies beside them.
    fn weighed(&self) -> StoreResult<Vec<Weighed>> {
        let mut files = Vec::new();
        for table in Table::ALL {
            let beside = self.bytes_by_stem(table)?;
            let state = read(&self.state);
            files.extend(state.files.all(table).map(|file| {
                let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
                let bytes = beside.get(stem.as_ref()).copied().unwrap_or(file.bytes);
                let rows = file.rows - file.masked.len() as u64;
                Weighed { last: file.max_time, table, id: file.id, bytes, rows }
            }));
        }
        files.sort_by_key(|file| (file.last, file.table as usize, file.id));
        Ok(files)
    }

    /// Bytes of each data file with its texts and indexes: all of whose names it is the beginning.
    fn bytes_by_stem(&self, table: Table) -> StoreResult<HashMap<String, u64>> {
        let folder = table_dir(&self.dir, table);
        let mut bytes: HashMap<String, u64> = HashMap::new();
        for entry in fs::read_dir(&folder).map_err(StoreError::io("list", &folder))? {
            let entry = entry.map_err(StoreError::io("list", &folder))?;
            let Ok(metadata) = entry.metadata() else { continue };
            let name = entry.file_name().to_string_lossy().into_owned();
            let stem = name.get(..UUID_BYTES).unwrap_or(&name);
            *bytes.entry(stem.to_owned()).or_default() += metadata.len();
        }
        Ok(bytes)
    }
}

/// Positions of rows that are past the age of their project.
fn past_rows(table: Table, path: &FilePath, cut: &Cut) -> StoreResult<Vec<u32>> {
    let time = Layout::of(table).time;
    let mut past = Vec::new();
    scan_columns(path, &["project", time], |first, rows| {
        let projects = Texts::of(rows, "project")?;
        let times = rows.column_by_name(time).and_then(|times| times.as_primitive_opt::<TimestampNanosecondType>());
        let Some(times) = times else { return Ok(()) };
        let is_past = |row: &usize| times.value(*row) < cut.of(projects.at(*row).unwrap_or_default());
        past.extend((0..rows.num_rows()).filter(is_past).filter_map(|row| u32::try_from(first + row).ok()));
        Ok(())
    })?;
    Ok(past)
}
