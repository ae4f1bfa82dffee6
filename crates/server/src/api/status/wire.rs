//! `GET /api/v1/status` on the wire.

use std::time::Duration;

use pellucid_model::ProjectId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::show_time;
use crate::retention::Keeping;

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
    /// Deletions of this project whose bytes may still be on the disk.
    pub(crate) open_deletions: u64,
    pub(crate) retention: RetentionStatus,
}

/// How long rows of this project are kept, and when it was last looked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionStatus {
    /// Seconds that spans are kept; null: for ever.
    pub(crate) spans_s: Option<u64>,
    /// Seconds that log records are kept.
    pub(crate) logs_s: Option<u64>,
    /// Seconds that metric points are kept.
    pub(crate) metrics_s: Option<u64>,
    /// Bytes that the whole data directory may take; null: as many as there are.
    pub(crate) max_bytes: Option<u64>,
    /// RFC 3339; null before the first run, or if everything is kept.
    pub(crate) last_run: Option<String>,
    /// Rows of all projects that went in the last run.
    pub(crate) dropped_rows: u64,
}

impl RetentionStatus {
    /// What holds for a project.
    pub(crate) fn of(keeping: &Keeping, project: &ProjectId) -> Self {
        let retention = keeping.retention();
        let ages = retention.projects.get(project).unwrap_or(&retention.ages);
        let last = keeping.last();
        let seconds = |age: Option<Duration>| age.map(|age| age.as_secs());
        Self {
            spans_s: seconds(ages.spans),
            logs_s: seconds(ages.logs),
            metrics_s: seconds(ages.metrics),
            max_bytes: retention.max_bytes,
            last_run: last.map(|run| show_time(run.at)),
            dropped_rows: last.map_or(0, |run| run.report.dropped_rows),
        }
    }
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
