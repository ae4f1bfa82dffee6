//! What can go wrong inside the store, and how each of it looks from outside.

use std::io;
use std::path::{Path, PathBuf};

use pellucid_model::{Error, ErrorKind};

/// A failure inside the store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The disk said no.
    #[error("cannot {action} {path}")]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// Another process has the directory.
    #[error("data directory {0} is in use by another process")]
    Locked(PathBuf),
    /// A newer program wrote the directory.
    #[error("data directory has format version {found}, this program knows up to {known}")]
    Newer { found: i64, known: i64 },
    /// The catalogue refused or is broken.
    #[error("catalogue: {action} failed")]
    Catalog { action: &'static str, source: sqlx::Error },
    /// A data file could not be written or read.
    #[error("data file {path}: {source}")]
    Parquet { path: PathBuf, source: parquet::errors::ParquetError },
    /// Arrow refused rows of our own making.
    #[error("rows do not fit their schema")]
    Arrow(#[from] arrow::error::ArrowError),
    /// Over a limit; it passes.
    #[error("{what} is full ({limit_bytes} bytes)")]
    Full { what: &'static str, limit_bytes: u64 },
    /// The log could not be written; it was put back to its last good record.
    #[error("write-ahead log cannot be written")]
    Wal(#[source] io::Error),
    /// The store is closing.
    #[error("store is closed")]
    Closed,
    /// What was asked for cannot be done so.
    #[error("{0}")]
    Wrong(String),
    /// Ours.
    #[error("{0}")]
    Internal(String),
}

/// A result inside the store.
pub(crate) type StoreResult<T> = Result<T, StoreError>;

impl StoreError {
    /// For `map_err` on file operations.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// For `map_err` on catalogue statements.
    pub(crate) fn catalog(action: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Catalog { action, source }
    }

    /// For `map_err` on data files.
    pub(crate) fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let path = path.to_owned();
        move |source| Self::Parquet { path, source }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("make the data directory writable for this user or choose another one with --data")
            }
            Self::Io { source, .. } | Self::Wal(source) if source.kind() == io::ErrorKind::StorageFull => {
                Some("free space on the disk of the data directory")
            }
            Self::Locked(_) => Some("stop the other process or choose another directory with --data"),
            Self::Newer { .. } => Some("run a newer version of the program on this directory"),
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Full { .. } | StoreError::Wal(_) | StoreError::Closed => ErrorKind::Unavailable,
            StoreError::Io { .. } | StoreError::Locked(_) | StoreError::Newer { .. } => ErrorKind::Unavailable,
            StoreError::Wrong(_) => ErrorKind::Invalid,
            StoreError::Catalog { .. }
            | StoreError::Parquet { .. }
            | StoreError::Arrow(_)
            | StoreError::Internal(_) => ErrorKind::Internal,
        };
        let message = match &error {
            StoreError::Io { source, .. } | StoreError::Wal(source) => format!("{error}: {source}"),
            _ => error.to_string(),
        };
        let edge = Self::new(kind, message);
        let edge = match error.hint() {
            Some(hint) => edge.with_hint(hint),
            None => edge,
        };
        edge.caused_by(error)
    }
}
