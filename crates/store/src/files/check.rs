//! Whether a data file says what is known of it: every page is decoded, every look-up key compared.

use std::fs::{self, File};
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use pellucid_search::WordsError;

use super::key_index::KeyIndexBuilder;
use super::texts::{TextsFile, whole};
use super::{KeyIndex, WordIndex, words_path};
use crate::error::{StoreError, StoreResult};
use crate::snapshot::Table;

/// Rows decoded at one time.
const PIECE_ROWS: usize = 1024;

/// What is known of a file without opening it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claims<'a> {
    /// Its size.
    pub(crate) bytes: u64,
    /// Its rows.
    pub(crate) rows: u64,
    /// The file of its texts, if it has one.
    pub(crate) texts: Option<&'a Path>,
    /// Positions that are masked.
    pub(crate) masked: &'a [u32],
}

/// Everything that is wrong with a file, in words; nothing if all is well.
pub(crate) fn check(table: Table, path: &Path, claims: &Claims<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |found: String| faults.push(found);
    match fs::metadata(path) {
        Ok(found) if found.len() != claims.bytes => {
            fault(format!("has {} bytes, the catalogue says {}", found.len(), claims.bytes));
        }
        Ok(_) => {}
        Err(cause) => fault(format!("cannot be opened: {cause}")),
    }
    if !claims.masked.is_sorted_by(|one, next| one < next) {
        fault("its masked positions are not in order".to_owned());
    }
    if let Some(last) = claims.masked.last().filter(|last| u64::from(**last) >= claims.rows) {
        fault(format!("position {last} is masked, and it has {} rows", claims.rows));
    }
    match decode(table, path, claims.texts) {
        Ok((rows, _)) if rows != claims.rows => {
            fault(format!("holds {rows} rows, the catalogue says {}", claims.rows));
        }
        Ok((_, mut index)) => match fs::read(KeyIndex::path_of(path)) {
            Ok(found) if found == index.bytes() => {}
            Ok(_) => fault("its key index is broken; remove it, and the next start makes it again".to_owned()),
            Err(cause) => fault(format!("its key index cannot be read: {cause}; the next start makes it again")),
        },
        Err(error) => fault(format!("cannot be read: {error}")),
    }
    // One that is missing, or of another version, is made in time.
    match WordIndex::open(table, path, claims.rows).and_then(|words| words.check()) {
        Err(error) if words_path(path).exists() && !matches!(error, WordsError::Other) => {
            fault(format!("{error}: remove {}, it is made again", words_path(path).display()));
        }
        _ => {}
    }
    faults
}

/// Reads every column of every row and every text. Gives the number of rows and the index they make.
fn decode(table: Table, path: &Path, texts: Option<&Path>) -> StoreResult<(u64, KeyIndexBuilder)> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(StoreError::parquet(path))?;
    let reader = reader.with_batch_size(PIECE_ROWS).build().map_err(StoreError::parquet(path))?;
    let texts = texts.map(TextsFile::open_file).transpose()?;
    let (mut rows, mut index) = (0, KeyIndexBuilder::default());
    for piece in reader {
        let piece = piece?;
        rows += piece.num_rows() as u64;
        index.add(table, &piece)?;
        whole(table, &piece, texts.as_ref())?;
    }
    Ok((rows, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Schemas, stored_schema, texts_schema, write_table};
    use crate::hook::Hook;
    use crate::rows::tests::{span_id, trace_id};
    use crate::rows::{SpanRow, spans_to_batch};

    #[test]
    fn what_does_not_agree_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.parquet");
        let rows: Vec<SpanRow> = (0..50).map(|number| SpanRow::blank(trace_id(number), span_id(number))).collect();
        let batch = spans_to_batch(&Vec::from_iter(&rows)).unwrap();
        let schemas = Schemas { rows: stored_schema(Table::Spans), texts: texts_schema() };
        let written = write_table(&path, Table::Spans, &schemas, [Ok(batch)], &Hook::default()).unwrap();
        let claims = Claims { bytes: written.bytes, rows: written.rows, texts: None, masked: &[3, 49] };
        assert_eq!(check(Table::Spans, &path, &claims), Vec::<String>::new());
        let off = Claims { rows: 51, masked: &[3, 3, 51], ..claims };
        assert_eq!(check(Table::Spans, &path, &off).len(), 3);

        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert_eq!(check(Table::Spans, &path, &claims).len(), 2, "the size and the footer");
        fs::write(&path, &whole).unwrap();
        fs::write(KeyIndex::path_of(&path), b"PELLKEY1 broken").unwrap();
        assert_eq!(check(Table::Spans, &path, &claims).len(), 1);
        let beside = dir.path().join("gone-texts.parquet");
        let without = Claims { texts: Some(&beside), ..claims };
        assert_eq!(check(Table::Spans, &path, &without).len(), 1, "the texts are missing");
        fs::remove_file(&path).unwrap();
        assert_eq!(check(Table::Spans, &path, &claims).len(), 2);
    }
}
