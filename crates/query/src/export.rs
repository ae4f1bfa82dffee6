//! All rows of a table, as they come: for answers that are larger than memory.
//!
//! In: a table, a stretch of time, a condition in SQL. Out: batches, texts in place, in the order of the files, and the pieces of
//! a Parquet file made of them. No bound on rows or time: whoever reads sets the pace, and what is held is a batch or a row group.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::sql::parser::DFParser;
use futures::StreamExt as _;
use pellucid_model::{Error, ErrorKind, Result, Timestamp};
use pellucid_store::Table;
use serde_json::{Map, Value as Json};

use crate::engine::{Access, Engine, Reading};
use crate::fault;
use crate::filter::{Where, time};
use crate::frame;

/// Tables that can be exported, with their time column.
const TABLES: &[(&str, Table, &str)] =
    &[("spans", Table::Spans, "start_time"), ("logs", Table::Logs, "time"), ("metrics", Table::Metrics, "time")];
/// Encoded bytes of a row group: large enough to be worth opening, small enough to be held.
const ROW_GROUP_BYTES: usize = 32 << 20;

/// What to export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportQuery {
    /// `spans`, `logs` or `metrics`.
    pub table: String,
    /// First moment.
    pub since: Option<Timestamp>,
    /// First moment after.
    pub until: Option<Timestamp>,
    /// A condition in SQL over the table's columns.
    pub condition: Option<String>,
}

/// Rows on their way out.
pub struct ExportRows {
    table: Table,
    stream: SendableRecordBatchStream,
}

impl std::fmt::Debug for ExportRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportRows").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Engine {
    /// Begins to read rows: one view of the table, whatever is written meanwhile.
    ///
    /// # Errors
    /// There is no such table, or the condition is no condition over its columns.
    pub async fn export(&self, access: &Access, query: &ExportQuery) -> Result<ExportRows> {
        let (name, table, time_column) = TABLES.iter().find(|(name, ..)| *name == query.table).ok_or_else(|| {
            Error::new(ErrorKind::Invalid, format!("there is no table {:?}", query.table))
                .with_hint("spans, logs and metrics can be exported")
        })?;
        let mut condition = Where::default();
        if let Some(since) = query.since {
            let since = condition.bind(time(since.as_nanos()));
            condition.and(format!("{time_column} >= {since}"));
        }
        if let Some(until) = query.until {
            let until = condition.bind(time(until.as_nanos()));
            condition.and(format!("{time_column} < {until}"));
        }
        if let Some(own) = &query.condition {
            // Alone it must be one expression: a bracket too many must not reach beyond its place.
            DFParser::parse_sql_into_expr(own).map_err(|error| fault::from_parser(error, own))?;
            condition.and(format!("({own}\n)"));
        }
        let session = self.session(access, Reading::Sums)?;
        let sql = format!("SELECT * FROM {name} WHERE {}", condition.sql());
        let stream = session.stream(&sql, condition.params()).await?;
        Ok(ExportRows { table: *table, stream })
    }
}

impl ExportRows {
    /// Whose rows they are.
    pub fn table(&self) -> Table {
        self.table
    }

    /// Their columns.
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// The next rows; nothing after the last.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        self.stream.next().await.transpose().map_err(fault::from)
    }
}

/// Every row of a batch as an object keyed by column name, in the forms of the API.
pub fn objects(rows: &RecordBatch) -> Result<Vec<Map<String, Json>>> {
    Ok(frame::to_objects(frame::from_batches(&rows.schema(), std::slice::from_ref(rows), false)?))
}

/// A Parquet file in pieces: rows go in, bytes come out as row groups become whole.
pub struct ParquetPieces {
    writer: ArrowWriter<Pieces>,
    out: Pieces,
}

/// Bytes that were written and not yet taken.
#[derive(Clone, Default)]
struct Pieces(Arc<Mutex<Vec<u8>>>);

impl Pieces {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for ParquetPieces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ParquetPieces")
    }
}

impl ParquetPieces {
    /// Begins a file of these columns.
    pub fn new(schema: SchemaRef) -> Result<Self> {
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        let out = Pieces::default();
        let writer = ArrowWriter::try_new(out.clone(), schema, Some(properties)).map_err(unwritable)?;
        Ok(Self { writer, out })
    }

    /// Adds rows; gives the bytes that are ready.
    pub fn add(&mut self, rows: &RecordBatch) -> Result<Vec<u8>> {
        self.writer.write(rows).map_err(unwritable)?;
        if self.writer.in_progress_size() >= ROW_GROUP_BYTES {
            self.writer.flush().map_err(unwritable)?;
        }
        Ok(self.out.take())
    }

    /// The rest of the file.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.writer.close().map_err(unwritable)?;
        Ok(self.out.take())
    }
}

fn unwritable(cause: ParquetError) -> Error {
    Error::new(ErrorKind::Internal, "the rows cannot be written as parquet").caused_by(cause)
}
