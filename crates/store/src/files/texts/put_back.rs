//! Light rows to whole rows.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, RecordBatch, StringArray, StringBuilder, StructArray};
use arrow::datatypes::{DataType, Schema};
use pellucid_model::Result as Edge;

use super::file::Loaded;
use super::{FIRST_ENTRY, PIECES, References, TextsFile, text_columns};
use crate::error::{StoreError, StoreResult};
use crate::snapshot::Table;

/// Bytes of texts a batch, beyond which it is given in two: a column holds no more than 2 GB.
const BATCH_BYTES: usize = 32 << 20;

/// The rows with the texts of the columns they have, without the references, in one batch or in several. `texts` is the
/// file beside the rows' file; without one the rows are whole as they are.
pub fn put_back(table: Table, rows: &RecordBatch, texts: Option<&TextsFile>) -> Edge<Vec<RecordBatch>> {
    Ok(whole(table, rows, texts)?)
}

/// The same inside the crate.
pub(crate) fn whole(table: Table, rows: &RecordBatch, texts: Option<&TextsFile>) -> StoreResult<Vec<RecordBatch>> {
    let columns = text_columns(table);
    let wanted = wanted(columns, rows);
    let found = References::of(rows).filter(|_| !wanted.is_empty()).zip(texts);
    let Some((references, texts)) = found else { return Ok(vec![without_references(rows)?]) };
    let loaded = texts.load(&numbers(&references, rows, &wanted))?;
    let mut batches = Vec::new();
    fill(
        &Scene { columns, wanted: &wanted, references: &references, loaded: &loaded, rows },
        0..rows.num_rows(),
        &mut batches,
    )?;
    Ok(batches)
}

/// Places of the texts that a batch has columns for.
fn wanted(columns: &[&str], rows: &RecordBatch) -> Vec<Range<i32>> {
    let place = |(place, name): (usize, &&str)| {
        let kind = rows.column_by_name(name)?.data_type();
        let place = place as i32;
        Some(if matches!(kind, DataType::Map(..)) { FIRST_ENTRY..i32::MAX } else { place..place + 1 })
    };
    columns.iter().enumerate().filter_map(place).collect()
}

/// The pieces of these places, sorted and without repeats.
fn numbers(references: &References, rows: &RecordBatch, wanted: &[Range<i32>]) -> Vec<u32> {
    let of_row = |row| {
        let pairs = references.of_row(row).map(|at| (references.places.value(at), references.numbers.value(at)));
        pairs.filter(|(place, _)| wanted.iter().any(|range| range.contains(place))).map(|(_, number)| number as u32)
    };
    let mut numbers: Vec<u32> = (0..rows.num_rows()).flat_map(of_row).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn without_references(rows: &RecordBatch) -> StoreResult<RecordBatch> {
    let keep: Vec<usize> =
        (0..rows.num_columns()).filter(|index| rows.schema_ref().field(*index).name() != PIECES).collect();
    Ok(rows.project(&keep)?)
}

struct Scene<'a> {
    columns: &'a [&'a str],
    wanted: &'a [Range<i32>],
    references: &'a References,
    loaded: &'a Loaded,
    rows: &'a RecordBatch,
}

/// The rows of a range, halved until they are small enough.
fn fill(scene: &Scene<'_>, range: Range<usize>, batches: &mut Vec<RecordBatch>) -> StoreResult<()> {
    if range.len() > 1 && scene.bytes(&range)? > BATCH_BYTES {
        let middle = range.start + range.len() / 2;
        fill(scene, range.start..middle, batches)?;
        return fill(scene, middle..range.end, batches);
    }
    let rows = scene.rows.slice(range.start, range.len());
    let fields = rows.schema_ref().fields().iter().zip(rows.columns());
    let mut filled = (Vec::new(), Vec::new());
    for (field, column) in fields.filter(|(field, _)| field.name() != PIECES) {
        let place = scene.columns.iter().position(|name| name == field.name());
        filled.0.push(Arc::clone(field));
        filled.1.push(match place {
            Some(place) => scene.column(column, place as i32, range.start)?,
            None => Arc::clone(column),
        });
    }
    batches.push(RecordBatch::try_new(Arc::new(Schema::new(filled.0)), filled.1)?);
    Ok(())
}

impl Scene<'_> {
    fn bytes(&self, range: &Range<usize>) -> StoreResult<usize> {
        let mut bytes = 0;
        for at in range.clone().flat_map(|row| self.references.of_row(row)) {
            let place = self.references.places.value(at);
            if self.wanted.iter().any(|range| range.contains(&place)) {
                bytes += self.loaded.body(self.references.numbers.value(at) as u32)?.len();
            }
        }
        Ok(bytes)
    }

    /// One column of rows that begin at `first`.
    fn column(&self, column: &ArrayRef, place: i32, first: usize) -> StoreResult<ArrayRef> {
        let Some(map) = column.as_map_opt() else {
            let texts = column.as_string_opt::<i32>().ok_or_else(|| odd_type(column))?;
            let place = |row: usize| self.references.of_place(first + row, place);
            return Ok(Arc::new(self.texts((0..texts.len()).map(|row| (texts, row, place(row))))?));
        };
        let DataType::Map(field, sorted) = column.data_type() else { return Err(odd_type(column)) };
        let DataType::Struct(fields) = field.data_type() else { return Err(odd_type(column)) };
        // Of the rows of this batch only: the entries may be those of a larger one.
        let ends = map.value_offsets();
        let (start, end) = (ends[0] as usize, ends[map.len()] as usize);
        let (keys, values) = (map.keys().slice(start, end - start), map.values().slice(start, end - start));
        let values = values.as_string_opt::<i32>().ok_or_else(|| odd_type(column))?;
        let entries = (0..map.len()).flat_map(|row| {
            let of_row = ends[row] as usize - start..ends[row + 1] as usize - start;
            let row_start = of_row.start;
            of_row.map(move |entry| {
                (values, entry, self.references.of_place(first + row, FIRST_ENTRY + (entry - row_start) as i32))
            })
        });
        let pairs = StructArray::try_new(fields.clone(), vec![keys, Arc::new(self.texts(entries)?)], None)?;
        let lengths = map.offsets().lengths();
        let offsets = arrow::buffer::OffsetBuffer::from_lengths(lengths);
        Ok(Arc::new(MapArray::try_new(Arc::clone(field), offsets, pairs, map.nulls().cloned(), *sorted)?))
    }

    /// Texts one after the other: of each its short form, where in it, and its pieces.
    fn texts<'a>(&self, texts: impl Iterator<Item = (&'a StringArray, usize, &'a [i32])>) -> StoreResult<StringArray> {
        let mut builder = StringBuilder::new();
        for (short, at, pieces) in texts {
            match pieces {
                [] if short.is_null(at) => builder.append_null(),
                [] => builder.append_value(short.value(at)),
                pieces => {
                    for number in pieces {
                        // Writing to memory does not fail.
                        builder.write_str(self.loaded.body(*number as u32)?).unwrap_or_default();
                    }
                    builder.append_value("");
                }
            }
        }
        Ok(builder.finish())
    }
}

fn odd_type(column: &ArrayRef) -> StoreError {
    StoreError::Internal(format!("a text column has type {}", column.data_type()))
}
