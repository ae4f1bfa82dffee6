//! Rows back from a data file: a few by position, or a few columns of all.

use std::fs::File;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::compute;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::file::metadata::PageIndexPolicy;

use super::texts::{TextsFile, texts_path, whole};
use crate::error::{StoreError, StoreResult};
use crate::snapshot::Table;

/// Rows of a piece of a scan: bounds what is decoded at one time.
const SCAN_ROWS: usize = 8192;

/// The rows at `positions` (ascending, no repeats), whole. Several batches if their texts are long.
pub(crate) fn read_rows(
    table: Table,
    path: &Path,
    has_texts: bool,
    positions: &[u32],
) -> StoreResult<Vec<RecordBatch>> {
    let Some(light) = light_rows(path, positions)? else { return Ok(Vec::new()) };
    let texts = has_texts.then(|| TextsFile::open_file(&texts_path(path))).transpose()?;
    whole(table, &light, texts.as_ref())
}

fn light_rows(path: &Path, positions: &[u32]) -> StoreResult<Option<RecordBatch>> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let metadata = ArrowReaderMetadata::load(&file, options).map_err(StoreError::parquet(path))?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_row_selection(selection(positions))
        .with_batch_size(positions.len().max(1));
    one_batch(path, reader)
}

/// Some columns of every row; those the file does not have are left out.
pub(crate) fn read_columns(path: &Path, columns: &[&str]) -> StoreResult<Option<RecordBatch>> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(StoreError::parquet(path))?;
    let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
    one_batch(path, reader.with_projection(mask))
}

/// Some columns of the rows at `positions` (ascending, no repeats).
pub(crate) fn read_some(path: &Path, columns: &[&str], positions: &[u32]) -> StoreResult<Option<RecordBatch>> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let metadata = ArrowReaderMetadata::load(&file, options).map_err(StoreError::parquet(path))?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
    let reader = reader.with_projection(mask).with_row_selection(selection(positions));
    one_batch(path, reader.with_batch_size(positions.len().max(1)))
}

/// Some columns of every row, piece by piece: `each` is told at which position a piece begins.
pub(crate) fn scan_columns(
    path: &Path,
    columns: &[&str],
    mut each: impl FnMut(usize, &RecordBatch) -> StoreResult<()>,
) -> StoreResult<()> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(StoreError::parquet(path))?;
    let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
    let reader = reader.with_projection(mask).with_batch_size(SCAN_ROWS).build().map_err(StoreError::parquet(path))?;
    let mut first = 0;
    for rows in reader {
        let rows = rows?;
        each(first, &rows)?;
        first += rows.num_rows();
    }
    Ok(())
}

fn one_batch(path: &Path, reader: ParquetRecordBatchReaderBuilder<File>) -> StoreResult<Option<RecordBatch>> {
    let reader = reader.build().map_err(StoreError::parquet(path))?;
    let batches = reader.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = batches.first() else { return Ok(None) };
    Ok(Some(compute::concat_batches(&first.schema(), &batches)?))
}

fn selection(positions: &[u32]) -> RowSelection {
    let mut selectors = Vec::with_capacity(positions.len() * 2);
    let mut next = 0;
    for position in positions.iter().map(|position| *position as usize) {
        if position > next {
            selectors.push(RowSelector::skip(position - next));
        }
        selectors.push(RowSelector::select(1));
        next = position + 1;
    }
    RowSelection::from(selectors)
}
