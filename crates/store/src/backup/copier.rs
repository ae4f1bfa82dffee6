//! Files into a backup's folder: each is summed while it is copied, and one that the backup before has is not copied again.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::BackupReport;
use super::manifest::{Entry, FILE, Manifest};
use crate::catalog::{DATA_PATH, table_dir};
use crate::error::{StoreError, StoreResult};
use crate::files::sync_dir;
use crate::snapshot::Table;
use crate::store::Fault;

/// Held locked by whoever writes the backup.
const LOCK_FILE: &str = "backup.lock";
/// Ending of a file that is being copied.
const UNFINISHED: &str = "unfinished";
/// Names of copies of the catalogue.
const CATALOG_PREFIX: &str = "catalog-";
/// Bytes read at once.
const PIECE_BYTES: usize = 1 << 20;

/// Fills a backup's folder.
#[derive(Debug)]
pub(crate) struct Copier {
    folder: PathBuf,
    /// The catalogue's name in it: another one each time, so that the one of the backup before stays until the end.
    catalog: String,
    before: HashMap<String, Entry>,
    entries: Vec<Entry>,
    report: BackupReport,
    _lock: File,
}

impl Copier {
    /// Begins a backup of the data directory `dir` in a folder that is empty, does not exist, or is a backup.
    pub(crate) fn begin(dir: &Path, folder: &Path) -> StoreResult<Self> {
        fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        let folder = &folder.canonicalize().map_err(StoreError::io("find", folder))?;
        let dir = dir.canonicalize().map_err(StoreError::io("find", dir))?;
        if folder.starts_with(&dir) || dir.starts_with(folder) {
            return Err(StoreError::Wrong(format!(
                "a backup of {} cannot lie in {}: one is inside the other",
                dir.display(),
                folder.display()
            )));
        }
        let lock = lock(folder)?;
        let before = Manifest::read(folder)?;
        if before.is_none() && !is_ours(folder)? {
            return Err(StoreError::Wrong(format!(
                "{} is neither empty nor a backup: name another folder",
                folder.display()
            )));
        }
        for table in Table::ALL {
            let folder = table_dir(folder, table);
            fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
        }
        let before = before.map(|manifest| manifest.files).unwrap_or_default();
        Ok(Self {
            folder: folder.clone(),
            catalog: format!("{CATALOG_PREFIX}{}.sqlite", Uuid::now_v7()),
            before: before.into_iter().map(|entry| (entry.path.clone(), entry)).collect(),
            entries: Vec::new(),
            report: BackupReport::default(),
            _lock: lock,
        })
    }

    /// Where the copy of the catalogue goes.
    pub(crate) fn catalog(&self) -> PathBuf {
        self.folder.join(&self.catalog)
    }

    /// Adds a file under the name it has from the data directory on. A file of the same name and size is the same file.
    pub(crate) fn add(&mut self, from: &Path, name: &str) -> StoreResult<()> {
        let bytes = fs::metadata(from).map_err(StoreError::io("read", from))?.len();
        let to = self.folder.join(name);
        let kept = self.before.get(name).filter(|entry| entry.bytes == bytes && has_bytes(&to, bytes));
        let entry = match kept {
            Some(entry) => entry.clone(),
            None => {
                let blake3 = copy(from, &to)?;
                self.report.new_files += 1;
                self.report.new_bytes += bytes;
                Entry { path: name.to_owned(), bytes, blake3 }
            }
        };
        self.entries.push(entry);
        Ok(())
    }

    /// Notes a data file that cannot be copied. A copy in the backup before, with what lies beside it, stays.
    pub(crate) fn miss(&mut self, file: String, bytes: u64, what: String) {
        let is_whole = |entry: &Entry| has_bytes(&self.folder.join(&entry.path), entry.bytes);
        let kept = self.before.get(&file).is_some_and(|entry| entry.bytes == bytes && is_whole(entry));
        let what = if kept { format!("{what}; the copy in the backup before stays") } else { what };
        if kept {
            let stem = file.trim_end_matches(".parquet");
            let beside = self.before.values().filter(|entry| entry.path.starts_with(stem) && is_whole(entry));
            self.entries.extend(beside.cloned());
        }
        self.report.missing.push(Fault { file, what });
    }

