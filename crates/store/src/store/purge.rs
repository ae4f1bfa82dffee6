//! From hidden to purged: the bytes of deleted rows leave the directory.
//!
//! flush (masks are known to the catalogue, the log's segments go) → every file that held a version of a deleted row is
//! written anew → the old files are gone, once no query reads them → the catalogue's own log is emptied. What fails
//! leaves the deletions hidden, and is tried again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use pellucid_model::{Result, Timestamp};
use tokio::sync::oneshot;

use super::Store;
use super::compact::MergeOrder;
use super::open::wal_dir;
use super::state::{read, write};
use crate::deletion::{Deletion, DeletionState};
use crate::error::{StoreError, StoreResult};
use crate::wal::list;

/// How often to look whether old files are gone, and how many times: queries end before.
const GONE_LOOK: Duration = Duration::from_millis(100);
const GONE_LOOKS: u32 = 600;

/// A flush that is under way may have taken the records already, and forget that another is wanted.
const FLUSHES: usize = 3;

impl Store {
    /// Removes what hidden deletions left on the disk; gives those that are purged by that. May be asked at any time.
    pub async fn purge(&self, now: fn() -> Timestamp) -> Result<Vec<Deletion>> {
        let _one_at_a_time = self.purging.lock().await;
        let hidden = self.metadata.deletions_in(DeletionState::Hidden).await?;
        if hidden.is_empty() {
            return Ok(Vec::new());
        }
        let outcome = self.purge_inner().await;
        let mut purged = Vec::new();
        for deletion in hidden {
            let deletion = match &outcome {
                Ok(()) => deletion.purged(now()),
                Err(error) => Deletion { problem: Some(error.to_string()), ..deletion },
            };
            self.metadata.keep_deletion(&deletion).await?;
            purged.push(deletion);
        }
        outcome?;
        self.metadata.fold().await?;
        Ok(purged)
    }

    async fn purge_inner(&self) -> StoreResult<()> {
        self.leave_log().await?;
        let old = read(&self.state).files.purged_paths();
        let (answer, answered) = oneshot::channel();
        let order = MergeOrder::Purge(answer);
        self.with_threads(|threads| threads.merges.send(order).map_err(|_| StoreError::Closed))?;
        answered.await.map_err(|_| StoreError::Closed)??;
        self.gone(&old).await?;
        self.metadata.fold().await
    }

    /// Flushes until no segment is left that there is now.
    async fn leave_log(&self) -> StoreResult<()> {
        let mut before = self.segments().await?;
        for _ in 0..FLUSHES {
            // Even if nothing waits for a flush: segments that a restart read and found nothing in go with it.
            write(&self.state).logged(0);
            self.flush_inner().await?;
            let after = self.segments().await?;
            before.retain(|segment| after.contains(segment));
            if before.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Internal(format!("old segments of the log could not be removed: {before:?}")))
    }

    async fn segments(&self) -> StoreResult<BTreeSet<u64>> {
        let dir = wal_dir(&self.dir);
        let listed = tokio::task::spawn_blocking(move || list(&dir)).await;
        let listed = listed.map_err(|cause| StoreError::Internal(format!("a purge was given up: {cause}")))??;
        Ok(listed.into_iter().map(|(number, _)| number).collect())
    }

    /// Waits until files are removed: their last reader does it.
    async fn gone(&self, files: &[PathBuf]) -> StoreResult<()> {
        for _ in 0..GONE_LOOKS {
            if !files.iter().any(|file| file.exists()) {
                return Ok(());
            }
            tokio::time::sleep(GONE_LOOK).await;
        }
        Err(StoreError::Internal("a query still reads a file that holds deleted rows".to_owned()))
    }
}
