//! Deletions under way: each is hidden at once and purged after, beside everything else, until it is done.
//!
//! In: an order. Out: the deletion, as soon as no query sees its rows, or after a short while if they are many. What a
//! restart or a full disk cut off is taken up again at the start and every hour.

use std::sync::Arc;
use std::time::Duration;

use pellucid_model::{Error, ErrorKind, Result};
use pellucid_store::{Deletion, DeletionOrder, DeletionState, Store};
use tokio::sync::Mutex;

use crate::clock;

/// How long an order waits for its rows to be hidden before it is answered all the same.
const HIDE_WAIT: Duration = Duration::from_secs(10);

/// Deletions under way.
#[derive(Debug)]
pub(crate) struct Deletions {
    store: Arc<Store>,
    /// Held by whoever hides: two that hide one deletion would count its rows twice.
    hiding: Mutex<()>,
}

impl Deletions {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, hiding: Mutex::new(()) }
    }

    /// Takes an order. Gives the deletion when its rows are hidden, or after a while as it stands then.
    pub(crate) async fn start(self: &Arc<Self>, order: &DeletionOrder) -> Result<Deletion> {
        let accepted = self.store.accept_deletion(order).await?;
        let (id, project) = (accepted.id, accepted.project.clone());
        let this = Arc::clone(self);
        let hidden = tokio::spawn(async move { this.hide(accepted).await });
        // Waiting may end, the work goes on; what goes wrong with it stands in the deletion.
        if let Ok(Ok(Err(error))) = tokio::time::timeout(HIDE_WAIT, hidden).await {
            tracing::warn!(%error, deletion = id, "the rows of a deletion cannot be hidden yet; it is tried again");
        }
        self.find(&project, id).await
    }

    /// A deletion of a project.
    pub(crate) async fn find(&self, project: &str, id: i64) -> Result<Deletion> {
        let found = self.store.deletions(project, Some(id.saturating_add(1)), 1).await?;
        let found = found.into_iter().find(|deletion| deletion.id == id);
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no deletion {id}")))
    }

    async fn hide(self: &Arc<Self>, deletion: Deletion) -> Result<()> {
        let one_at_a_time = self.hiding.lock().await;
        self.store.hide(deletion, clock::now).await?;
        drop(one_at_a_time);
        let this = Arc::clone(self);
        drop(tokio::spawn(async move { this.purge().await }));
        Ok(())
    }

    async fn purge(&self) {
        match self.store.purge(clock::now).await {
            Ok(purged) if purged.is_empty() => {}
            Ok(purged) => tracing::info!(deletions = purged.len(), "deleted rows have left the disk"),
            Err(error) => tracing::warn!(%error, "deleted rows are hidden, but still on the disk; it is tried again"),
        }
    }

    /// Goes on with what was cut off.
    pub(crate) async fn resume(self: &Arc<Self>) -> Result<()> {
        {
            let _one_at_a_time = self.hiding.lock().await;
            for deletion in self.store.open_deletions().await? {
                if deletion.state == DeletionState::Accepted {
                    self.store.hide(deletion, clock::now).await?;
                }
            }
        }
        self.purge().await;
        Ok(())
    }
}
