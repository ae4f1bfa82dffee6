//! `POST /api/v1/store/backup` on the wire.

use pellucid_store::BackupReport;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a backup did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct BackupAnswer {
    /// The folder, as the server sees it.
    pub(crate) folder: String,
    /// Files of the backup.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Files that were not there from a backup before.
    pub(crate) new_files: u64,
    /// Their bytes.
    pub(crate) new_bytes: u64,
    /// Data files that are damaged or gone and could not be copied.
    pub(crate) missing: Vec<MissingFile>,
}

/// A data file that could not be copied.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct MissingFile {
    /// From the data directory on.
    pub(crate) file: String,
    /// Why.
    pub(crate) what: String,
}

impl BackupAnswer {
    pub(crate) fn new(folder: String, report: BackupReport) -> Self {
        let BackupReport { files, bytes, new_files, new_bytes, missing } = report;
        let missing = missing.into_iter().map(|fault| MissingFile { file: fault.file, what: fault.what });
        Self { folder, files, bytes, new_files, new_bytes, missing: missing.collect() }
    }
}
