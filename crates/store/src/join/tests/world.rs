//! A store without a disk: memory, files as lists of rows, the joiner between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute;
use pellucid_model::{PricedSpan, SpanSource};

use crate::deletion::{Deleted, DeletionChunk};
use crate::error::StoreResult;
use crate::join::{Joiner, Older, OlderRows, RowRef};
use crate::memtable::Memtable;
use crate::rewrite::{Chunk, RewriteReport};
use crate::rows::{
    LookupKey, SpanKey, SpanRow, StoredLog, StoredPoint, batch_to_logs, batch_to_points, batch_to_spans, lookup_keys,
};
use crate::snapshot::Table;
use crate::stages::{Batch, Stages};
use crate::store::Commit;

/// Files as lists of rows in memory.
#[derive(Default)]
struct Files(Vec<FakeFile>);

struct FakeFile {
    table: Table,
    rows: RecordBatch,
    keys: Vec<(LookupKey, u32)>,
    masked: BTreeSet<u32>,
}

impl FakeFile {
    fn kept(&self) -> RecordBatch {
        let places = (0..self.rows.num_rows() as u32).filter(|row| !self.masked.contains(row));
        compute::take_record_batch(&self.rows, &UInt32Array::from_iter_values(places)).unwrap()
    }
}

impl Files {
    fn mask(&mut self, rows: impl IntoIterator<Item = RowRef>) {
        for row in rows {
            assert!(self.0[row.file as usize].masked.insert(row.position), "masked twice: {row:?}");
        }
    }
}

impl Older for Files {
    fn count(&self, table: Table, key: LookupKey, _: &std::ops::RangeInclusive<i64>) -> StoreResult<usize> {
        let files = self.0.iter().filter(|file| file.table == table);
        Ok(files.flat_map(|file| &file.keys).filter(|(have, _)| *have == key).count())
    }

    fn find(&self, table: Table, keys: &[LookupKey], _: &std::ops::RangeInclusive<i64>) -> StoreResult<Vec<OlderRows>> {
        let mut found = Vec::new();
        for (number, file) in self.0.iter().enumerate().filter(|(_, file)| file.table == table) {
            let places = file.keys.iter().filter(|(key, row)| keys.contains(key) && !file.masked.contains(row));
            let positions: Vec<u32> = places.map(|(_, row)| *row).collect::<BTreeSet<_>>().into_iter().collect();
            if !positions.is_empty() {
                let rows = compute::take_record_batch(&file.rows, &UInt32Array::from(positions.clone())).unwrap();
                found.push(OlderRows { file: number as i64, positions, rows });
            }
        }
        Ok(found)
    }
}

/// A store without a disk.
pub(super) struct World {
    pub(super) memory: Memtable,
    files: Files,
    joiner: Joiner,
    /// Batches of a flush that is under way.
    pub(super) flushing: Option<[RecordBatch; 3]>,
}

/// Everything that stands in the tables.
#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) spans: BTreeMap<SpanKey, SpanRow>,
    pub(super) logs: BTreeMap<String, StoredLog>,
    pub(super) points: BTreeMap<String, StoredPoint>,
}

impl World {
    pub(super) fn new(stages: Arc<dyn Stages>) -> Self {
        let joiner = Joiner::new(stages);
        Self { memory: Memtable::default(), files: Files::default(), joiner, flushing: None }
    }

    pub(super) fn write(&mut self, batch: Batch) -> Commit {
        let change = self.joiner.plan(&self.memory, &self.files, batch).unwrap();
        let commit = change.commit;
        self.files.mask(change.masked().into_iter().map(|(_, row)| row));
        self.memory.apply(change);
        commit
    }

    /// Makes rows again.
    pub(super) fn rewrite(&mut self, chunk: &Chunk) -> RewriteReport {
        let (change, report) = self.joiner.rewrite(&self.memory, &self.files, chunk).unwrap();
        self.files.mask(change.masked().into_iter().map(|(_, row)| row));
        self.memory.apply(change);
        report
    }

