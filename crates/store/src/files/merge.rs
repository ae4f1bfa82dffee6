//! Many data files of a table as one stream of rows in file order.
//!
//! In: files and the positions to leave out of each. Out: batches under the schema of today, and for each file where its
//! rows went. Each file is read forward, a bounded piece at a time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::{concat_batches, interleave_record_batch};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::Layout;
use super::texts::{Pieces, TextsFile, carry, take_out, texts_path, whole};
use super::write::retype;
use crate::error::{StoreError, StoreResult};
use crate::rows::renew;
use crate::snapshot::{FilePath, Table};

/// Decoded bytes of all files together that are in memory at one time, about: one flush more or less.
const MERGE_BYTES: u64 = 64 << 20;
/// How much larger rows become when they are decoded: dictionaries are written out.
const DECODED_FACTOR: u64 = 3;
/// Rows of a piece: few enough that heavy rows stay within bounds though the average says otherwise.
const PIECE_ROWS: u64 = 4096;
/// Stands for the new position of a row that was left out.
pub(crate) const GONE: u32 = u32::MAX;

/// A file to be merged.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Where it lies.
    pub(crate) path: FilePath,
    /// Whether a file of texts lies beside it.
    pub(crate) has_texts: bool,
    /// Sorted positions to leave out.
    pub(crate) skip: Vec<u32>,
}

/// Hands the rows of all sources over in file order, their long texts to `texts`. Gives for each source the new positions
/// of its rows.
pub(crate) fn merge(
    table: Table,
    schema: &SchemaRef,
    sources: &[Source],
    texts: &mut Pieces,
    mut each: impl FnMut(&RecordBatch) -> StoreResult<()>,
) -> StoreResult<Vec<Vec<u32>>> {
    let keys = sort_columns(table, schema);
    let fields = keys.iter().map(|key| SortField::new(schema.field(*key).data_type().clone()));
    let converter = RowConverter::new(fields.collect())?;
    let reader = Reader { table, schema, keys, converter, share_bytes: MERGE_BYTES / sources.len().max(1) as u64 };
    let mut inputs = sources.iter().map(|source| Input::open(&reader, source)).collect::<StoreResult<Vec<_>>>()?;
    let mut heads = BinaryHeap::new();
    for (place, input) in inputs.iter_mut().enumerate() {
        heads.extend(input.head(&reader, texts)?.map(|key| Reverse((key, place))));
    }
    let (mut pending, mut next) = (Vec::new(), 0);
    while let Some(Reverse((_, place))) = heads.pop() {
        let input = &mut inputs[place];
        pending.push((place, input.row));
        input.take(next);
        next += 1;
        input.pass_over();
        if input.is_read_up() {
            emit(&inputs, &mut pending, &mut each)?;
        }
        heads.extend(inputs[place].head(&reader, texts)?.map(|key| Reverse((key, place))));
    }
    emit(&inputs, &mut pending, &mut each)?;
    Ok(inputs.into_iter().map(|input| input.moved).collect())
}

fn sort_columns(table: Table, schema: &Schema) -> Vec<usize> {
    Layout::of(table).sort.iter().filter_map(|name| schema.index_of(name).ok()).collect()
}

/// Hands over what is pending while the pieces it stands in are still there.
fn emit(
    inputs: &[Input<'_>],
    pending: &mut Vec<(usize, usize)>,
    each: &mut impl FnMut(&RecordBatch) -> StoreResult<()>,
) -> StoreResult<()> {
    if !pending.is_empty() {
        let pieces: Vec<&RecordBatch> = inputs.iter().map(|input| &input.piece).collect();
        each(&interleave_record_batch(&pieces, pending)?)?;
        pending.clear();
    }
    Ok(())
}

/// How files are read.
struct Reader<'a> {
    table: Table,
    schema: &'a SchemaRef,
    /// Columns that give the order.
    keys: Vec<usize>,
    converter: RowConverter,
    /// Decoded bytes that one file may take.
    share_bytes: u64,
}

/// One file on its way.
struct Input<'a> {
    path: PathBuf,
    rows: ParquetRecordBatchReader,
    texts: Option<TextsFile>,
    skip: &'a [u32],
    piece: RecordBatch,
    keys: Option<Rows>,
    /// The next row of the piece.
    row: usize,
    /// New positions of all rows read so far.
    moved: Vec<u32>,
}

