//! Rows of one table to one Parquet file, sorted by project and time.
//!
//! The file and its name survive a crash once this returns. Numbers the catalogue keeps (bounds, null counts) come from
//! the file's own metadata, so that both tell the same.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{self, SortColumn};
use arrow::datatypes::{DataType, SchemaRef, TimestampNanosecondType};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::bounds::{LeafBounds, leaf_bounds};
use super::key_index::KeyIndexBuilder;
use super::texts::{Pieces, WrittenTexts, in_order, take_out, texts_path, write_texts};
use super::{KeyIndex, Layout, footer_bytes, sync_dir};
use crate::error::{StoreError, StoreResult};
use crate::hook::{Hook, Step};
use crate::rows::Texts;
use crate::snapshot::{Projects, Table};

/// Rows a row group: light columns stay scannable in one piece, heavy ones are bounded by bytes.
const ROW_GROUP_ROWS: usize = 64 << 10;
/// Bytes a row group: bounds the memory of reading one.
const ROW_GROUP_BYTES: usize = 64 << 20;
/// Rows a page: one span's text is read by decoding one page of the text column.
const PAGE_ROWS: usize = 4096;
/// Bytes a page: 256 kB pages read one span's text in 0.4 ms.
const PAGE_BYTES: usize = 256 << 10;
/// Bytes kept of a column's bounds: enough for ids and times.
const BOUND_BYTES: usize = 64;
/// False positives of bloom filters.
const BLOOM_FPP: f64 = 0.01;

/// The column by which files are ordered first.
const PROJECT: &str = "project";

/// A finished data file.
#[derive(Debug)]
pub(crate) struct Written {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// Size of its Parquet footer.
    pub(crate) footer_bytes: u64,
    /// Its rows.
    pub(crate) rows: u64,
    /// Smallest time.
    pub(crate) min_time: i64,
    /// Largest time.
    pub(crate) max_time: i64,
    /// What each leaf column holds.
    pub(crate) leaves: Vec<LeafBounds>,
    /// For each row as given, its position in the file; nothing if they were given in file order.
    pub(crate) positions: Vec<u32>,
    /// From look-up keys to positions.
    pub(crate) index: Arc<KeyIndex>,
    /// The first and the last project; nothing if it has no such column.
    pub(crate) projects: Option<Projects>,
    /// The file of its long texts, if it has any.
    pub(crate) texts: Option<WrittenTexts>,
}

impl Written {
    /// Its size and that of its texts.
    pub(crate) fn all_bytes(&self) -> u64 {
        self.bytes + self.texts.as_ref().map_or(0, |texts| texts.bytes)
    }
}

/// How tightly a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// A flush: fast, since senders may wait for it.
    Fast,
    /// A merge: nobody waits, and what it writes stays.
    Tight,
}

impl Packing {
    /// The level of zstd.
    pub(crate) fn level(self) -> i32 {
        match self {
            Self::Fast => 1,
            Self::Tight => 3,
        }
    }
}

/// The columns of a table's files, with the field ids that the catalogue gave them.
#[derive(Debug, Clone)]
pub(crate) struct Schemas {
    /// Of a data file.
    pub(crate) rows: SchemaRef,
    /// Of a file of texts.
    pub(crate) texts: SchemaRef,
}

/// Writes `batches` of a table to `path`, and its side files beside it.
pub(crate) fn write_table(
    path: &Path,
    table: Table,
    schemas: &Schemas,
    batches: impl IntoIterator<Item = StoreResult<RecordBatch>>,
    hook: &Hook,
) -> StoreResult<Written> {
    let layout = Layout::of(table);
    let mut pieces = Pieces::default();
    let light = batches.into_iter().map(|rows| take_out(layout, &rows?, |_| true, &mut pieces));
    let (sorted, positions) = sort(layout, &schemas.rows, &light.collect::<StoreResult<Vec<_>>>()?)?;
    let (sorted, order) = in_order(layout, &sorted, &pieces)?;
    let mut writer = TableWriter::create(path, table, schemas, Packing::Fast, sorted.num_rows() as u64, hook)?;
    writer.write(&sorted)?;
    Ok(Written { positions, ..writer.finish(&pieces, &order)? })
}

