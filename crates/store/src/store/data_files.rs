//! The data files of all tables: what is masked in each, and the way from look-up keys to rows.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::StoreResult;
use crate::files::{GONE, Held, KeyIndex, WordIndex, Written, read_rows, read_some, texts_path};
use crate::join::{Older, OlderRows, RowRef};
use crate::rows::LookupKey;
use crate::snapshot::{FilePath, FileRef, Projects, Table};

/// Memory of the filters that look-ups of arriving rows ask: fifty million keys.
const MAX_FILTER_BYTES: usize = 64 << 20;

/// One data file.
#[derive(Debug)]
pub(super) struct DataFile {
    /// Its id in the catalogue.
    pub(super) id: i64,
    /// Where it lies.
    pub(super) path: FilePath,
    /// Its size.
    pub(super) bytes: u64,
    /// Size of the file of its texts, if it has one.
    pub(super) texts_bytes: Option<u64>,
    /// Its rows, masked ones included.
    pub(super) rows: u64,
    /// Smallest value of the time column.
    pub(super) min_time: i64,
    /// Largest value of the time column.
    pub(super) max_time: i64,
    /// From look-up keys to positions.
    pub(super) index: Arc<KeyIndex>,
    /// Whose rows it has, if that is known.
    pub(super) projects: Option<Projects>,
    /// Which of its rows may hold words; nothing as long as there is no index.
    pub(super) words: Option<Arc<WordIndex>>,
    /// Sorted positions that views leave out.
    pub(super) masked: Arc<Vec<u32>>,
    /// Those of them that the catalogue knows; the others are found again by replaying the log.
    pub(super) committed: Vec<u32>,
    /// Whether deleted rows may lie in it: it is written anew as soon as their masks are known to the catalogue.
    pub(super) purge: bool,
}

/// What the catalogue must be told of one file.
#[derive(Debug)]
pub(super) struct Masks {
    pub(super) table: Table,
    /// The file's id in the catalogue.
    pub(super) file_id: i64,
    /// Its name inside the table's folder.
    pub(super) data_file: String,
    /// All sorted positions that are masked, old and new.
    pub(super) positions: Vec<u32>,
}

/// The data files of all tables, by id.
#[derive(Debug, Default)]
pub(super) struct DataFiles {
    tables: [BTreeMap<i64, DataFile>; 3],
    /// Counts look-ups, so that the filters used last are known.
    lookups: AtomicU64,
}

impl DataFile {
    /// A file that was just written: nothing in it is masked.
    pub(super) fn new(id: i64, written: Written) -> Self {
        Self {
            id,
            path: written.path.into(),
            bytes: written.bytes,
            texts_bytes: written.texts.map(|texts| texts.bytes),
            rows: written.rows,
            min_time: written.min_time,
            max_time: written.max_time,
            index: written.index,
            projects: written.projects,
            words: None,
            masked: Arc::default(),
            committed: Vec::new(),
            purge: false,
        }
    }

    fn overlaps(&self, times: &RangeInclusive<i64>) -> bool {
        self.min_time <= *times.end() && self.max_time >= *times.start()
    }

    fn is_masked(&self, position: u32) -> bool {
        self.masked.binary_search(&position).is_ok()
    }
}

impl DataFiles {
    /// Lets go of the filters that were not used for the longest time, until the others fit.
    fn forget_filters(&self, now: u64) {
        let files = self.tables.iter().flat_map(BTreeMap::values);
        let mut held: Vec<(u64, usize, &DataFile)> = files
            .map(|file| (file.index.filter_use(), file))
            .map(|((bytes, used), file)| (used, bytes, file))
            .collect();
        held.sort_unstable_by_key(|(used, ..)| *used);
        let mut bytes: usize = held.iter().map(|(_, bytes, _)| bytes).sum();
        for (used, filter_bytes, file) in held {
            if bytes <= MAX_FILTER_BYTES || used == now {
                break;
            }
            file.index.forget_filter();
            bytes -= filter_bytes;
        }
    }

    /// A table's files, oldest first.
    pub(super) fn all(&self, table: Table) -> impl Iterator<Item = &DataFile> {
        self.of(table).values()
    }

    fn of(&self, table: Table) -> &BTreeMap<i64, DataFile> {
        &self.tables[table as usize]
    }

    /// Adds a file.
    pub(super) fn add(&mut self, table: Table, file: DataFile) {
        self.tables[table as usize].insert(file.id, file);
    }

    /// The file of an id.
    pub(super) fn get(&self, table: Table, id: i64) -> Option<&DataFile> {
        self.of(table).get(&id)
    }

