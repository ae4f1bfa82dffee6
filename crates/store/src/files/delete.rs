//! Delete files: the positions of replaced rows as other readers of the lake expect them.
//!
//! The store itself reads positions from the catalogue; this is how DuckDB leaves the same rows out. Two columns by the
//! DuckLake specification: the data file's path and the position in it.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::{footer_bytes, sync_dir};
use crate::error::{StoreError, StoreResult};

/// Field ids that the specification reserves for the two columns.
const PATH_ID: i32 = 2_147_483_546;
const POSITION_ID: i32 = 2_147_483_545;

/// A finished delete file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeleteFile {
    /// Its size.
    pub(crate) bytes: u64,
    /// Size of its Parquet footer.
    pub(crate) footer_bytes: u64,
}

/// Writes `positions` of `data_file` to `path`. The file and its name survive a crash once this returns.
pub(crate) fn write_deletes(path: &Path, data_file: &str, positions: &[u32]) -> StoreResult<DeleteFile> {
    let field = |name: &str, kind: DataType, id: i32| {
        Field::new(name, kind, false).with_metadata([(PARQUET_FIELD_ID_META_KEY.to_owned(), id.to_string())].into())
    };
    let schema = Arc::new(Schema::new(vec![
        field("file_path", DataType::Utf8, PATH_ID),
        field("pos", DataType::Int64, POSITION_ID),
    ]));
    let paths: ArrayRef = Arc::new(StringArray::from_iter_values(positions.iter().map(|_| data_file)));
    let places: ArrayRef = Arc::new(Int64Array::from_iter_values(positions.iter().map(|place| i64::from(*place))));
    let rows = RecordBatch::try_new(Arc::clone(&schema), vec![paths, places])?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let file = File::create(path).map_err(StoreError::io("create", path))?;
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(StoreError::parquet(path))?;
    writer.write(&rows).map_err(StoreError::parquet(path))?;
    writer.finish().map_err(StoreError::parquet(path))?;
    writer.inner().sync_all().map_err(StoreError::io("sync", path))?;
    let dir = path.parent().unwrap_or(path);
    sync_dir(dir).map_err(StoreError::io("sync", dir))?;
    let bytes = fs::metadata(path).map_err(StoreError::io("read", path))?.len();
    Ok(DeleteFile { bytes, footer_bytes: footer_bytes(path)? })
}
