//! Which rows use which pieces, for the columns that are searched: from a data file's column of references.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::{StoreError, StoreResult};
use crate::files::Layout;
use crate::files::texts::{PIECES, References};

/// Rows read at one time.
const BATCH_ROWS: usize = 512;
/// References in memory at one time: four bytes each. A file with more is read more than once.
const MAX_REFERENCES: u64 = 4 << 20;

/// Called after every piece of work: may rest, or give up.
pub(crate) type Pace<'a> = &'a mut dyn FnMut() -> StoreResult<()>;

/// Hands over some columns of every row, some rows at a time, with the number of the first. Columns that the file does not
/// have are left out.
pub(super) fn each_batch(
    path: &Path,
    columns: &[&str],
    pace: Pace<'_>,
    mut each: impl FnMut(u32, &RecordBatch) -> StoreResult<()>,
) -> StoreResult<()> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(StoreError::parquet(path))?;
    let fields = reader.schema().fields().iter().enumerate();
    let roots: Vec<usize> =
        fields.filter(|(_, field)| columns.contains(&field.name().as_str())).map(|(root, _)| root).collect();
    if roots.is_empty() {
        return Ok(());
    }
    let mask = ProjectionMask::roots(reader.parquet_schema(), roots);
    let reader = reader.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(StoreError::parquet(path))?;
    let mut first = 0;
    for batch in reader {
        let batch = batch?;
        each(first, &batch)?;
        first += batch.num_rows() as u32;
        pace()?;
    }
    Ok(())
}

/// The references of one data file.
pub(super) struct Uses<'a> {
    path: &'a Path,
    /// Bits of the places that are searched.
    places: u64,
    /// How often each piece is used; 0 for those of other columns.
    counts: Vec<u32>,
    /// Pieces that follow each other in a text.
    neighbours: HashSet<(u32, u32)>,
}

/// For each piece of a range the rows that use it, ascending.
pub(super) struct Rows {
    first: u32,
    ends: Vec<usize>,
    rows: Vec<u32>,
}

impl<'a> Uses<'a> {
    /// Counts the uses of `pieces` pieces.
    pub(super) fn count(layout: &Layout, path: &'a Path, pieces: u32, pace: Pace<'_>) -> StoreResult<Self> {
        let searched = layout.texts.iter().enumerate().filter(|(_, name)| layout.searched.contains(name));
        let places = searched.fold(0, |bits, (place, _)| bits | 1 << place);
        let uses = Self { path, places, counts: Vec::new(), neighbours: HashSet::new() };
        let (mut counts, mut neighbours) = (vec![0; pieces as usize], HashSet::new());
        let mut before: Option<(u32, i32, u32)> = None;
        uses.each(pace, |row, place, piece| {
            if let Some(count) = counts.get_mut(piece as usize) {
                *count += 1;
            }
            if let Some((_, _, other)) = before.filter(|(last, same, _)| (*last, *same) == (row, place)) {
                neighbours.insert((other, piece));
            }
            before = Some((row, place, piece));
        })?;
        Ok(Self { counts, neighbours, ..uses })
    }

    fn each(&self, pace: Pace<'_>, mut each: impl FnMut(u32, i32, u32)) -> StoreResult<()> {
        each_batch(self.path, &[PIECES], pace, |first, batch| {
            let Some(references) = References::of(batch) else { return Ok(()) };
            for row in 0..batch.num_rows() {
                for (place, piece) in references.pairs_of_row(row) {
                    if u32::try_from(place).is_ok_and(|place| place < u64::BITS && self.places >> place & 1 == 1) {
                        each(first + row as u32, place, piece as u32);
                    }
                }
            }
            Ok(())
        })
    }

    /// Ranges of pieces whose references fit into memory together.
    pub(super) fn ranges(&self) -> Vec<Range<u32>> {
        let (mut ranges, mut first, mut sum) = (Vec::new(), 0, 0);
        for (count, piece) in self.counts.iter().zip(0..) {
            if sum + u64::from(*count) > MAX_REFERENCES && piece > first {
                ranges.push(first..piece);
                (first, sum) = (piece, 0);
            }
            sum += u64::from(*count);
        }
        let end = self.counts.len() as u32;
        ranges.extend((first < end).then_some(first..end));
        ranges
    }

    /// The rows that use the pieces of a range.
    pub(super) fn rows(&self, range: &Range<u32>, pace: Pace<'_>) -> StoreResult<Rows> {
        let counts = self.counts.get(range.start as usize..range.end as usize).unwrap_or_default();
        let mut ends = Vec::with_capacity(counts.len());
        let mut sum = 0;
        for count in counts {
            ends.push(sum);
            sum += *count as usize;
        }
        let starts = ends.clone();
        let mut rows = vec![0; sum];
        self.each(pace, |row, _, piece| {
            let Some(place) = piece.checked_sub(range.start).map(|place| place as usize) else { return };
            let Some(end) = ends.get_mut(place) else { return };
            // A row may use a piece twice.
            if *end == starts[place] || rows[*end - 1] != row {
                rows[*end] = row;
                *end += 1;
            }
        })?;
        // What twice used pieces left free stays between the lists.
        let mut packed = Vec::with_capacity(rows.len());
        for (start, end) in starts.into_iter().zip(&mut ends) {
            packed.extend_from_slice(&rows[start..*end]);
            *end = packed.len();
        }
        Ok(Rows { first: range.start, ends, rows: packed })
    }

    /// Pieces that follow each other.
    pub(super) fn neighbours(&self) -> impl Iterator<Item = (u32, u32)> {
        self.neighbours.iter().copied()
    }

    /// For each of these pairs the rows in which they follow each other.
    pub(super) fn rows_of_pairs(
        &self,
        pairs: &HashMap<(u32, u32), usize>,
        pace: Pace<'_>,
    ) -> StoreResult<Vec<Vec<u32>>> {
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); pairs.len()];
        let mut before: Option<(u32, i32, u32)> = None;
        self.each(pace, |row, place, piece| {
            let pair =
                before.filter(|(last, same, _)| (*last, *same) == (row, place)).map(|(.., other)| (other, piece));
            before = Some((row, place, piece));
            let Some(number) = pair.and_then(|pair| pairs.get(&pair)) else { return };
            let Some(list) = rows.get_mut(*number) else { return };
            if list.last() != Some(&row) {
                list.push(row);
            }
        })?;
        Ok(rows)
    }
}

impl Rows {
    /// The rows that use a piece; none for a piece that is not of the range.
    pub(super) fn of(&self, piece: u32) -> &[u32] {
        let place = piece.checked_sub(self.first).map(|place| place as usize);
        let end = place.and_then(|place| self.ends.get(place)).copied().unwrap_or_default();
        let start = place.and_then(|place| place.checked_sub(1)).and_then(|before| self.ends.get(before)).copied();
        self.rows.get(start.unwrap_or_default()..end).unwrap_or_default()
    }
}
