//! Long texts out of their rows, each piece of them stored once a file.
//!
//! An agent sends its whole history with every call, and what it sends stands in two spellings: as sent and canonical.
//! Beside a data file of rows lies a file of texts: every distinct piece once, in the order in which traces use them.
//! A row keeps numbers: column `pieces` says which text of the row (its place) continues with which piece. Where a text
//! left, its column is null (or empty, where null may not stand). Put back together, rows are what they were, byte for
//! byte; a file without long texts has no file beside it, and files of before this reads as they are.

mod cut;
mod file;
mod pieces;
mod put_back;
mod take_out;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, AsArray, Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int32Type, Schema, SchemaRef};

pub use file::TextsFile;
pub(crate) use file::{WrittenTexts, write_texts};
pub(crate) use pieces::Pieces;
pub use put_back::put_back;
pub(crate) use put_back::whole;
pub(crate) use take_out::{carry, in_order, take_out};

use pellucid_model::Result as Edge;

use crate::snapshot::Table;

use super::{Layout, Packing};

/// Texts of at least so many bytes leave their row.
const MIN_TEXT_BYTES: usize = 128;
/// The column of a data file that refers to pieces.
pub const PIECES: &str = "pieces";
/// The place of a map's first entry; of the next one more. Places of columns are lower.
const FIRST_ENTRY: i32 = 1000;
/// Of [`Pieces`]: the piece stands in an entry of a map. The other bits are the places of columns.
const USED_BY_ENTRY: i64 = 1 << 32;

/// The columns of a table whose long texts may lie in the file beside.
pub fn text_columns(table: Table) -> &'static [&'static str] {
    Layout::of(table).texts
}

/// The column of references: for each piece the place of its text in the row, and its number.
pub fn pieces_field() -> FieldRef {
    static FIELD: LazyLock<FieldRef> = LazyLock::new(|| {
        let item = Field::new_list_field(DataType::Struct(reference_fields()), true);
        Arc::new(Field::new(PIECES, DataType::List(Arc::new(item)), true))
    });
    FieldRef::clone(&FIELD)
}

fn reference_fields() -> Fields {
    Fields::from(vec![Field::new("place", DataType::Int32, false), Field::new("n", DataType::Int32, false)])
}

/// The columns of a file of texts.
pub(crate) fn texts_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        // The name of the data file, so that others can join.
        Field::new("part", DataType::Utf8, false),
        // The piece's number there.
        Field::new("n", DataType::Int32, false),
        // The texts it stands in: a bit for each place, or for the entries of the map.
        Field::new("uses", DataType::Int64, false),
        Field::new("body", DataType::Utf8, false),
    ]))
}

/// The columns of a table's data files: the table's own, and the references.
pub(crate) fn stored_schema(table: Table) -> SchemaRef {
    let schema = crate::schema::schema(table);
    if text_columns(table).is_empty() {
        return schema;
    }
    let fields = schema.fields().iter().cloned().chain([pieces_field()]);
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Rows without their long texts, which go to the file `path`: what [`put_back`] undoes. For tests of those who read.
pub fn set_apart(table: Table, rows: &RecordBatch, path: &Path) -> Edge<RecordBatch> {
    let mut pieces = Pieces::default();
    let light = take_out(Layout::of(table), rows, |_| true, &mut pieces)?;
    let order = Vec::from_iter(0..pieces.len() as u32);
    write_texts(path, "", &texts_schema(), &pieces, &order, Packing::Fast)?;
    Ok(light)
}

/// The file of texts beside a data file.
pub(crate) fn texts_path(data_file: &Path) -> PathBuf {
    let stem = data_file.file_stem().unwrap_or_default().to_string_lossy();
    data_file.with_file_name(format!("{stem}-texts.parquet"))
}

/// The references of rows as numbers: those of row `r` lie in `ends[r]..ends[r + 1]`.
pub(super) struct References {
    ends: Vec<usize>,
    places: Int32Array,
    numbers: Int32Array,
}

impl References {
    /// The references of a batch; nothing if it has none.
    pub(super) fn of(rows: &RecordBatch) -> Option<Self> {
        let lists = rows.column_by_name(PIECES)?.as_list_opt::<i32>()?;
        let pairs = lists.values().as_struct_opt()?;
        let number = |name: &str| Some(pairs.column_by_name(name)?.as_primitive_opt::<Int32Type>()?.clone());
        // The items of a null list are nobody's.
        let ends = lists.offsets().iter().map(|end| *end as usize).collect::<Vec<_>>();
        (lists.null_count() < lists.len()).then_some(())?;
        Some(Self { ends, places: number("place")?, numbers: number("n")? })
    }

    /// Where a row's references lie.
    fn of_row(&self, row: usize) -> std::ops::Range<usize> {
        self.ends[row]..self.ends[row + 1]
    }

    /// A row's references: place and number of each.
    pub(super) fn pairs_of_row(&self, row: usize) -> impl Iterator<Item = (i32, i32)> {
        let range = self.of_row(row);
        let (places, numbers) = (&self.places.values()[range.clone()], &self.numbers.values()[range]);
        places.iter().copied().zip(numbers.iter().copied())
    }

    /// The numbers of the pieces of one text: its place, among the references of a row.
    fn of_place(&self, row: usize, place: i32) -> &[i32] {
        let range = self.of_row(row);
        let places = &self.places.values()[range.clone()];
        let start = places.partition_point(|have| *have < place);
        let end = places.partition_point(|have| *have <= place);
        &self.numbers.values()[range][start..end]
    }
}

/// The bit for a place.
fn use_of(place: i32) -> i64 {
    if place >= FIRST_ENTRY { USED_BY_ENTRY } else { 1 << place }
}
