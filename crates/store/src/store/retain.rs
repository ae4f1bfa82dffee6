//! Retention: rows past their age, and the oldest when there are too many bytes, leave the disk.
//!
//! In: how long whose rows are kept, what the directory may take, and the time. Out: what went. Ages end at midnight
//! (UTC), so that a file is looked at once a day: of a file wholly past, the catalogue forgets it in one transaction with
//! its fellows; of one partly past, the rest is written anew. Rows in memory stay: they go once they are in a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use pellucid_model::{ProjectId, Result, Timestamp};
use tokio::sync::oneshot;

use super::Store;
use super::compact::MergeOrder;
use crate::error::{StoreError, StoreResult};
use crate::snapshot::Table;

pub(super) const DAY_NS: i64 = 24 * 3600 * 1_000_000_000;

/// How long rows of each table are kept; nothing: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ages {
    /// Spans.
    pub spans: Option<Duration>,
    /// Log records.
    pub logs: Option<Duration>,
    /// Metric points.
    pub metrics: Option<Duration>,
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Of every project that is not named.
    pub ages: Ages,
    /// Of these.
    pub projects: BTreeMap<ProjectId, Ages>,
    /// Bytes that the whole directory may take.
    pub max_bytes: Option<u64>,
}

/// What a run of retention took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionReport {
    /// Files that are gone as a whole.
    pub dropped_files: u64,
    /// Files of which a part is gone.
    pub rewritten_files: u64,
    /// Rows that are gone.
    pub dropped_rows: u64,
    /// Bytes that the directory takes now.
    pub bytes: u64,
}

impl Ages {
    fn of(&self, table: Table) -> Option<Duration> {
        match table {
            Table::Spans => self.spans,
            Table::Logs => self.logs,
            Table::Metrics => self.metrics,
        }
    }
}

/// The first moment of each project's rows of one table that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    others: i64,
    projects: BTreeMap<String, i64>,
}

impl Cut {
    /// At midnight: the same all day.
    fn new(retention: &Retention, table: Table, now: Timestamp) -> Self {
        let first = |ages: &Ages| {
            ages.of(table).map_or(i64::MIN, |age| {
                let age = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
                let first = now.as_nanos().saturating_sub(age);
                first - first.rem_euclid(DAY_NS)
            })
        };
        let projects = retention.projects.iter().map(|(project, ages)| (project.as_str().to_owned(), first(ages)));
        Self { others: first(&retention.ages), projects: projects.collect() }
    }

    /// The first moment that is kept of a project.
    pub(super) fn of(&self, project: &str) -> i64 {
        self.projects.get(project).copied().unwrap_or(self.others)
    }

    /// What lies before is of no project kept.
    pub(super) fn all_gone_before(&self) -> i64 {
        self.projects.values().copied().fold(self.others, i64::min)
    }

    /// What lies from here on is of every project kept.
    pub(super) fn all_kept_from(&self) -> i64 {
        self.projects.values().copied().fold(self.others, i64::max)
    }
}

/// What the merge thread shall take away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cuts {
    /// In the order of [`Table::ALL`].
    pub(super) tables: [Cut; 3],
    pub(super) max_bytes: Option<u64>,
}

impl Store {
    /// Takes away what is kept no longer. Reads and writes go on.
    pub async fn retain(&self, retention: &Retention, now: Timestamp) -> Result<RetentionReport> {
        Ok(self.retain_inner(retention, now).await?)
    }

    async fn retain_inner(&self, retention: &Retention, now: Timestamp) -> StoreResult<RetentionReport> {
        let tables = Table::ALL.map(|table| Cut::new(retention, table, now));
        let cuts = Box::new(Cuts { tables, max_bytes: retention.max_bytes });
        let (answer, answered) = oneshot::channel();
        let order = MergeOrder::Retain(cuts, answer);
        self.with_threads(|threads| threads.merges.send(order).map_err(|_| StoreError::Closed))?;
        let report = answered.await.map_err(|_| StoreError::Closed)??;
        if report.dropped_rows > 0 {
            self.metadata.fold().await.unwrap_or_else(|error| tracing::debug!(%error, "the catalogue's log stays"));
        }
        Ok(report)
    }
}

/// Bytes of everything in a directory.
pub(super) fn bytes_of(dir: &Path) -> StoreResult<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir).map_err(StoreError::io("list", dir))? {
        let entry = entry.map_err(StoreError::io("list", dir))?;
        // A file may go while it is looked at.
        let Ok(metadata) = entry.metadata() else { continue };
        bytes += if metadata.is_dir() { bytes_of(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_end_at_midnight_and_projects_have_their_own() {
        let days = |count: u64| Some(Duration::from_secs(count * 24 * 3600));
        let ages = Ages { spans: days(2), logs: None, metrics: Some(Duration::from_secs(1)) };
        let own = Ages { spans: days(5), ..Ages::default() };
        let projects = BTreeMap::from([(ProjectId::new("shop"), own)]);
        let retention = Retention { ages, projects, max_bytes: None };
        let now = Timestamp::from_nanos(10 * DAY_NS + DAY_NS / 2);
        let cut = |table| Cut::new(&retention, table, now);
        let spans = cut(Table::Spans);
        assert_eq!((spans.of("other"), spans.of("shop")), (8 * DAY_NS, 5 * DAY_NS));
        assert_eq!((spans.all_gone_before(), spans.all_kept_from()), (5 * DAY_NS, 8 * DAY_NS));
        assert_eq!(cut(Table::Logs).all_kept_from(), i64::MIN);
        assert_eq!((cut(Table::Metrics).of("other"), cut(Table::Metrics).of("shop")), (10 * DAY_NS, i64::MIN));
    }
}
