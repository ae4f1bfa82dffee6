//! Backups: a copy of a directory at one moment, in a folder of its own, and the way back.
//!
//! In: an open store, or a backup. Out: a folder with the data files under their own names, one copy of the catalogue, and
//! `backup.json`, which names every file with its size and BLAKE3 sum. Data files never change, so the next backup into the same
//! folder copies only new ones. `backup.json` is replaced last: until then the folder is the backup before.

mod copier;
mod manifest;
mod restore;

pub(crate) use copier::Copier;
pub use restore::{check, restore};

use crate::store::Fault;

/// What a backup did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BackupReport {
    /// Files of the backup.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were not there from a backup before.
    pub new_files: u64,
    /// Their bytes.
    pub new_bytes: u64,
    /// Data files that are damaged or gone, and therefore not in the backup.
    pub missing: Vec<Fault>,
}

/// What a restore did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RestoreReport {
    /// Files of the directory.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}
