//! Rows on their way out of the store, as the bytes of a file: Parquet, or one JSON object a line.
//!
//! In: rows as they are read. Out: pieces of the file. Spans as JSON are the lines that `pellucid normalize` prints. What is held
//! is one batch, and of Parquet the row group that is being filled.

use bytes::Bytes;
use futures::{Stream, stream};
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_query::{ExportRows, ParquetPieces, RecordBatch, objects};
use pellucid_store::{Table, spans_of};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The form of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportForm {
    /// A Parquet file
    Parquet,
    /// One JSON object a line
    #[default]
    Jsonl,
}

impl ExportForm {
    /// Its media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Parquet => crate::api::PARQUET,
            Self::Jsonl => "application/x-ndjson",
        }
    }
}

/// What turns rows into bytes.
enum Encoder {
    Parquet(Box<ParquetPieces>),
    Lines(Table),
}

impl Encoder {
    fn add(&mut self, rows: &RecordBatch) -> Result<Vec<u8>> {
        match self {
            Self::Parquet(pieces) => pieces.add(rows),
            Self::Lines(table) => lines(*table, rows),
        }
    }

    fn finish(self) -> Result<Vec<u8>> {
        match self {
            Self::Parquet(pieces) => pieces.finish(),
            Self::Lines(_) => Ok(Vec::new()),
        }
    }
}

/// The file of these rows, in pieces.
pub(crate) fn pieces(rows: ExportRows, form: ExportForm) -> Result<impl Stream<Item = Result<Bytes>> + Send> {
    let encoder = match form {
        ExportForm::Parquet => Encoder::Parquet(Box::new(ParquetPieces::new(rows.schema())?)),
        ExportForm::Jsonl => Encoder::Lines(rows.table()),
    };
    Ok(stream::try_unfold(Some((rows, encoder)), |state| async move {
        let Some((mut rows, mut encoder)) = state else { return Ok(None) };
        let batch = rows.next().await?;
        // Packing keeps a core busy: not on a thread that others wait for.
        let work = tokio::task::spawn_blocking(move || match batch {
            Some(batch) => encoder.add(&batch).map(|bytes| (bytes, Some(encoder))),
            None => encoder.finish().map(|bytes| (bytes, None)),
        });
        let gone = |cause| Error::new(ErrorKind::Internal, "these rows cannot be written").caused_by(cause);
        let (bytes, encoder) = work.await.map_err(gone)??;
        Ok(Some((Bytes::from(bytes), encoder.map(|encoder| (rows, encoder)))))
    }))
}

fn lines(table: Table, rows: &RecordBatch) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut line = |object: &dyn std::fmt::Display| text.extend_from_slice(format!("{object}\n").as_bytes());
    match table {
        Table::Spans => spans_of(rows)?.iter().for_each(|row| line(&pellucid_genai::to_json(row))),
        Table::Logs | Table::Metrics => {
            objects(rows)?.into_iter().for_each(|object| line(&serde_json::Value::Object(object)));
        }
    }
    Ok(text)
}
