//! What a directory holds, and whether it is what the catalogue says.

use std::fs;
use std::sync::Arc;

use pellucid_model::{Result, Timestamp};

use super::Store;
use super::state::read;
use crate::error::{StoreError, StoreResult};
use crate::files::{Claims, Layout, check, words_path};
use crate::snapshot::Table;

/// What is stored of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableStatus {
    /// Its name in SQL.
    pub name: &'static str,
    /// Data files.
    pub files: u64,
    /// Their bytes, those of their texts included.
    pub file_bytes: u64,
    /// Bytes of their word indexes.
    pub words_bytes: u64,
    /// Rows in them, without the masked ones.
    pub file_rows: u64,
    /// Rows in them that were replaced or removed and go with the next merge.
    pub masked_rows: u64,
    /// Rows that no file holds yet.
    pub memory_rows: u64,
    /// The times between which its rows in files lie.
    pub times: Option<(Timestamp, Timestamp)>,
}

/// Something that is wrong with a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, from the data directory on.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl Store {
    /// What is stored, by table.
    pub fn tables(&self) -> Vec<TableStatus> {
        let state = read(&self.state);
        let status = |table: Table| {
            let (mut files, mut file_bytes, mut words_bytes, mut rows, mut masked_rows) = (0, 0, 0, 0, 0);
            let mut times: Option<(i64, i64)> = None;
            for file in state.files.all(table) {
                files += 1;
                file_bytes += file.bytes + file.texts_bytes.unwrap_or(0);
                words_bytes += fs::metadata(words_path(&file.path)).map_or(0, |found| found.len());
                rows += file.rows;
                masked_rows += file.masked.len() as u64;
                let (min, max) = (file.min_time, file.max_time);
                times = Some(times.map_or((min, max), |(first, last)| (first.min(min), last.max(max))));
            }
            TableStatus {
                name: Layout::of(table).name,
                files,
                file_bytes,
                words_bytes,
                file_rows: rows - masked_rows,
                masked_rows,
                memory_rows: state.memory.len(table) as u64,
                times: times.map(|(min, max)| (Timestamp::from_nanos(min), Timestamp::from_nanos(max))),
            }
        };
        Table::ALL.map(status).to_vec()
    }

    /// Data files that could not be opened and are left out of all answers.
    pub fn damaged(&self) -> Vec<Fault> {
        self.damaged.clone()
    }

    /// Reads every data file and compares it with what the catalogue and the key index say. Tells of each file when it
    /// begins; gives what is wrong.
    pub async fn verify(&self, told: impl FnMut(&str) + Send) -> Result<Vec<Fault>> {
        Ok(self.verify_inner(told).await?)
    }

    async fn verify_inner(&self, mut told: impl FnMut(&str) + Send) -> StoreResult<Vec<Fault>> {
        let mut faults = self.damaged();
        let broken = self.metadata.check().await?;
        faults.extend(broken.into_iter().map(|what| Fault { file: "catalog.sqlite".to_owned(), what }));
        for table in Table::ALL {
            // One view a table: a merge does not remove what is being read.
            let files = read(&self.state).files.views(table);
            for file in files {
                let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let name = crate::catalog::data_path(table, &name);
                told(&name);
                let masked = Arc::clone(&file.deleted);
                let found = tokio::task::spawn_blocking(move || {
                    let texts = file.texts.as_deref();
                    check(table, &file.path, &Claims { bytes: file.bytes, rows: file.rows, texts, masked: &masked })
                });
                let found =
                    found.await.map_err(|cause| StoreError::Internal(format!("a check was given up: {cause}")))?;
                faults.extend(found.into_iter().map(|what| Fault { file: name.clone(), what }));
            }
        }
        Ok(faults)
    }
}
