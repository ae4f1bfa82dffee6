//! The answer to a SQL query: Arrow batches, and the forms they are sent in.
//!
//! In: the batches of a finished query. Out: a [`Frame`] for JSON, an Arrow IPC stream, a Parquet file, or CSV with
//! a header line.

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::csv::WriterBuilder;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::errors::ParquetError;
use pellucid_model::{Error, ErrorKind, Frame, Result};

use crate::frame;

/// A finished query.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Columns.
    pub schema: SchemaRef,
    /// Rows.
    pub batches: Vec<RecordBatch>,
    /// True if the row bound cut the answer.
    pub truncated: bool,
}

impl Answer {
    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The answer as a frame of JSON values.
    pub fn to_frame(&self) -> Result<Frame> {
        frame::from_batches(&self.schema, &self.batches, self.truncated)
    }

    /// The answer as an Arrow IPC stream (`application/vnd.apache.arrow.stream`).
    pub fn to_arrow_stream(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write_arrow(&mut bytes).map_err(|source| unwritable("arrow stream", source))?;
        Ok(bytes)
    }

    fn write_arrow(&self, bytes: &mut Vec<u8>) -> std::result::Result<(), ArrowError> {
        let mut writer = StreamWriter::try_new(bytes, &self.schema)?;
        self.batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    }

    /// The answer as a Parquet file.
    pub fn to_parquet(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write_parquet(&mut bytes).map_err(|source| unwritable("parquet", source))?;
        Ok(bytes)
    }

    fn write_parquet(&self, bytes: &mut Vec<u8>) -> std::result::Result<(), ParquetError> {
        let mut writer = ArrowWriter::try_new(bytes, SchemaRef::clone(&self.schema), None)?;
        self.batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.close().map(drop)
    }

    /// The answer as CSV with a header line; lists, maps and structs are JSON text.
    pub fn to_csv(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write_csv(&mut bytes)?;
        Ok(bytes)
    }

    fn write_csv(&self, bytes: &mut Vec<u8>) -> Result<()> {
        let failed = |source| unwritable("csv", source);
        let mut writer = WriterBuilder::new().with_header(true).build(bytes);
        if self.batches.is_empty() {
            writer.write(&flat(&RecordBatch::new_empty(SchemaRef::clone(&self.schema)))?).map_err(failed)?;
        }
        for batch in &self.batches {
            writer.write(&flat(batch)?).map_err(failed)?;
        }
        Ok(())
    }
}

/// The batch with nested columns as JSON text, which is the only nesting CSV knows.
fn flat(batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let column = if field.data_type().is_nested() { frame::as_json_text(column)? } else { plain(column)? };
        Ok((field.name().clone(), column, true))
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    RecordBatch::try_from_iter_with_nullable(columns).map_err(|source| unwritable("csv", source))
}

/// Types the CSV writer prints in a form of its own become text in ours.
fn plain(column: &ArrayRef) -> Result<ArrayRef> {
    match column.data_type() {
        DataType::Timestamp(..) => frame::as_text(column),
        DataType::Null => cast(column, &DataType::Utf8).map_err(|source| unwritable("csv", source)),
        _ => Ok(ArrayRef::clone(column)),
    }
}

fn unwritable(form: &str, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, format!("the answer cannot be written as {form}")).caused_by(source)
}
