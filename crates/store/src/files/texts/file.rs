//! The file of texts beside a data file: writing it, and reading the pieces that somebody needs.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Int64Type, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use pellucid_model::Result as Edge;

use super::Pieces;
use crate::error::{StoreError, StoreResult};
use crate::files::bounds::{LeafBounds, leaf_bounds};
use crate::files::{Packing, footer_bytes, read_columns};

/// Bytes a page of bodies: read whole for one piece, and packed together, so that two spellings of a text lie in one.
const PAGE_BYTES: usize = 1 << 20;
/// Pieces between two looks at the page's size.
const PAGE_STEP: usize = 16;
/// Bytes a row group, and of bodies turned into columns at once.
const ROW_GROUP_BYTES: usize = 64 << 20;
const BATCH_BYTES: usize = 4 << 20;
/// Bytes of pages that an open file keeps.
const KEPT_BYTES: usize = 16 << 20;
/// Where the bodies are among the file's columns.
const BODY: &str = "body";

/// A finished file of texts.
#[derive(Debug, Clone)]
pub(crate) struct WrittenTexts {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// Size of its Parquet footer.
    pub(crate) footer_bytes: u64,
    /// Its pieces.
    pub(crate) rows: u64,
    /// What each leaf column holds.
    pub(crate) leaves: Vec<LeafBounds>,
}

/// Writes pieces in this order to `path`, for the data file named `part`. The file survives a crash once this returns;
/// its name does when the directory is synced, which whoever writes the data file does.
pub(crate) fn write_texts(
    path: &Path,
    part: &str,
    schema: &SchemaRef,
    pieces: &Pieces,
    order: &[u32],
    packing: Packing,
) -> StoreResult<WrittenTexts> {
    let file = File::create(path).map_err(StoreError::io("create", path))?;
    let mut writer = ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties(packing)?))
        .map_err(StoreError::parquet(path))?;
    let mut next = 0;
    while next < order.len() {
        let mut bytes = 0;
        let fits = |number: &&u32| {
            bytes += pieces.body(**number).len();
            bytes <= BATCH_BYTES
        };
        let count = order[next..].iter().take_while(fits).count().max(1);
        let numbers = &order[next..next + count];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(numbers.iter().map(|_| part))),
            Arc::new(Int32Array::from_iter_values((next..next + count).map(|number| number as i32))),
            Arc::new(Int64Array::from_iter_values(numbers.iter().map(|number| pieces.uses(*number)))),
            Arc::new(StringArray::from_iter_values(numbers.iter().map(|number| pieces.body(*number)))),
        ];
        let batch = RecordBatch::try_new(SchemaRef::clone(schema), columns)?;
        writer.write(&batch).map_err(StoreError::parquet(path))?;
        next += count;
    }
    let metadata = writer.finish().map_err(StoreError::parquet(path))?;
    writer.inner().sync_all().map_err(StoreError::io("sync", path))?;
    Ok(WrittenTexts {
        path: path.to_owned(),
        bytes: fs::metadata(path).map_err(StoreError::io("read", path))?.len(),
        footer_bytes: footer_bytes(path)?,
        rows: order.len() as u64,
        leaves: leaf_bounds(&metadata),
    })
}

