//! Orders to make stored rows again: one at a time, in the background, each with its line in the journal.
//!
//! In: an order and who gave it. Out: the line, at once; the walk goes on and the line tells how far it is. A line that
//! still runs when no walk does was cut off: the same order once more does the rest.

use std::sync::{Arc, Mutex, PoisonError};

use pellucid_model::{Error, ErrorKind, Result, Usd};
use pellucid_store::{JournalLine, RewriteOrder, RewriteReport, Store, Sums};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use utoipa::ToSchema;

use crate::api::show_time;
use crate::auth::Grant;
use crate::prices::entry;

/// What lines of walks are called.
pub(crate) const REPRICE: &str = "reprice";
pub(crate) const RENORMALIZE: &str = "renormalize";

/// How a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RewriteState {
    /// Rows are being made again.
    Running,
    /// All of them were.
    Done,
    /// It stopped; order it again.
    Failed,
    /// The server ended in the middle; order it again.
    Interrupted,
}

/// A walk: what was ordered, how far it is, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RewriteProgress {
    pub(crate) state: RewriteState,
    /// First moment a row may start, RFC 3339.
    pub(crate) from: String,
    /// First moment after.
    pub(crate) to: String,
    /// Only calls of this model.
    pub(crate) model: Option<String>,
    /// Nothing was changed, only counted.
    pub(crate) dry_run: bool,
    pub(crate) rows_total: u64,
    pub(crate) rows_seen: u64,
    /// Rows of the period.
    pub(crate) matched: u64,
    /// Rows that became different.
    pub(crate) changed: u64,
    /// Rows left as they were, because log records they were joined with are gone.
    pub(crate) kept: u64,
    /// Model calls whose cost became different.
    pub(crate) calls_changed: u64,
    pub(crate) before: CallSums,
    pub(crate) after: CallSums,
    /// After minus before, dollars as decimal text.
    pub(crate) difference_usd: String,
    /// Why it failed.
    pub(crate) error: Option<String>,
}

/// The calls of the period, each real call once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CallSums {
    /// Dollars as decimal text.
    pub(crate) cost_usd: String,
    pub(crate) priced_calls: u64,
    pub(crate) unpriced_calls: u64,
}

/// Walks over the stored rows.
#[derive(Debug)]
pub(crate) struct Rewrites {
    store: Arc<Store>,
    /// The line of the walk under way, and how far it is.
    current: Mutex<Option<(i64, RewriteReport)>>,
}

impl Rewrites {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, current: Mutex::new(None) }
    }

    /// Starts a walk. Gives its line in the journal, and what to wait for.
    pub(crate) async fn start(
        self: &Arc<Self>,
        grant: &Grant,
        what: &str,
        order: RewriteOrder,
    ) -> Result<(i64, JoinHandle<Result<RewriteProgress>>)> {
        self.reserve()?;
        let begun = RewriteProgress::of(&order, RewriteState::Running, &RewriteReport::default());
        let line = self.store.note(&entry(grant, what, &to_json(&begun))).await;
        let id = line.inspect_err(|_| self.set(None))?;
        self.set(Some((id, RewriteReport::default())));
        let this = Arc::clone(self);
        Ok((id, tokio::spawn(async move { this.walk(id, &order).await })))
    }

    async fn walk(&self, id: i64, order: &RewriteOrder) -> Result<RewriteProgress> {
        let outcome = self.store.rewrite(order, |report| self.set(Some((id, *report)))).await;
        let last = self.running(id).unwrap_or_default();
        let (progress, outcome) = match outcome {
            Ok(report) => (RewriteProgress::of(order, RewriteState::Done, &report), Ok(())),
            Err(error) => {
                tracing::error!(%error, "a walk over stored rows stopped");
                let failed = RewriteProgress::of(order, RewriteState::Failed, &last);
                (RewriteProgress { error: Some(error.to_string()), ..failed }, Err(error))
            }
        };
        let noted = self.store.amend(id, &to_json(&progress).to_string()).await;
        self.set(None);
        outcome?;
        noted?;
        Ok(progress)
    }

    /// What a line of a walk says now.
    pub(crate) fn progress(&self, line: &JournalLine) -> Option<RewriteProgress> {
        let mut progress: RewriteProgress = serde_json::from_str(&line.entry.body).ok()?;
        if progress.state == RewriteState::Running {
            match self.running(line.id) {
                Some(report) => progress.count(&report),
                None => progress.state = RewriteState::Interrupted,
            }
        }
        Some(progress)
    }

    /// Two walks at once would only wait for each other.
    fn reserve(&self) -> Result<()> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.is_some() {
            return Err(Error::new(ErrorKind::Unavailable, "stored rows are being made again already")
                .with_hint("wait until the walk that is under way is done"));
        }
        *current = Some((0, RewriteReport::default()));
        Ok(())
    }

    fn set(&self, to: Option<(i64, RewriteReport)>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    fn running(&self, id: i64) -> Option<RewriteReport> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.filter(|(known, _)| *known == id).map(|(_, report)| report)
    }
}