    /// Deletes rows.
    pub(super) fn delete(&mut self, chunk: &DeletionChunk) -> Deleted {
        let (change, deleted) = self.joiner.delete(&self.memory, &self.files, chunk).unwrap();
        self.files.mask(change.masked().into_iter().map(|(_, row)| row));
        self.memory.apply(change);
        deleted
    }

    /// Loses every row of a table that lies in a file, as retention would.
    pub(super) fn forget(&mut self, table: Table) {
        for file in self.files.0.iter_mut().filter(|file| file.table == table) {
            file.masked = (0..file.rows.num_rows() as u32).collect();
        }
        self.joiner.files_changed();
    }

    pub(super) fn start_flush(&mut self) {
        let tables = self.memory.freeze();
        let batches = Table::ALL.map(|table| {
            let rows = tables[place(table)].rows.batches().unwrap();
            compute::concat_batches(&crate::schema::schema(table), &rows).unwrap()
        });
        self.flushing = Some(batches);
    }

    /// Ends a flush; files hold the rows in reverse.
    pub(super) fn end_flush(&mut self) {
        for (table, rows) in Table::ALL.into_iter().zip(self.flushing.take().into_iter().flatten()) {
            let count = rows.num_rows() as u32;
            if count == 0 {
                drop(self.memory.finish(table, -1, &[]));
                continue;
            }
            let order: Vec<u32> = (0..count).rev().collect();
            let rows = compute::take_record_batch(&rows, &UInt32Array::from(order.clone())).unwrap();
            let keys = lookup_keys(table, &rows).unwrap();
            let number = self.files.0.len() as i64;
            self.files.0.push(FakeFile { table, rows, keys, masked: BTreeSet::new() });
            let (masked, _) = self.memory.finish(table, number, &order);
            self.files.mask(masked);
        }
        self.joiner.files_changed();
    }

    fn batches(&self, table: Table) -> Vec<RecordBatch> {
        let files = self.files.0.iter().filter(|file| file.table == table).map(FakeFile::kept);
        files.chain(self.memory.view(table).batches().unwrap()).collect()
    }

    pub(super) fn tables(&self) -> Tables {
        fn by<K: Ord, R>(rows: impl Iterator<Item = R>, key: impl Fn(&R) -> K) -> BTreeMap<K, R> {
            let mut map = BTreeMap::new();
            rows.for_each(|row| assert!(map.insert(key(&row), row).is_none(), "a row stands twice"));
            map
        }
        let all = |table| self.batches(table).into_iter();
        Tables {
            spans: by(all(Table::Spans).flat_map(|b| batch_to_spans(&b).unwrap()), |row| SpanKey::of(&row.priced)),
            logs: by(all(Table::Logs).flat_map(|b| batch_to_logs(&b).unwrap()), |row| format!("{:?}", row.key())),
            points: by(all(Table::Metrics).flat_map(|b| batch_to_points(&b).unwrap()), |row| {
                format!("{:?}", row.key())
            }),
        }
    }
}

fn place(table: Table) -> usize {
    Table::ALL.iter().position(|other| *other == table).unwrap()
}

impl Tables {
    /// The rows of `llm_calls`.
    pub(super) fn calls(&self) -> Vec<&PricedSpan> {
        let rows = self.spans.values().map(|row| &*row.priced);
        rows.filter(|row| row.span.counts && row.span.kind.is_model_call()).collect()
    }

    /// Without the mark that records tell of a row: it may stay where a later copy says the same by itself.
    pub(super) fn unmarked(mut self) -> Self {
        self.spans.values_mut().for_each(|row| row.joined = false);
        self
    }

    /// Without rows of records that came before it was known that spans tell of their calls: those stay where they are.
    pub(super) fn told(mut self) -> Self {
        self.spans.retain(|_, row| row.priced.span.counts || row.priced.span.source == SpanSource::Span);
        self
    }
}
