//! `GET /api/v1/status` on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the server is doing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) uptime_s: u64,
    /// True until the first span of this project.
    pub(crate) empty: bool,
    /// True if keys are asked for.
    pub(crate) auth: bool,
    /// The project of this request.
    pub(crate) project: String,
    pub(crate) store: StoreStatus,
    /// Who sent something, latest first.
    pub(crate) senders: Vec<Sender>,
}

/// What is stored: rows of this project, files and bytes of all.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreStatus {
    pub(crate) rows: Rows,
    pub(crate) files: u64,
    pub(crate) disk_bytes: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) wal_bytes: u64,
}

/// Rows a table.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rows {
    pub(crate) spans: u64,
    pub(crate) logs: u64,
    pub(crate) metrics: u64,
}

/// One sending service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sender {
    pub(crate) service_name: Option<String>,
    /// Name, language and version of its SDK, as far as it told.
    pub(crate) sdk: Option<String>,
    /// RFC 3339.
    pub(crate) last_seen: String,
    pub(crate) spans: u64,
}
