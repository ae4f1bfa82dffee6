//! A flush on disk: data files, delete files, and the one transaction that makes them part of the tables.

use std::fs;
use std::path::PathBuf;
use std::sync::RwLock;

use tokio::runtime::Handle;
use uuid::Uuid;

use super::data_files::Masks;
use super::state::{State, read};
use crate::catalog::{Catalog, Flush, Masked, NewFile, data_path, table_dir};
use crate::error::{StoreError, StoreResult};
use crate::files::{KeyIndex, Written, write_deletes, write_table};
use crate::hook::{Hook, Step};
use crate::memtable::FrozenTable;
use crate::snapshot::Table;

/// Where flushes go.
#[derive(Debug)]
pub(super) struct Disk {
    /// The data directory.
    pub(super) dir: PathBuf,
    /// The catalogue.
    pub(super) catalog: Catalog,
    /// Runs the catalogue's statements.
    pub(super) handle: Handle,
    /// Test hook.
    pub(super) hook: Hook,
}

/// Rows handed over to a flush, and where the log goes on.
#[derive(Debug)]
pub(super) struct Sealed {
    /// The rows, in the order of [`Table::ALL`].
    pub(super) tables: [FrozenTable; 3],
    /// The first log segment that holds none of them.
    pub(super) wal_first_segment: u64,
}

/// Files that are durable and that the catalogue does not know yet.
#[derive(Debug)]
pub(super) struct Prepared {
    files: Vec<(Table, Written)>,
    masked: Vec<Masked>,
    wal_first_segment: u64,
}

/// A flush that is part of the tables.
#[derive(Debug)]
pub(super) struct Persisted {
    /// New files.
    pub(super) files: Vec<PersistedFile>,
    /// Files with all positions the catalogue now knows as masked.
    pub(super) masked: Vec<Masked>,
    /// The first log segment that is still needed.
    pub(super) wal_first_segment: u64,
}

/// A data file of the tables.
#[derive(Debug)]
pub(super) struct PersistedFile {
    /// Its id in the catalogue.
    pub(super) id: i64,
    /// Whose rows it holds.
    pub(super) table: Table,
    /// The file.
    pub(super) written: Written,
}

impl Disk {
    /// Writes the files of a flush. A failure leaves none behind.
    pub(super) fn prepare(&self, state: &RwLock<State>, sealed: &Sealed) -> StoreResult<Prepared> {
        let mut prepared =
            Prepared { files: Vec::new(), masked: Vec::new(), wal_first_segment: sealed.wal_first_segment };
        match self.fill(state, sealed, &mut prepared) {
            Ok(()) => Ok(prepared),
            Err(cause) => {
                self.discard(&prepared);
                Err(cause)
            }
        }
    }

    fn fill(&self, state: &RwLock<State>, sealed: &Sealed, prepared: &mut Prepared) -> StoreResult<()> {
        for (table, frozen) in Table::ALL.into_iter().zip(&sealed.tables) {
            let batches = frozen.rows.batches()?;
            if batches.is_empty() {
                continue;
            }
            let path = table_dir(&self.dir, table).join(format!("{}.parquet", Uuid::now_v7()));
            let written = write_table(&path, table, self.catalog.schema(table)?, &batches, &self.hook);
            prepared.files.push((table, written.inspect_err(|_| remove_data_file(&path))?));
        }
        let replaced = Table::ALL
            .into_iter()
            .zip(&sealed.tables)
            .flat_map(|(table, frozen)| frozen.replaced.iter().map(move |row| (table, *row)));
        let masks = read(state).files.to_commit(replaced);
        for Masks { table, file_id, data_file, positions } in masks {
            let name = format!("{}-delete.parquet", Uuid::now_v7());
            let path = table_dir(&self.dir, table).join(&name);
            let deletes = write_deletes(&path, &data_path(table, &data_file), &positions)?;
            let (bytes, footer_bytes) = (deletes.bytes, deletes.footer_bytes);
            prepared.masked.push(Masked { file_id, table, positions, name, bytes, footer_bytes });
        }
        Ok(())
    }

    fn discard(&self, prepared: &Prepared) {
        prepared.files.iter().for_each(|(_, written)| remove_data_file(&written.path));
        for masked in &prepared.masked {
            drop(fs::remove_file(table_dir(&self.dir, masked.table).join(&masked.name)));
        }
    }

    /// Makes prepared files part of the tables, all or nothing. May be tried again if it failed.
    pub(super) fn commit(&self, prepared: &Prepared) -> StoreResult<Vec<i64>> {
        let at = |step| self.hook.at(step).map_err(StoreError::io("commit to", &self.dir));
        at(Step::CatalogCommit)?;
        let files = prepared.files.iter().map(|(table, written)| {
            let name = written.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            NewFile { table: *table, name, written }
        });
        let flush =
            Flush { files: files.collect(), masked: &prepared.masked, wal_first_segment: prepared.wal_first_segment };
        let ids = self.handle.block_on(self.catalog.commit(&flush))?;
        at(Step::CatalogCommitted)?;
        Ok(ids)
    }
}

impl Prepared {
    /// The flush, now that its files have ids.
    pub(super) fn persisted(self, ids: Vec<i64>) -> Persisted {
        let file = |(id, (table, written))| PersistedFile { id, table, written };
        Persisted {
            files: ids.into_iter().zip(self.files).map(file).collect(),
            masked: self.masked,
            wal_first_segment: self.wal_first_segment,
        }
    }
}

/// Best effort: what stays is removed by the next open, since the catalogue does not know it.
fn remove_data_file(path: &std::path::Path) {
    drop(fs::remove_file(path));
    drop(fs::remove_file(KeyIndex::path_of(path)));
}
