//! A backup of an open store: memory becomes files, the flush thread copies the catalogue, then the files it names are copied
//! while reads, writes and merges go on.
//!
//! The copy is of the moment at which the flush was done: what was acknowledged before the order is in it. The log is not
//! needed: the catalogue names no segment with rows that are not in files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pellucid_model::Result;
use tokio::sync::oneshot;

use super::Store;
use super::flush::Order;
use crate::backup::{BackupReport, Copier};
use crate::catalog::{FileRow, Loaded, data_path, table_dir};
use crate::error::{StoreError, StoreResult};
use crate::snapshot::{FilePath, Table};

/// What the flush thread hands back.
#[derive(Debug)]
pub(super) struct Frozen {
    pub(super) copier: Copier,
    /// What the copied catalogue names.
    pub(super) named: Loaded,
    /// As long as these are held, a merge removes none of its files.
    pub(super) held: Vec<FilePath>,
}

impl Store {
    /// Copies the directory as of now into a folder of its own; copies only what a backup before in that folder lacks.
    ///
    /// # Errors
    /// The folder is neither empty nor a backup, or the disk refuses: what was there before stays a whole backup.
    pub async fn backup(&self, folder: &Path) -> Result<BackupReport> {
        Ok(self.backup_inner(folder).await?)
    }

    async fn backup_inner(&self, folder: &Path) -> StoreResult<BackupReport> {
        let (dir, folder) = (self.dir.clone(), folder.to_owned());
        let copier = blocking({
            let dir = dir.clone();
            move || Copier::begin(&dir, &folder)
        })
        .await?;
        let (answer, answered) = oneshot::channel();
        let order = Order::Freeze(Box::new(copier), answer);
        self.with_threads(|threads| threads.orders.send(order).map_err(|_| StoreError::Closed))?;
        let frozen = answered.await.map_err(|_| StoreError::Closed)??;
        blocking(move || copy(&dir, frozen)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> StoreResult<T> + Send + 'static) -> StoreResult<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| StoreError::Internal(format!("a backup was given up: {cause}")))?
}

fn copy(dir: &Path, frozen: Frozen) -> StoreResult<BackupReport> {
    let Frozen { mut copier, named, held } = frozen;
    let mut names = Vec::new();
    for table in Table::ALL {
        names.push(names_in(&table_dir(dir, table))?);
    }
    for file in &named.files {
        let about = data_path(file.table, &file.name);
        // One that is damaged keeps nobody from a backup of the others.
        if let Some(what) = fault_of(dir, file) {
            copier.miss(about, file.bytes, what);
            continue;
        }
        let stem = file.name.trim_end_matches(".parquet");
        let beside = names[file.table as usize].range(stem.to_owned()..).take_while(|name| name.starts_with(stem));
        for name in beside {
            copier.add(&table_dir(dir, file.table).join(name), &data_path(file.table, name))?;
        }
    }
    drop(held);
    copier.finish()
}

/// The names of a folder's files, sorted: what lies beside a data file follows it.
fn names_in(folder: &Path) -> StoreResult<BTreeSet<String>> {
    let entries = fs::read_dir(folder).map_err(StoreError::io("list", folder))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<std::io::Result<_>>().map_err(StoreError::io("list", folder))
}

/// Why a data file is not what the catalogue says, by its size.
fn fault_of(dir: &Path, file: &FileRow) -> Option<String> {
    let path = table_dir(dir, file.table).join(&file.name);
    let texts = file.texts_bytes.map(|bytes| (crate::files::texts_path(&path), bytes));
    [(path, file.bytes)].into_iter().chain(texts).find_map(|(path, bytes)| match fs::metadata(&path) {
        Ok(found) if found.len() == bytes => None,
        Ok(found) => Some(format!("{} has {} bytes instead of {bytes}", path.display(), found.len())),
        Err(cause) => Some(format!("{}: {cause}", path.display())),
    })
}
