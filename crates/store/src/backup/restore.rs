//! A backup becomes a data directory again, or is read through to see whether it could.

use std::fs;
use std::path::{Path, PathBuf};

use pellucid_model::Result;

use super::RestoreReport;
use super::copier::{copy, sum};
use super::manifest::Manifest;
use crate::catalog::{FILE as CATALOG, table_dir};
use crate::error::{StoreError, StoreResult};
use crate::files::sync_dir;
use crate::snapshot::Table;
use crate::store::Fault;

/// Makes a data directory of a backup: `dir` must be empty or not exist. Blocks.
///
/// # Errors
/// The folder is no backup, a file of it is not what it was, or the disk refuses. The catalogue is written last: what a restore
/// that failed has left is no data directory.
pub fn restore(backup: &Path, dir: &Path) -> Result<RestoreReport> {
    Ok(restore_inner(backup, dir)?)
}

fn restore_inner(backup: &Path, dir: &Path) -> StoreResult<RestoreReport> {
    let manifest = manifest(backup)?;
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(StoreError::Wrong(format!("{} is not empty: name a new directory", dir.display())));
    }
    for folder in Table::ALL.map(|table| table_dir(dir, table)) {
        fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
    }
    let mut report = RestoreReport::default();
    let targets = manifest.files.iter().map(|entry| (entry, dir.join(&entry.path)));
    for (entry, to) in targets.chain([(&manifest.catalog, dir.join(CATALOG))]) {
        let from = backup.join(&entry.path);
        let parent = to.parent().unwrap_or(dir).to_owned();
        fs::create_dir_all(&parent).map_err(StoreError::io("create", &parent))?;
        if copy(&from, &to)? != entry.blake3 {
            // It must not look like a directory that can be served.
            fs::remove_file(&to).map_err(StoreError::io("remove", &to))?;
            return Err(StoreError::Wrong(format!("{} is damaged: restore from another backup", from.display())));
        }
        sync_dir(&parent).map_err(StoreError::io("sync", &parent))?;
        report.files += 1;
        report.bytes += entry.bytes;
    }
    Ok(report)
}

/// Reads every file of a backup, telling of each; gives what is not as it was. Blocks.
///
/// # Errors
/// The folder is no backup.
pub fn check(backup: &Path, mut told: impl FnMut(&str)) -> Result<Vec<Fault>> {
    let manifest = manifest(backup)?;
    let mut faults = Vec::new();
    for entry in manifest.all() {
        told(&entry.path);
        let path: PathBuf = backup.join(&entry.path);
        let what = match sum(&path) {
            Ok(found) if found == (entry.bytes, entry.blake3.clone()) => continue,
            Ok((bytes, _)) if bytes != entry.bytes => format!("has {bytes} bytes instead of {}", entry.bytes),
            Ok(_) => "has other bytes than when it was copied".to_owned(),
            Err(cause) => format!("cannot be read: {cause}"),
        };
        faults.push(Fault { file: entry.path.clone(), what });
    }
    Ok(faults)
}

fn manifest(backup: &Path) -> StoreResult<Manifest> {
    let found = Manifest::read(backup)?;
    found.ok_or_else(|| StoreError::Wrong(format!("{} is no backup: it has no backup.json", backup.display())))
}
