//! Whole rows to light rows and pieces, and light rows of one file to another.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, ListArray, MapArray, RecordBatch, StringArray, StringBuilder, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Schema};

use super::cut::cut;
use super::pieces::Pieces;
use super::{FIRST_ENTRY, MIN_TEXT_BYTES, PIECES, References, TextsFile, pieces_field, reference_fields, use_of};
use crate::error::StoreResult;
use crate::files::Layout;
use crate::files::write::retype;

/// A column whose long texts leave the rows.
enum Source<'a> {
    Texts(i32, &'a StringArray),
    /// A map, with the values of all its entries.
    Entries(&'a MapArray, &'a StringArray),
}

/// The rows without their long texts, which go to `pieces`; the references name the numbers there. The texts of rows that
/// are not to be kept go nowhere.
pub(crate) fn take_out(
    layout: &Layout,
    rows: &RecordBatch,
    keep: impl Fn(usize) -> bool,
    pieces: &mut Pieces,
) -> StoreResult<RecordBatch> {
    if layout.texts.is_empty() {
        return Ok(rows.clone());
    }
    let sources = sources(layout, rows);
    let (mut ends, mut places, mut numbers) = (vec![0_i32], Vec::new(), Vec::new());
    for row in 0..rows.num_rows() {
        let mut refer = |place: i32, text: &str| {
            if text.len() >= MIN_TEXT_BYTES && keep(row) {
                cut(text, |piece| {
                    places.push(place);
                    numbers.push(pieces.add(piece, use_of(place)) as i32);
                });
            }
        };
        for source in &sources {
            match source {
                Source::Texts(place, texts) if texts.is_valid(row) => refer(*place, texts.value(row)),
                Source::Texts(..) => {}
                Source::Entries(map, values) => {
                    let start = map.value_offsets()[row] as usize;
                    let entries = start..map.value_offsets()[row + 1] as usize;
                    for entry in entries.filter(|entry| values.is_valid(*entry)) {
                        refer(FIRST_ENTRY + (entry - start) as i32, values.value(entry));
                    }
                }
            }
        }
        ends.push(places.len() as i32);
    }
    let light = rows.schema_ref().fields().iter().zip(rows.columns()).map(|(field, column)| {
        if layout.texts.contains(&field.name().as_str()) {
            light(column, field.is_nullable())
        } else {
            Ok(Arc::clone(column))
        }
    });
    let mut columns = light.collect::<StoreResult<Vec<_>>>()?;
    columns.push(references(ends, places, numbers)?);
    let fields = rows.schema_ref().fields().iter().cloned().chain([pieces_field()]);
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns)?)
}

fn sources<'a>(layout: &Layout, rows: &'a RecordBatch) -> Vec<Source<'a>> {
    let source = |(place, name): (usize, &&str)| {
        let column = rows.column_by_name(name)?;
        match column.data_type() {
            DataType::Map(..) => Some(Source::Entries(column.as_map(), column.as_map().values().as_string_opt()?)),
            _ => Some(Source::Texts(place as i32, column.as_string_opt()?)),
        }
    };
    layout.texts.iter().enumerate().filter_map(source).collect()
}

/// The column without its long texts.
fn light(column: &ArrayRef, nullable: bool) -> StoreResult<ArrayRef> {
    let Some(map) = column.as_map_opt() else { return Ok(Arc::new(short(column.as_string(), nullable))) };
    let (keys, values) = (map.keys(), short(map.values().as_string(), true));
    let DataType::Map(entries, sorted) = column.data_type() else { return Ok(Arc::clone(column)) };
    let DataType::Struct(fields) = entries.data_type() else { return Ok(Arc::clone(column)) };
    let pairs = StructArray::try_new(fields.clone(), vec![Arc::clone(keys), Arc::new(values)], None)?;
    let map = MapArray::try_new(Arc::clone(entries), map.offsets().clone(), pairs, map.nulls().cloned(), *sorted)?;
    Ok(Arc::new(map))
}

fn short(texts: &StringArray, nullable: bool) -> StringArray {
    let mut builder = StringBuilder::with_capacity(texts.len(), 0);
    for text in texts {
        match text {
            Some(text) if text.len() < MIN_TEXT_BYTES => builder.append_value(text),
            Some(_) if !nullable => builder.append_value(""),
            _ => builder.append_null(),
        }
    }
    builder.finish()
}