/// A data file that is being written, from light rows that come in file order. One that is not finished is nobody's.
pub(crate) struct TableWriter<'a> {
    path: PathBuf,
    table: Table,
    texts_schema: &'a SchemaRef,
    hook: &'a Hook,
    packing: Packing,
    writer: ArrowWriter<File>,
    index: KeyIndexBuilder,
    rows: u64,
    times: Option<(i64, i64)>,
    projects: Option<Projects>,
}

impl<'a> TableWriter<'a> {
    /// Begins a file of at most `rows` rows.
    pub(crate) fn create(
        path: &Path,
        table: Table,
        schemas: &'a Schemas,
        packing: Packing,
        rows: u64,
        hook: &'a Hook,
    ) -> StoreResult<Self> {
        hook.at(Step::FileWrite).map_err(StoreError::io("write", path))?;
        let file = File::create(path).map_err(StoreError::io("create", path))?;
        let properties = properties(Layout::of(table), &schemas.rows, packing, rows)?;
        let options = ArrowWriterOptions::new().with_properties(properties);
        let writer = ArrowWriter::try_new_with_options(file, SchemaRef::clone(&schemas.rows), options)
            .map_err(StoreError::parquet(path))?;
        let (index, texts_schema) = (KeyIndexBuilder::default(), &schemas.texts);
        Ok(Self {
            path: path.to_owned(),
            table,
            texts_schema,
            hook,
            packing,
            writer,
            index,
            rows: 0,
            times: None,
            projects: None,
        })
    }

    /// Appends rows under the schema of the file.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> StoreResult<()> {
        self.writer.write(rows).map_err(StoreError::parquet(&self.path))?;
        self.index.add(self.table, rows)?;
        self.rows += rows.num_rows() as u64;
        let (min, max) = time_bounds(rows, Layout::of(self.table).time);
        self.times = Some(self.times.map_or((min, max), |(first, last)| (first.min(min), last.max(max))));
        if let Some(projects) = projects_of(rows)? {
            self.projects = Some(self.projects.take().map_or_else(|| projects.clone(), |known| known.and(&projects)));
        }
        Ok(())
    }

    /// Ends the file, its texts beside it: the pieces of these numbers in this order, by which the rows refer to them.
    /// Files and names survive a crash once this returns.
    pub(crate) fn finish(mut self, pieces: &Pieces, order: &[u32]) -> StoreResult<Written> {
        let path = &self.path;
        let metadata = self.writer.finish().map_err(StoreError::parquet(path))?;
        let file = self.writer.inner();
        self.hook.at(Step::FileSync).and_then(|()| file.sync_all()).map_err(StoreError::io("sync", path))?;
        let texts = match order {
            [] => None,
            order => {
                let (side, part) = (texts_path(path), file_name(path));
                Some(write_texts(&side, &part, self.texts_schema, pieces, order, self.packing)?)
            }
        };
        let index = Arc::new(self.index.finish(self.table, path)?);
        let dir = path.parent().unwrap_or(path);
        sync_dir(dir).map_err(StoreError::io("sync", dir))?;
        let (min_time, max_time) = self.times.unwrap_or((i64::MIN, i64::MAX));
        Ok(Written {
            path: path.clone(),
            bytes: fs::metadata(path).map_err(StoreError::io("read", path))?.len(),
            footer_bytes: footer_bytes(path)?,
            rows: self.rows,
            min_time,
            max_time,
            leaves: leaf_bounds(&metadata),
            positions: Vec::new(),
            index,
            projects: self.projects,
            texts,
        })
    }
}

