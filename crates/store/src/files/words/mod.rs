//! The word index beside a data file: which of its rows may answer a question for words.
//!
//! In: the texts of the columns that are searched, each piece of them once. Out: a file `X.words`, made after the data
//! file is part of its table, and row numbers from it. It only narrows: rows it gives are read and decided by whoever
//! asked. Lost, damaged or of another version it is made again; as long as it is not there, all rows may answer.

mod make;
mod references;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use pellucid_model::Result as Edge;
use pellucid_search::{Query, RowSet, Words, WordsError};
use xxhash_rust::xxh3::xxh3_64;

pub(crate) use self::make::make_words;
use super::Layout;
use crate::error::StoreError;
use crate::snapshot::Table;

/// Ending of word indexes.
pub(crate) const WORDS_ENDING: &str = "words";

/// The columns of a table whose texts are searched.
pub fn searched_columns(table: Table) -> &'static [&'static str] {
    Layout::of(table).searched
}

/// The word index beside a data file.
pub(crate) fn words_path(data_file: &Path) -> PathBuf {
    data_file.with_extension(WORDS_ENDING)
}

/// What an index is of: this data file, these columns.
fn label(table: Table, data_file: &Path) -> std::io::Result<Vec<u8>> {
    let name = data_file.file_name().unwrap_or_default().to_string_lossy();
    let columns = xxh3_64(searched_columns(table).join(",").as_bytes());
    Ok(format!("{name} {} {columns:016x}", fs::metadata(data_file)?.len()).into_bytes())
}

/// A word index. Nothing of it is held in memory.
#[derive(Debug)]
pub struct WordIndex {
    path: PathBuf,
    label: Vec<u8>,
    rows: u64,
    /// Found to be damaged: it is made again.
    broken: AtomicBool,
}

impl WordIndex {
    /// The index of a data file of so many rows, if it is one.
    pub(crate) fn open(table: Table, data_file: &Path, rows: u64) -> Result<Self, WordsError> {
        let (path, label) = (words_path(data_file), label(table, data_file)?);
        let words = Words::open(File::open(&path)?, &label)?;
        if u64::from(words.rows()) != rows {
            return Err(WordsError::Other);
        }
        Ok(Self { path, label, rows, broken: AtomicBool::new(false) })
    }

    /// Makes the index of a data file of so many rows and opens it, at once and without pauses.
    pub fn make(table: Table, data_file: &Path, has_texts: bool, rows: u64) -> Edge<Self> {
        make_words(table, data_file, has_texts, rows, &mut || Ok(()))?;
        let made = Self::open(table, data_file, rows);
        Ok(made.map_err(|cause| StoreError::Internal(format!("a word index just made does not open: {cause}")))?)
    }

    /// The rows of the data file, masked ones included, that may answer; all others do not. Nothing if the index cannot
    /// tell: then every row may. Reads the disk.
    pub fn candidates(&self, query: &Query) -> Option<RowSet> {
        if self.is_broken() {
            return None;
        }
        let found = self.words().and_then(|words| words.candidates(query));
        match found.map(|rows| (u64::from(rows.total()) == self.rows).then_some(rows)) {
            Ok(Some(rows)) => Some(rows),
            outcome => {
                let error = outcome.err();
                tracing::warn!(?error, index = %self.path.display(), "a word index is damaged: it is made again, until then rows are read");
                self.broken.store(true, Ordering::Release);
                None
            }
        }
    }

    /// Reads all of it; an error if it is damaged.
    pub(crate) fn check(&self) -> Result<(), WordsError> {
        self.words()?.check()
    }

    /// Whether it was found to be damaged.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    fn words(&self) -> Result<Words<File>, WordsError> {
        Words::open(File::open(&self.path)?, &self.label)
    }
}