    /// Makes what was added the backup, and removes what only the one before had.
    pub(crate) fn finish(mut self) -> StoreResult<BackupReport> {
        let path = self.catalog();
        File::open(&path).and_then(|file| file.sync_all()).map_err(StoreError::io("sync", &path))?;
        let (bytes, blake3) = sum(&path).map_err(StoreError::io("read", &path))?;
        let catalog = Entry { path: self.catalog.clone(), bytes, blake3 };
        for folder in Table::ALL.map(|table| table_dir(&self.folder, table)) {
            sync_dir(&folder).map_err(StoreError::io("sync", &folder))?;
        }
        let manifest = Manifest::new(catalog, self.entries);
        manifest.write(&self.folder)?;
        remove_others(&self.folder, &manifest)?;
        self.report.files = manifest.all().count() as u64;
        self.report.bytes = manifest.all().map(|entry| entry.bytes).sum();
        Ok(self.report)
    }
}

fn lock(folder: &Path) -> StoreResult<File> {
    let path = folder.join(LOCK_FILE);
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(StoreError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(StoreError::Wrong(format!("another backup into {} is under way", folder.display())))
        }
        Err(TryLockError::Error(cause)) => Err(StoreError::io("lock", &path)(cause)),
    }
}

/// Whether nothing is in a folder but what a backup that was given up left there.
fn is_ours(folder: &Path) -> StoreResult<bool> {
    let data = DATA_PATH.trim_end_matches('/');
    for entry in fs::read_dir(folder).map_err(StoreError::io("list", folder))? {
        let name = entry.map_err(StoreError::io("list", folder))?.file_name();
        let name = name.to_string_lossy();
        if name != LOCK_FILE && name != data && !name.starts_with(CATALOG_PREFIX) && !name.starts_with(FILE) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has_bytes(path: &Path, bytes: u64) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() == bytes)
}

/// Copies a file and reads the copy back. Gives its sum; the file survives a crash, its name once the folder is synced.
pub(super) fn copy(from: &Path, to: &Path) -> StoreResult<String> {
    let unfinished = to.with_extension(UNFINISHED);
    let copied = File::open(from).and_then(|source| {
        let mut target = File::create(&unfinished)?;
        let (_, blake3) = each_piece(source, |piece| target.write_all(piece))?;
        target.sync_all()?;
        Ok(blake3)
    });
    let blake3 = copied.map_err(StoreError::io("copy", from))?;
    if sum(&unfinished).map_err(StoreError::io("read", &unfinished))?.1 != blake3 {
        return Err(StoreError::Internal(format!("the copy of {} is not what it should be", from.display())));
    }
    fs::rename(&unfinished, to).map_err(StoreError::io("rename", &unfinished))?;
    Ok(blake3)
}

/// Size and BLAKE3 of a file.
pub(super) fn sum(path: &Path) -> io::Result<(u64, String)> {
    each_piece(File::open(path)?, |_| Ok(()))
}

fn each_piece(mut source: File, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<(u64, String)> {
    let (mut hasher, mut bytes) = (blake3::Hasher::new(), 0);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            return Ok((bytes, hasher.finalize().to_hex().to_string()));
        }
        let piece = piece.get(..read).unwrap_or_default();
        hasher.update(piece);
        each(piece)?;
        bytes += read as u64;
    }
}

/// Removes the files of backups before that this one does not have.
fn remove_others(folder: &Path, manifest: &Manifest) -> StoreResult<()> {
    let known: HashSet<PathBuf> = manifest.all().map(|entry| folder.join(&entry.path)).collect();
    for table in Table::ALL {
        remove_but(&table_dir(folder, table), "", &known)?;
    }
    remove_but(folder, CATALOG_PREFIX, &known)
}

/// Removes the files of a folder whose names start so, but for those that are known.
fn remove_but(folder: &Path, prefix: &str, known: &HashSet<PathBuf>) -> StoreResult<()> {
    for entry in fs::read_dir(folder).map_err(StoreError::io("list", folder))? {
        let entry = entry.map_err(StoreError::io("list", folder))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(prefix) && path.is_file() && !known.contains(&path) {
            fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
        }
    }
    Ok(())
}