    /// The table's files as views hold them, oldest first.
    pub(super) fn views(&self, table: Table) -> Vec<FileRef> {
        let view = |file: &DataFile| FileRef {
            path: file.path.clone(),
            bytes: file.bytes,
            texts: file.texts_bytes.map(|_| texts_path(&file.path)),
            words: file.words.clone(),
            rows: file.rows,
            min_time: file.min_time,
            max_time: file.max_time,
            deleted: Arc::clone(&file.masked),
            keys: Some(Arc::clone(&file.index)),
            projects: file.projects.clone(),
        };
        self.of(table).values().map(view).collect()
    }

    /// Rows of a table, masked ones left out.
    pub(super) fn rows(&self, table: Table) -> u64 {
        self.of(table).values().map(|file| file.rows - file.masked.len() as u64).sum()
    }

    /// Files of all tables.
    pub(super) fn count(&self) -> u64 {
        self.tables.iter().map(|files| files.len() as u64).sum()
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.tables.iter().flat_map(BTreeMap::values).map(|file| file.bytes + file.texts_bytes.unwrap_or(0)).sum()
    }

    /// Leaves rows out of all views from now on.
    pub(super) fn mask(&mut self, rows: impl IntoIterator<Item = (Table, RowRef)>) {
        for ((table, id), positions) in by_file(rows) {
            if let Some(file) = self.tables[table as usize].get_mut(&id) {
                file.masked = Arc::new(union(&file.masked, positions));
            }
        }
    }

    /// Files that hold a row of one of these keys, masked or not, are to be written anew.
    pub(super) fn want_purged(&mut self, keys: &[(Table, LookupKey)]) {
        for (table, key) in keys {
            let files = self.tables[*table as usize].values_mut().filter(|file| !file.purge);
            // A file whose keys cannot be read may hold one.
            files.for_each(|file| file.purge = file.index.rows(&[*key]).map_or(true, |rows| !rows.is_empty()));
        }
    }

    /// After a restart nobody knows in which files deleted rows lie: all with masked rows are written anew.
    pub(super) fn purge_masked(&mut self) {
        let files = self.tables.iter_mut().flat_map(BTreeMap::values_mut);
        files.for_each(|file| file.purge |= !file.masked.is_empty());
    }

    /// Where the files lie that are to be written anew.
    pub(super) fn purged_paths(&self) -> Vec<PathBuf> {
        let files =
            self.tables.iter().flat_map(BTreeMap::values).filter(|file| file.purge && !file.committed.is_empty());
        files.map(|file| file.path.to_path_buf()).collect()
    }

    /// What the catalogue must be told of files in which `rows` are replaced.
    pub(super) fn to_commit(&self, rows: impl IntoIterator<Item = (Table, RowRef)>) -> Vec<Masks> {
        let masks = |((table, file_id), positions)| {
            let file = self.get(table, file_id)?;
            let data_file = file.path.file_name()?.to_str()?.to_owned();
            Some(Masks { table, file_id, data_file, positions: union(&file.committed, positions) })
        };
        by_file(rows).into_iter().filter_map(masks).collect()
    }

    /// Rows of these files that the catalogue knows as masked, by their positions in a file in which they go on; those
    /// that were left out of it are not told.
    pub(super) fn committed_since(&self, table: Table, moves: &Moves) -> Vec<u32> {
        moves.positions(|id| self.get(table, id).map(|file| &file.committed[..]))
    }

    /// Puts one file, or none, in the place of others. Rows masked in them stay masked. Gives the files that are no
    /// longer part of the table: let go of them when nobody waits.
    pub(super) fn replace(&mut self, table: Table, moves: &Moves, new: Option<DataFile>) -> Vec<DataFile> {
        let masked = moves.positions(|id| self.get(table, id).map(|file| &file.masked[..]));
        if let Some(file) = new {
            let masked = Arc::new(union(&file.masked, masked));
            let of_old = moves.files().any(|id| self.get(table, id).is_some_and(|old| old.purge));
            let purge = of_old && !masked.is_empty();
            self.add(table, DataFile { masked, purge, ..file });
        }
        let files = &mut self.tables[table as usize];
        let old: Vec<DataFile> = moves.files().filter_map(|id| files.remove(&id)).collect();
        old.iter().for_each(|file| file.path.give_up());
        old
    }