impl<'a> Input<'a> {
    fn open(reader: &Reader<'_>, source: &'a Source) -> StoreResult<Self> {
        let path = source.path.to_path_buf();
        let file = File::open(&path).map_err(StoreError::io("open", &path))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(StoreError::parquet(&path))?;
        let metadata = builder.metadata();
        let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0).max(1);
        let bytes: i64 = metadata.row_groups().iter().map(|group| group.total_byte_size()).sum();
        let row_bytes = (u64::try_from(bytes).unwrap_or(0) * DECODED_FACTOR / rows).max(1);
        let piece_rows = (reader.share_bytes / row_bytes).clamp(1, PIECE_ROWS);
        let builder = builder.with_batch_size(usize::try_from(piece_rows).unwrap_or(1));
        let rows = builder.build().map_err(StoreError::parquet(&path))?;
        let piece = RecordBatch::new_empty(SchemaRef::clone(reader.schema));
        let texts = source.has_texts.then(|| TextsFile::open_file(&texts_path(&path))).transpose()?;
        Ok(Self { path, rows, texts, skip: &source.skip, piece, keys: None, row: 0, moved: Vec::new() })
    }

    /// The key of the next row that is not left out; reads on if it must.
    fn head(&mut self, reader: &Reader<'_>, texts: &mut Pieces) -> StoreResult<Option<OwnedRow>> {
        loop {
            self.pass_over();
            if !self.is_read_up() {
                return Ok(self.keys.as_ref().map(|keys| keys.row(self.row).owned()));
            }
            if !self.read(reader, texts)? {
                return Ok(None);
            }
        }
    }

    /// Passes the rows of the piece that are left out and come next.
    fn pass_over(&mut self) {
        while let Some((position, rest)) = self.skip.split_first()
            && *position as usize == self.moved.len()
            && !self.is_read_up()
        {
            self.skip = rest;
            self.take(GONE);
        }
    }

    /// Says where the next row goes and passes it.
    fn take(&mut self, to: u32) {
        self.moved.push(to);
        self.row += 1;
    }

    fn is_read_up(&self) -> bool {
        self.row >= self.piece.num_rows()
    }

    /// Reads the next piece; false at the end.
    fn read(&mut self, reader: &Reader<'_>, texts: &mut Pieces) -> StoreResult<bool> {
        let Some(piece) = self.rows.next() else { return Ok(false) };
        let piece = piece.map_err(|cause| StoreError::parquet(&self.path)(cause.into()))?;
        // What is left out shall not come back as a text that no row refers to.
        let (first, skip) = (self.moved.len(), self.skip);
        let keep = |row: usize| skip.binary_search(&u32::try_from(first + row).unwrap_or(GONE)).is_err();
        self.piece = conform(reader, &piece, self.texts.as_ref(), keep, texts)?;
        let keys: Vec<ArrayRef> = reader.keys.iter().map(|key| Arc::clone(self.piece.column(*key))).collect();
        (self.keys, self.row) = (Some(reader.converter.convert_columns(&keys)?), 0);
        Ok(true)
    }
}

/// Rows under the schema of today, their texts among `texts`; those of another version of the program become rows and
/// columns again.
fn conform(
    reader: &Reader<'_>,
    rows: &RecordBatch,
    from: Option<&TextsFile>,
    keep: impl Fn(usize) -> bool,
    texts: &mut Pieces,
) -> StoreResult<RecordBatch> {
    let (table, schema, found) = (reader.table, reader.schema, rows.schema());
    let same =
        found.fields().len() == schema.fields().len()
            && found.fields().iter().zip(schema.fields()).all(|(found, field)| {
                found.name() == field.name() && found.data_type().equals_datatype(field.data_type())
            });
    let rows = if same {
        carry(rows, from, keep, texts)?
    } else {
        let renewed =
            whole(table, rows, from)?.iter().map(|rows| renew(table, rows)).collect::<StoreResult<Vec<_>>>()?;
        let renewed = concat_batches(&crate::schema::schema(table), &renewed)?;
        take_out(Layout::of(table), &renewed, keep, texts)?
    };
    let columns = rows.columns().iter().zip(schema.fields()).map(|(column, field)| retype(column, field.data_type()));
    Ok(RecordBatch::try_new(SchemaRef::clone(schema), columns.collect::<StoreResult<Vec<_>>>()?)?)
}
