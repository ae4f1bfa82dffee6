//! Flushes and merges on disk: data files, delete files, and the one transaction that makes them part of the tables.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use tokio::runtime::Handle;
use uuid::Uuid;

use super::backup::Frozen;
use super::data_files::{DataFile, Masks, Moves};
use super::state::{State, read};
use crate::backup::Copier;
use crate::catalog::{Catalog, Flush, Masked, NewFile, Replace, data_path, table_dir};
use crate::error::{StoreError, StoreResult};
use crate::files::{Written, remove_data_file, write_deletes, write_table};
use crate::hook::{Hook, Step};
use crate::memtable::FrozenTable;
use crate::snapshot::Table;

/// Stands for the id of a file that has none yet.
const NO_ID: i64 = -1;

/// Where flushes and merges go.
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

/// Files merged into one that is durable and that the catalogue does not know yet.
#[derive(Debug)]
pub(super) struct Merged {
    /// Whose files.
    pub(super) table: Table,
    /// Where their rows went.
    pub(super) moves: Moves,
    /// What is left of them; nothing if no row is.
    pub(super) written: Option<Written>,
}

/// What became known after a merge was written.
#[derive(Debug)]
pub(super) struct Late {
    /// Rows that were masked for good while it ran.
    pub(super) masked: Option<Masked>,
    /// Delete files that nobody needs any more once it is part of the tables.
    pub(super) delete_files: Vec<String>,
}

/// A merge that is part of the tables.
#[derive(Debug)]
pub(super) struct Adopted {
    pub(super) table: Table,
    pub(super) moves: Moves,
    /// The file that stands for the others.
    pub(super) new: Option<DataFile>,
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
            if frozen.rows.is_empty() {
                continue;
            }
            let path = table_dir(&self.dir, table).join(format!("{}.parquet", Uuid::now_v7()));
            let written = write_table(&path, table, self.catalog.schemas(table)?, frozen.rows.each(), &self.hook);
            prepared.files.push((table, written.inspect_err(|_| remove_data_file(&path))?));
        }
        let replaced = Table::ALL
            .into_iter()
            .zip(&sealed.tables)
            .flat_map(|(table, frozen)| frozen.replaced.iter().map(move |row| (table, *row)));
        let masks = read(state).files.to_commit(replaced);
        for masks in masks {
            prepared.masked.push(self.write_masks(masks)?);
        }
        Ok(())
    }

    fn write_masks(&self, masks: Masks) -> StoreResult<Masked> {
        let Masks { table, file_id, data_file, positions } = masks;
        let name = format!("{}-delete.parquet", Uuid::now_v7());
        let path = table_dir(&self.dir, table).join(&name);
        let deletes = write_deletes(&path, &data_path(table, &data_file), &positions)?;
        Ok(Masked { file_id, table, positions, name, bytes: deletes.bytes, footer_bytes: deletes.footer_bytes })
    }

    /// Learns what a merge must be told of before it becomes part of the tables: while no flush is under way.
    pub(super) fn prepare_merge(&self, state: &RwLock<State>, merged: &Merged) -> StoreResult<Late> {
        let old: Vec<i64> = merged.moves.files().collect();
        let delete_files = self.handle.block_on(self.catalog.delete_files(&old))?;
        let positions = read(state).files.committed_since(merged.table, &merged.moves);
        let masked = match &merged.written {
            Some(written) if !positions.is_empty() => {
                let data_file = file_name(&written.path);
                Some(self.write_masks(Masks { table: merged.table, file_id: NO_ID, data_file, positions })?)
            }
            _ => None,
        };
        Ok(Late { masked, delete_files })
    }

    /// Makes a merge part of the tables, all or nothing. May be tried again if it failed.
    pub(super) fn commit_merge(&self, merged: &Merged, late: &Late) -> StoreResult<Option<i64>> {
        let at = |step| self.hook.at(step).map_err(StoreError::io("commit to", &self.dir));
        at(Step::MergeCommit)?;
        let Merged { table, moves, written } = merged;
        let old: Vec<i64> = moves.files().collect();
        let new = written.as_ref().map(|written| NewFile { table: *table, name: file_name(&written.path), written });
        let replace = Replace { table: *table, old: &old, new, masked: late.masked.as_ref() };
        let id = self.handle.block_on(self.catalog.replace(&replace))?;
        at(Step::MergeCommitted)?;
        Ok(id)
    }

    /// Copies the catalogue and its delete files into a backup: while no flush and no merge is under way, so that it names
    /// only files that are there.
    pub(super) fn freeze(&self, state: &RwLock<State>, mut copier: Copier) -> StoreResult<Frozen> {
        let named = self.handle.block_on(self.catalog.copy_to(&copier.catalog()))?;
        for name in &named.delete_files {
            for table in Table::ALL {
                let path = table_dir(&self.dir, table).join(name);
                if path.exists() {
                    copier.add(&path, &data_path(table, name))?;
                }
            }
        }
        let state = read(state);
        let held = Table::ALL.into_iter().flat_map(|table| state.files.all(table)).map(|file| file.path.clone());
        Ok(Frozen { copier, named, held: held.collect() })
    }

    /// Removes delete files that are not needed any more; what stays is removed by the next open.
    pub(super) fn remove_deletes(&self, table: Table, names: &[String]) {
        names.iter().for_each(|name| drop(fs::remove_file(table_dir(&self.dir, table).join(name))));
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
        let files = prepared.files.iter();
        let files = files.map(|(table, written)| NewFile { table: *table, name: file_name(&written.path), written });
        let flush =
            Flush { files: files.collect(), masked: &prepared.masked, wal_first_segment: prepared.wal_first_segment };
        let ids = self.handle.block_on(self.catalog.commit(&flush))?;
        at(Step::CatalogCommitted)?;
        Ok(ids)
    }
}

impl Merged {
    /// The merge, now that its file has an id.
    pub(super) fn adopted(self, masked: Option<Masked>, id: Option<i64>) -> Adopted {
        let Self { table, moves, written } = self;
        let committed = masked.map(|masked| masked.positions).unwrap_or_default();
        let new = id.zip(written).map(|(id, written)| DataFile {
            masked: Arc::new(committed.clone()),
            committed,
            ..DataFile::new(id, written)
        });
        Adopted { table, moves, new }
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

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