impl RewriteProgress {
    fn of(order: &RewriteOrder, state: RewriteState, report: &RewriteReport) -> Self {
        let mut progress = Self {
            state,
            from: show_time(order.from),
            to: show_time(order.to),
            model: order.model.clone(),
            dry_run: order.dry_run,
            rows_total: 0,
            rows_seen: 0,
            matched: 0,
            changed: 0,
            kept: 0,
            calls_changed: 0,
            before: CallSums::of(&Sums::default()),
            after: CallSums::of(&Sums::default()),
            difference_usd: String::new(),
            error: None,
        };
        progress.count(report);
        progress
    }

    fn count(&mut self, report: &RewriteReport) {
        (self.rows_total, self.rows_seen) = (report.rows_total, report.rows_seen);
        (self.matched, self.changed, self.kept) = (report.matched, report.changed, report.kept);
        self.calls_changed = report.recosted;
        (self.before, self.after) = (CallSums::of(&report.before), CallSums::of(&report.after));
        let difference = report.after.cost.as_picos() - report.before.cost.as_picos();
        self.difference_usd = Usd::from_picos(difference).map(|usd| usd.to_string()).unwrap_or_default();
    }
}

impl CallSums {
    fn of(sums: &Sums) -> Self {
        Self { cost_usd: sums.cost.to_string(), priced_calls: sums.priced, unpriced_calls: sums.unpriced }
    }
}

fn to_json(progress: &RewriteProgress) -> serde_json::Value {
    serde_json::to_value(progress).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use pellucid_model::{ProjectId, Timestamp};
    use pellucid_store::{Options, Rewrite};

    use super::*;
    use crate::stages::Pipeline;

    fn order() -> RewriteOrder {
        RewriteOrder {
            why: Rewrite::Price,
            project: ProjectId::default(),
            from: Timestamp::ZERO,
            to: Timestamp::from_nanos(1),
            model: None,
            dry_run: false,
            ordered_at: Timestamp::ZERO,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_walk_has_a_line_and_one_that_was_cut_off_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let stages = Arc::new(Pipeline::new(Arc::default()));
        let store = Arc::new(Store::open(Options::new(dir.path()), stages).await.unwrap());
        let grant = Grant { project: ProjectId::default(), who: "me".to_owned() };
        let begun = RewriteProgress::of(&order(), RewriteState::Running, &RewriteReport::default());
        // As a server that was killed leaves it.
        store.note(&entry(&grant, REPRICE, &to_json(&begun))).await.unwrap();
        let rewrites = Arc::new(Rewrites::new(Arc::clone(&store)));
        let (id, walk) = rewrites.start(&grant, REPRICE, order()).await.unwrap();
        assert_eq!(walk.await.unwrap().unwrap().state, RewriteState::Done);
        let lines = store.journal("default", None, 5).await.unwrap();
        let states: Vec<_> = lines.iter().map(|line| (line.id == id, rewrites.progress(line).unwrap().state)).collect();
        assert_eq!(states, [(true, RewriteState::Done), (false, RewriteState::Interrupted)]);

        rewrites.reserve().unwrap();
        let refused = rewrites.start(&grant, REPRICE, order()).await.map(drop).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Unavailable);
        rewrites.set(None);
        rewrites.start(&grant, REPRICE, order()).await.unwrap().1.await.unwrap().unwrap();

        store.close().await.unwrap();
        assert!(rewrites.start(&grant, REPRICE, order()).await.is_err(), "a closed store takes no orders");
        assert!(rewrites.reserve().is_ok(), "and keeps no place");
    }
}
