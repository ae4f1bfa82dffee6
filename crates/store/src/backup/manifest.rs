//! `backup.json`: what a backup consists of.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::error::{StoreError, StoreResult};
use crate::files::sync_dir;

/// Its name.
pub(super) const FILE: &str = "backup.json";
/// Version of the form of a backup. Raised when an older program could not restore what a newer one writes.
const FORMAT: u32 = 1;

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// From the backup's folder on, with `/`.
    pub(crate) path: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub(crate) blake3: String,
}

/// What a backup consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// The copy of the catalogue.
    pub(crate) catalog: Entry,
    /// All other files.
    pub(crate) files: Vec<Entry>,
}

impl Manifest {
    pub(crate) fn new(catalog: Entry, files: Vec<Entry>) -> Self {
        Self { format: FORMAT, catalog, files }
    }

    /// The manifest of a backup; nothing if the folder has none.
    ///
    /// # Errors
    /// It cannot be read, is of a newer program, or names files outside the folder.
    pub(crate) fn read(folder: &Path) -> StoreResult<Option<Self>> {
        let path = folder.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(StoreError::io("read", &path)(cause)),
        };
        let wrong = |what: String| StoreError::Wrong(format!("{}: {what}", path.display()));
        let found: Self = serde_json::from_slice(&text).map_err(|cause| wrong(cause.to_string()))?;
        if found.format > FORMAT {
            return Err(wrong(format!("the backup has form {}, this program knows up to {FORMAT}", found.format)));
        }
        if let Some(entry) = found.all().find(|entry| !is_inside(&entry.path)) {
            return Err(wrong(format!("{:?} lies outside the backup", entry.path)));
        }
        Ok(Some(found))
    }

    /// Makes it the backup's: all or nothing.
    pub(crate) fn write(&self, folder: &Path) -> StoreResult<()> {
        let (path, new) = (folder.join(FILE), folder.join(format!("{FILE}.new")));
        let text = serde_json::to_vec_pretty(self).map_err(|cause| StoreError::Internal(cause.to_string()))?;
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            sync_dir(folder)
        });
        written.map_err(StoreError::io("write", &path))
    }

    /// Every file, the catalogue first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.catalog).chain(&self.files)
    }
}

/// Whether a path leads nowhere but below the folder it starts in.
fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_comes_back_and_one_that_leads_outside_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let entry = |path: &str| Entry { path: path.to_owned(), bytes: 3, blake3: "00".to_owned() };
        let manifest = Manifest::new(entry("catalog-1.sqlite"), vec![entry("data/main/spans/a.parquet")]);
        assert_eq!(Manifest::read(dir.path()).unwrap(), None);
        manifest.write(dir.path()).unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), Some(manifest.clone()));
        for path in ["../a", "/etc/passwd", "data/../../a", ""] {
            Manifest::new(entry("c"), vec![entry(path)]).write(dir.path()).unwrap();
            assert!(Manifest::read(dir.path()).is_err(), "{path}");
        }
        Manifest { format: FORMAT + 1, ..manifest }.write(dir.path()).unwrap();
        assert!(Manifest::read(dir.path()).is_err());
    }
}
