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
use super::{KeyIndex, Layout, footer_bytes, sync_dir};
use crate::error::{StoreError, StoreResult};
use crate::hook::{Hook, Step};
use crate::snapshot::Table;

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
/// The fastest usual level; compaction packs tighter.
const ZSTD_LEVEL: i32 = 1;

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
    /// For each row as given, its position in the file.
    pub(crate) positions: Vec<u32>,
    /// From look-up keys to positions.
    pub(crate) index: KeyIndex,
}

/// Writes `batches` of a table to `path`, and its side file beside it. `schema` gives the field ids.
pub(crate) fn write_table(
    path: &Path,
    table: Table,
    schema: &SchemaRef,
    batches: &[RecordBatch],
    hook: &Hook,
) -> StoreResult<Written> {
    let layout = Layout::of(table);
    let (sorted, positions) = sort(layout, schema, batches)?;
    hook.at(Step::FileWrite).map_err(StoreError::io("write", path))?;
    let file = File::create(path).map_err(StoreError::io("create", path))?;
    let options = ArrowWriterOptions::new().with_properties(properties(layout, &sorted)?);
    let mut writer = ArrowWriter::try_new_with_options(file, SchemaRef::clone(schema), options)
        .map_err(StoreError::parquet(path))?;
    writer.write(&sorted).map_err(StoreError::parquet(path))?;
    let metadata = writer.finish().map_err(StoreError::parquet(path))?;
    let file = writer.inner();
    hook.at(Step::FileSync).and_then(|()| file.sync_all()).map_err(StoreError::io("sync", path))?;
    let index = KeyIndex::build(table, &sorted)?;
    let side_file = KeyIndex::path_of(path);
    index.save(&side_file).map_err(StoreError::io("write", &side_file))?;
    let dir = path.parent().unwrap_or(path);
    sync_dir(dir).map_err(StoreError::io("sync", dir))?;
    let (min_time, max_time) = time_bounds(&sorted, layout.time);
    Ok(Written {
        path: path.to_owned(),
        bytes: fs::metadata(path).map_err(StoreError::io("read", path))?.len(),
        footer_bytes: footer_bytes(path)?,
        rows: sorted.num_rows() as u64,
        min_time,
        max_time,
        leaves: leaf_bounds(&metadata),
        positions,
        index,
    })
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
fn retype(column: &ArrayRef, to: &DataType) -> StoreResult<ArrayRef> {
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

fn properties(layout: &Layout, rows: &RecordBatch) -> StoreResult<WriterProperties> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|cause| StoreError::Internal(cause.to_string()))?;
    let sorting = layout.sort.iter().filter_map(|name| rows.schema().index_of(name).ok()).map(|index| SortingColumn {
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
    if is_flat_prefix(&rows.schema(), layout.sort) {
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
            .set_column_bloom_filter_max_ndv(column, ROW_GROUP_ROWS.min(rows.num_rows().max(1)) as u64);
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
