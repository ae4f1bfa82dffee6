//! Segment files: names, creation, append with the way back, removal.
//!
//! A segment is written by one thread and only ever at its end. A failed append cuts the file back to the last good
//! record; until that has worked, nothing more is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::header::{self, new_salt};
use super::record::Salt;
use crate::error::{StoreError, StoreResult};
use crate::files::sync_dir;
use crate::hook::{Hook, Step};

/// Ending of segment files.
const ENDING: &str = "wal";

/// A segment open for writing.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    /// What its records are sealed with.
    salt: Salt,
    /// Bytes up to the end of the last good record.
    good_bytes: u64,
    /// Bytes may lie behind the last good record.
    dirty: bool,
}

impl Segment {
    /// Makes a new segment; it is there after a crash once this returns.
    pub(super) fn create(dir: &Path, number: u64, hook: &Hook) -> io::Result<Self> {
        hook.at(Step::WalCreate)?;
        // A segment of this number can only be the rest of a creation that failed: no record is in it.
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(path(dir, number))?;
        let salt = new_salt();
        let header = header::write(salt);
        file.write_all(&header)?;
        file.sync_all()?;
        sync_dir(dir)?;
        Ok(Self { file, salt, good_bytes: header.len() as u64, dirty: false })
    }

    /// Appends whole records, given in parts, and syncs them. On failure none of them is in the log.
    pub(super) fn append<'a>(&mut self, parts: impl Iterator<Item = &'a [u8]>, hook: &Hook) -> io::Result<()> {
        self.repair()?;
        self.dirty = true;
        let mut slices: Vec<IoSlice<'_>> = parts.map(IoSlice::new).collect();
        let bytes = slices.iter().map(|part| part.len() as u64).sum::<u64>();
        let outcome = self.write_synced(&mut slices, hook);
        match outcome {
            Ok(()) => {
                self.good_bytes += bytes;
                self.dirty = false;
                Ok(())
            }
            Err(cause) => {
                if let Err(again) = self.repair() {
                    tracing::error!(error = %again, "write-ahead log: cannot cut back a failed write, trying again later");
                }
                Err(cause)
            }
        }
    }

    /// What its records are sealed with.
    pub(super) fn salt(&self) -> Salt {
        self.salt
    }

    /// Bytes of good records and the header.
    pub(super) fn bytes(&self) -> u64 {
        self.good_bytes
    }

    fn write_synced(&mut self, mut parts: &mut [IoSlice<'_>], hook: &Hook) -> io::Result<()> {
        hook.at(Step::WalWrite)?;
        while !parts.is_empty() {
            match self.file.write_vectored(parts) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut parts, written),
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        hook.at(Step::WalSync)?;
        self.file.sync_data()
    }

    fn repair(&mut self) -> io::Result<()> {
        if self.dirty {
            self.file.set_len(self.good_bytes)?;
            self.file.seek(SeekFrom::Start(self.good_bytes))?;
            self.file.sync_data()?;
            self.dirty = false;
        }
        Ok(())
    }
}

/// The file of a segment.
pub(super) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}.{ENDING}"))
}

/// The numbers and sizes of all segments, oldest first.
pub(crate) fn list(dir: &Path) -> StoreResult<Vec<(u64, u64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(StoreError::io("list", dir))? {
        let entry = entry.map_err(StoreError::io("list", dir))?;
        let name = entry.file_name();
        let path = Path::new(&name);
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let (Some(number), true) = (number, path.extension().is_some_and(|ending| ending == ENDING)) {
            // A flush may remove it meanwhile.
            match entry.metadata() {
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
                metadata => found.push((number, metadata.map_err(StoreError::io("read", dir))?.len())),
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Removes every segment below `first`: their rows are in data files. Returns the bytes set free.
pub(crate) fn drop_before(dir: &Path, first: u64, hook: &Hook) -> StoreResult<u64> {
    let mut freed_bytes = 0;
    for (number, bytes) in list(dir)?.into_iter().filter(|(number, _)| *number < first) {
        let path = path(dir, number);
        hook.at(Step::WalDrop).and_then(|()| fs::remove_file(&path)).map_err(StoreError::io("remove", &path))?;
        freed_bytes += bytes;
    }
    Ok(freed_bytes)
}
