//! What is done every hour: rows past their age are taken away, and deletions that were cut off go on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pellucid_model::{Result, Timestamp};
use pellucid_store::{Retention, RetentionReport, Store};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::deletions::Deletions;

/// How often to look: ages end at midnight, so within an hour of it.
const EVERY: Duration = Duration::from_secs(3600);

/// Keeps what is to be kept, and no more.
#[derive(Debug)]
pub(crate) struct Keeping {
    store: Arc<Store>,
    retention: Retention,
    last: Mutex<Option<Run>>,
}

/// A run of retention.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) at: Timestamp,
    pub(crate) report: RetentionReport,
}

impl Keeping {
    pub(crate) fn new(store: Arc<Store>, retention: Retention) -> Self {
        Self { store, retention, last: Mutex::new(None) }
    }

    /// What is kept.
    pub(crate) fn retention(&self) -> &Retention {
        &self.retention
    }

    /// The last run, if there was one since the start.
    pub(crate) fn last(&self) -> Option<Run> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes away what is kept no longer as of `now`.
    pub(crate) async fn run(&self, now: Timestamp) -> Result<()> {
        if self.retention == Retention::default() {
            return Ok(());
        }
        let report = self.store.retain(&self.retention, now).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Run { at: now, report });
        if report.dropped_rows > 0 {
            tracing::info!(?report, "rows past their time are gone");
        }
        Ok(())
    }
}

/// Now and every hour, until the server stops.
pub(crate) async fn every_hour(keeping: Arc<Keeping>, deletions: Arc<Deletions>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = work(&keeping, &deletions) => {}
    }
}

async fn work(keeping: &Keeping, deletions: &Arc<Deletions>) {
    loop {
        if let Err(error) = deletions.resume().await {
            tracing::warn!(%error, "deletions do not go on; it is tried again in an hour");
        }
        if let Err(error) = keeping.run(clock::now()).await {
            tracing::warn!(%error, "rows past their time stay; it is tried again in an hour");
        }
        tokio::time::sleep(EVERY).await;
    }
}