    /// A file has a word index now; nothing happens if the file is gone.
    pub(super) fn set_words(&mut self, table: Table, id: i64, words: Arc<WordIndex>) {
        if let Some(file) = self.tables[table as usize].get_mut(&id) {
            file.words = Some(words);
        }
    }

    /// The catalogue knows these positions now.
    pub(super) fn committed(&mut self, table: Table, id: i64, positions: Vec<u32>) {
        if let Some(file) = self.tables[table as usize].get_mut(&id) {
            file.committed = positions;
        }
    }
}

/// Where the rows of some files went when they became one.
#[derive(Debug, Default)]
pub(super) struct Moves(pub(super) BTreeMap<i64, Vec<u32>>);

impl Moves {
    /// The files.
    pub(super) fn files(&self) -> impl Iterator<Item = i64> {
        self.0.keys().copied()
    }

    /// Whether a row stood in one of the files.
    pub(super) fn concerns(&self, row: RowRef) -> bool {
        self.0.contains_key(&row.file)
    }

    /// A row's new position; nothing if it was left out.
    pub(super) fn position(&self, row: RowRef) -> Option<u32> {
        let moved = *self.0.get(&row.file)?.get(row.position as usize)?;
        (moved != GONE).then_some(moved)
    }

    /// The new positions of some rows of each file, sorted.
    fn positions<'a>(&self, of: impl Fn(i64) -> Option<&'a [u32]>) -> Vec<u32> {
        let rows = self.files().flat_map(|file| {
            of(file).unwrap_or_default().iter().map(move |position| RowRef { file, position: *position })
        });
        let mut positions: Vec<u32> = rows.filter_map(|row| self.position(row)).collect();
        positions.sort_unstable();
        positions
    }
}

/// Positions by table and file.
fn by_file(rows: impl IntoIterator<Item = (Table, RowRef)>) -> HashMap<(Table, i64), Vec<u32>> {
    let mut files: HashMap<(Table, i64), Vec<u32>> = HashMap::new();
    for (table, row) in rows {
        files.entry((table, row.file)).or_default().push(row.position);
    }
    files
}

/// Both lists as one, sorted and without repeats.
fn union(old: &[u32], mut new: Vec<u32>) -> Vec<u32> {
    new.extend_from_slice(old);
    new.sort_unstable();
    new.dedup();
    new
}

impl DataFiles {
    /// Files with the positions of rows that carry one of the keys and are not masked.
    fn places<'a>(
        &'a self,
        table: Table,
        keys: &'a [LookupKey],
        times: &'a RangeInclusive<i64>,
    ) -> impl Iterator<Item = StoreResult<(&'a DataFile, Vec<u32>)>> {
        self.of(table).values().filter(|file| file.overlaps(times)).filter_map(|file| {
            let unmasked = file.index.rows(keys).map(|mut positions| {
                positions.retain(|position| !file.is_masked(*position));
                positions
            });
            unmasked.map(|positions| (!positions.is_empty()).then_some((file, positions))).transpose()
        })
    }
}

impl Older for DataFiles {
    fn count(&self, table: Table, key: LookupKey, times: &RangeInclusive<i64>) -> StoreResult<usize> {
        let now = self.lookups.fetch_add(1, Ordering::Relaxed);
        let mut count = 0;
        for file in self.of(table).values().filter(|file| file.overlaps(times)) {
            if file.index.hold_filter(now)? == Held::Now {
                self.forget_filters(now);
            }
            count += file.index.rows(&[key])?.len();
        }
        Ok(count)
    }

    fn find(&self, table: Table, keys: &[LookupKey], times: &RangeInclusive<i64>) -> StoreResult<Vec<OlderRows>> {
        let mut found = Vec::new();
        for place in self.places(table, keys, times) {
            let (file, positions) = place?;
            let mut rest = positions.as_slice();
            for rows in read_rows(table, &file.path, file.texts_bytes.is_some(), &positions)? {
                let (these, others) = rest.split_at(rows.num_rows().min(rest.len()));
                found.push(OlderRows { file: file.id, positions: these.to_vec(), rows });
                rest = others;
            }
        }
        Ok(found)
    }

    fn find_columns(
        &self,
        table: Table,
        columns: &[&str],
        keys: &[LookupKey],
        times: &RangeInclusive<i64>,
    ) -> StoreResult<Vec<OlderRows>> {
        let mut found = Vec::new();
        for place in self.places(table, keys, times) {
            let (file, positions) = place?;
            let rows = read_some(&file.path, columns, &positions)?;
            found.extend(rows.map(|rows| OlderRows { file: file.id, positions, rows }));
        }
        Ok(found)
    }
}