/// The first and the last project of rows in file order.
fn projects_of(rows: &RecordBatch) -> StoreResult<Option<Projects>> {
    let projects = Texts::of(rows, PROJECT)?;
    let ends = projects.at(0).zip(projects.at(rows.num_rows().saturating_sub(1)));
    Ok(ends.map(|(first, last)| Projects { first: first.into(), last: last.into() }))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// All rows in file order, and the way from the old order to the new.
fn sort(layout: &Layout, schema: &SchemaRef, batches: &[RecordBatch]) -> StoreResult<(RecordBatch, Vec<u32>)> {
    let plain = batches.first().map_or_else(|| SchemaRef::clone(schema), RecordBatch::schema);
    let all = compute::concat_batches(&plain, batches)?;
    let keys: Vec<SortColumn> = layout
        .sort
        .iter()
        .filter_map(|name| all.column_by_name(name))
        .map(|values| SortColumn { values: Arc::clone(values), options: None })
        .collect();
    let order: UInt32Array = compute::lexsort_to_indices(&keys, None)?;
    let columns =
        all.columns().iter().map(|column| compute::take(column, &order, None)).collect::<Result<Vec<ArrayRef>, _>>()?;
    let columns = columns
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| retype(column, field.data_type()))
        .collect::<StoreResult<Vec<_>>>()?;
    let mut positions = vec![0; all.num_rows()];
    for (new, old) in order.values().iter().enumerate() {
        positions[*old as usize] = new as u32;
    }
    Ok((RecordBatch::try_new(SchemaRef::clone(schema), columns)?, positions))
}

/// The same values under a type whose nested fields carry ids.
pub(super) fn retype(column: &ArrayRef, to: &DataType) -> StoreResult<ArrayRef> {
    if column.data_type() == to {
        return Ok(Arc::clone(column));
    }
    let children = column.to_data().child_data().to_vec();
    let children = match to {
        DataType::List(field) => vec![retype(&arrow::array::make_array(children[0].clone()), field.data_type())?],
        DataType::Map(field, _) => vec![retype(&arrow::array::make_array(children[0].clone()), field.data_type())?],
        DataType::Struct(fields) => fields
            .iter()
            .zip(&children)
            .map(|(field, child)| retype(&arrow::array::make_array(child.clone()), field.data_type()))
            .collect::<StoreResult<Vec<_>>>()?,
        _ => Vec::new(),
    };
    let data = column.to_data().into_builder().data_type(to.clone());
    let data = data.child_data(children.iter().map(arrow::array::Array::to_data).collect()).build()?;
    Ok(arrow::array::make_array(data))
}

fn properties(layout: &Layout, schema: &SchemaRef, packing: Packing, rows: u64) -> StoreResult<WriterProperties> {
    let level = ZstdLevel::try_new(packing.level()).map_err(|cause| StoreError::Internal(cause.to_string()))?;
    let sorting = layout.sort.iter().filter_map(|name| schema.index_of(name).ok()).map(|index| SortingColumn {
        column_idx: index as i32,
        descending: false,
        nulls_first: true,
    });
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("pellucid ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_write_batch_size(PAGE_ROWS / 4)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_statistics_truncate_length(Some(BOUND_BYTES))
        .set_column_index_truncate_length(Some(BOUND_BYTES));
    if is_flat_prefix(schema, layout.sort) {
        properties = properties.set_sorting_columns(Some(sorting.collect()));
    }
    for name in layout.unique {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
    }
    for name in layout.delta {
        let column = ColumnPath::from(*name);
        properties = properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
    }
    for name in layout.bloom {
        let column = ColumnPath::from(*name);
        properties = properties
            .set_column_bloom_filter_enabled(column.clone(), true)
            .set_column_bloom_filter_fpp(column.clone(), BLOOM_FPP)
            .set_column_bloom_filter_max_ndv(column, rows.clamp(1, ROW_GROUP_ROWS as u64));
    }
    Ok(properties.build())
}

/// Sorting columns are told by leaf number: equal to the field number only while all fields before are flat.
fn is_flat_prefix(schema: &SchemaRef, sort: &[&str]) -> bool {
    let last = sort.iter().filter_map(|name| schema.index_of(name).ok()).max().unwrap_or(0);
    schema.fields().iter().take(last + 1).all(|field| !field.data_type().is_nested())
}

fn time_bounds(rows: &RecordBatch, column: &str) -> (i64, i64) {
    let times = rows.column_by_name(column).and_then(|times| times.as_primitive_opt::<TimestampNanosecondType>());
    let min = times.and_then(compute::min::<TimestampNanosecondType>).unwrap_or(i64::MIN);
    let max = times.and_then(compute::max::<TimestampNanosecondType>).unwrap_or(i64::MAX);
    (min, max)
}