fn references(ends: Vec<i32>, places: Vec<i32>, numbers: Vec<i32>) -> StoreResult<ArrayRef> {
    let nulls = NullBuffer::from_iter(ends.windows(2).map(|pair| pair[0] < pair[1]));
    lists(OffsetBuffer::new(ends.into()), Int32Array::from(places), Int32Array::from(numbers), Some(nulls))
}

fn lists(
    ends: OffsetBuffer<i32>,
    places: Int32Array,
    numbers: Int32Array,
    nulls: Option<NullBuffer>,
) -> StoreResult<ArrayRef> {
    let pairs = StructArray::try_new(reference_fields(), vec![Arc::new(places), Arc::new(numbers)], None)?;
    let field = pieces_field();
    let DataType::List(item) = field.data_type() else { return Ok(Arc::new(pairs)) };
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), ends, Arc::new(pairs), nulls)?))
}

/// Rows in file order with pieces numbered by first use, trace by trace: what belongs together lies together, and is
/// packed together. Gives the rows with new numbers, and the old numbers in the new order.
pub(crate) fn in_order(layout: &Layout, rows: &RecordBatch, pieces: &Pieces) -> StoreResult<(RecordBatch, Vec<u32>)> {
    let Some(references) = References::of(rows) else { return Ok((rows.clone(), Vec::new())) };
    let mut order = Vec::with_capacity(pieces.len());
    let mut new: Vec<i32> = vec![-1; pieces.len()];
    for row in grouped(layout, rows) {
        for number in &references.numbers.values()[references.of_row(row)] {
            let place = &mut new[*number as usize];
            if *place < 0 {
                *place = order.len() as i32;
                order.push(*number as u32);
            }
        }
    }
    Ok((renumbered(rows, &references, |number| new[number as usize])?, order))
}

/// All rows, those of a group beside each other, groups and rows as they come.
fn grouped(layout: &Layout, rows: &RecordBatch) -> Vec<usize> {
    let mut order = Vec::from_iter(0..rows.num_rows());
    if let Some(names) = rows.column_by_name(layout.group).and_then(|column| column.as_string_opt::<i32>()) {
        let mut firsts = HashMap::new();
        let first: Vec<usize> = order
            .iter()
            .map(|row| *firsts.entry(names.is_valid(*row).then(|| names.value(*row))).or_insert(*row))
            .collect();
        order.sort_by_key(|row| first[*row]);
    }
    order
}

fn renumbered(rows: &RecordBatch, references: &References, new: impl Fn(i32) -> i32) -> StoreResult<RecordBatch> {
    let Ok(index) = rows.schema_ref().index_of(PIECES) else { return Ok(rows.clone()) };
    let numbers = Int32Array::from_iter_values(references.numbers.values().iter().map(|number| new(*number)));
    let old = rows.column(index).as_list::<i32>();
    let mut columns = rows.columns().to_vec();
    let renumbered = lists(old.offsets().clone(), references.places.clone(), numbers, old.nulls().cloned())?;
    columns[index] = retype(&renumbered, old.data_type())?;
    Ok(RecordBatch::try_new(rows.schema(), columns)?)
}

/// Light rows of one file for another: the pieces that the rows to be kept use go from `from` to `to`, in the order in
/// which they lie, and no text is put together. References of other rows lose their meaning.
pub(crate) fn carry(
    rows: &RecordBatch,
    from: Option<&TextsFile>,
    keep: impl Fn(usize) -> bool,
    to: &mut Pieces,
) -> StoreResult<RecordBatch> {
    let (Some(references), Some(from)) = (References::of(rows), from) else { return Ok(rows.clone()) };
    let kept = (0..rows.num_rows()).filter(|row| keep(*row));
    let mut numbers: Vec<u32> = kept
        .flat_map(|row| &references.numbers.values()[references.of_row(row)])
        .map(|number| *number as u32)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (loaded, uses) = (from.load(&numbers)?, from.uses()?);
    let mut new = HashMap::with_capacity(numbers.len());
    for number in numbers {
        let bits = uses.get(number as usize).copied().unwrap_or(0);
        new.insert(number as i32, to.add(loaded.body(number)?, bits) as i32);
    }
    renumbered(rows, &references, |number| new.get(&number).copied().unwrap_or(-1))
}