fn properties(packing: Packing) -> StoreResult<WriterProperties> {
    let level = ZstdLevel::try_new(packing.level()).map_err(|cause| StoreError::Internal(cause.to_string()))?;
    let (body, number) = (ColumnPath::from(BODY), ColumnPath::from("n"));
    let properties = WriterProperties::builder()
        .set_created_by(concat!("pellucid ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(None)
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_data_page_row_count_limit(usize::MAX)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_write_batch_size(PAGE_STEP)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(number.clone(), false)
        .set_column_encoding(number, Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled(body.clone(), false)
        .set_column_statistics_enabled(body, EnabledStatistics::None);
    Ok(properties.build())
}

/// A file of texts, open.
#[derive(Debug)]
pub struct TextsFile {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    /// The first piece of each page.
    firsts: Vec<u32>,
    rows: u32,
    kept: Mutex<Kept>,
}

/// Pages read last, oldest first.
#[derive(Debug, Default)]
struct Kept {
    pages: VecDeque<(usize, StringArray)>,
    bytes: usize,
}

/// Pages that hold some pieces, by the first piece of each.
pub(super) struct Loaded {
    path: PathBuf,
    pages: BTreeMap<u32, StringArray>,
}

impl TextsFile {
    /// Opens a file and reads where its pages lie.
    pub fn open(path: &Path) -> Edge<Self> {
        Ok(Self::open_file(path)?)
    }

    /// The same inside the crate.
    pub(crate) fn open_file(path: &Path) -> StoreResult<Self> {
        let file = File::open(path).map_err(StoreError::io("open", path))?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(StoreError::parquet(path))?;
        let firsts = first_rows(metadata.metadata(), metadata.parquet_schema().num_columns() - 1);
        let rows = metadata.metadata().file_metadata().num_rows() as u32;
        Ok(Self { path: path.to_owned(), file, metadata, firsts, rows, kept: Mutex::default() })
    }

    /// How many pieces there are.
    pub(crate) fn pieces(&self) -> u32 {
        self.rows
    }

    /// Hands over the pieces of a range with their numbers, page by page, and keeps none.
    pub(crate) fn each_page(
        &self,
        range: Range<u32>,
        mut each: impl FnMut(&mut dyn Iterator<Item = (u32, &str)>) -> StoreResult<()>,
    ) -> StoreResult<()> {
        for (page, first) in self.firsts.iter().copied().enumerate() {
            let end = self.firsts.get(page + 1).copied().unwrap_or(self.rows);
            if first >= range.end || end <= range.start {
                continue;
            }
            let bodies = self.read_page(page)?;
            let numbered = bodies.iter().zip(first..).map(|(body, number)| (number, body.unwrap_or_default()));
            each(&mut numbered.filter(|(number, _)| range.contains(number)))?;
        }
        Ok(())
    }

    /// The pages that hold these pieces.
    pub(super) fn load(&self, numbers: &[u32]) -> StoreResult<Loaded> {
        let mut pages = BTreeMap::new();
        for number in numbers {
            let place = self.firsts.partition_point(|first| first <= number);
            let Some(page) = place.checked_sub(1).filter(|_| *number < self.rows) else { continue };
            if let Entry::Vacant(free) = pages.entry(self.firsts[page]) {
                free.insert(self.page(page)?);
            }
        }
        Ok(Loaded { path: self.path.clone(), pages })
    }

    /// For each piece the texts that it stands in, a bit for each place.
    pub(super) fn uses(&self) -> StoreResult<Vec<i64>> {
        let rows = read_columns(&self.path, &["uses"])?;
        let uses = rows.as_ref().and_then(|rows| rows.column(0).as_primitive_opt::<Int64Type>());
        Ok(uses.map(|uses| uses.values().to_vec()).unwrap_or_default())
    }

    fn page(&self, page: usize) -> StoreResult<StringArray> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bodies)) = kept().pages.iter().find(|(number, _)| *number == page) {
            return Ok(bodies.clone());
        }
        let bodies = self.read_page(page)?;
        kept().keep(page, bodies.clone());
        Ok(bodies)
    }

    fn read_page(&self, page: usize) -> StoreResult<StringArray> {
        let first = self.firsts[page] as usize;
        let end = self.firsts.get(page + 1).copied().unwrap_or(self.rows) as usize;
        let file = self.file.try_clone().map_err(StoreError::io("open", &self.path))?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = ProjectionMask::columns(reader.parquet_schema(), [BODY]);
        let rows = RowSelection::from(vec![RowSelector::skip(first), RowSelector::select(end - first)]);
        let reader = reader.with_projection(mask).with_row_selection(rows).with_batch_size(end - first);
        let mut reader = reader.build().map_err(StoreError::parquet(&self.path))?;
        let batch = reader.next().transpose()?;
        let bodies = batch.as_ref().and_then(|batch| batch.column(0).as_string_opt::<i32>());
        bodies
            .filter(|bodies| arrow::array::Array::len(*bodies) == end - first)
            .cloned()
            .ok_or_else(|| damaged(&self.path))
    }
}

impl Kept {
    fn keep(&mut self, page: usize, bodies: StringArray) {
        self.bytes += bodies.value_data().len();
        self.pages.push_back((page, bodies));
        while self.bytes > KEPT_BYTES && self.pages.len() > 1 {
            let oldest = self.pages.pop_front();
            self.bytes -= oldest.map_or(0, |(_, bodies)| bodies.value_data().len());
        }
    }
}

impl Loaded {
    /// A piece; an error if the file does not have it.
    pub(super) fn body(&self, number: u32) -> StoreResult<&str> {
        let page = self.pages.range(..=number).next_back();
        let place = page.map(|(first, bodies)| (bodies, (number - first) as usize));
        match place.filter(|(bodies, at)| *at < arrow::array::Array::len(*bodies)) {
            Some((bodies, at)) => Ok(bodies.value(at)),
            None => Err(damaged(&self.path)),
        }
    }
}

fn damaged(path: &Path) -> StoreError {
    StoreError::Internal(format!("{} lacks texts that its rows refer to", path.display()))
}

/// The first row of each page of a column; of each row group, where the file does not tell.
fn first_rows(metadata: &ParquetMetaData, column: usize) -> Vec<u32> {
    let mut firsts = Vec::new();
    let mut start = 0;
    for (group, rows) in metadata.row_groups().iter().enumerate() {
        let pages = metadata.offset_index().and_then(|index| index.get(group)?.get(column));
        match pages {
            Some(pages) => {
                firsts.extend(pages.page_locations().iter().map(|page| (start + page.first_row_index) as u32))
            }
            None => firsts.push(start as u32),
        }
        start += rows.num_rows();
    }
    firsts
}
