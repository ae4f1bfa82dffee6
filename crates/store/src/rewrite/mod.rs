//! Stored rows made again: which ones, why, and what came of it.
//!
//! A walk names rows in [`Chunk`]s. Each chunk goes through the log like a request and is applied like one: so it is
//! visible at once, kept after a crash, and made again by a replay, which changes nothing. Rows in files are masked and
//! written anew, as every changed row is.

mod chunk;

use std::ops::AddAssign;

use pellucid_model::{PricedSpan, ProjectId, Timestamp, Usd};

pub(crate) use self::chunk::{Chunk, Named, SIGNAL};
use crate::stages::Rewrite;

/// Which rows to make again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewriteOrder {
    /// Why.
    pub why: Rewrite,
    /// Whose rows.
    pub project: ProjectId,
    /// First moment a row may start.
    pub from: Timestamp,
    /// First moment after.
    pub to: Timestamp,
    /// Only calls of this model, as asked for or as answered.
    pub model: Option<String>,
    /// Only say what would change.
    pub dry_run: bool,
    /// When it was ordered.
    pub ordered_at: Timestamp,
}

/// Money and number of model calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// What the priced ones cost together.
    pub cost: Usd,
    /// Calls with a cost.
    pub priced: u64,
    /// Calls without.
    pub unpriced: u64,
}

/// How far a walk has come and what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RewriteReport {
    /// Rows to look at.
    pub rows_total: u64,
    /// Rows looked at.
    pub rows_seen: u64,
    /// Rows that the order names.
    pub matched: u64,
    /// Rows that became different.
    pub changed: u64,
    /// Rows left as they were, because what they got from log records cannot be had again.
    pub kept: u64,
    /// Model calls whose cost became different.
    pub recosted: u64,
    /// The named calls before.
    pub before: Sums,
    /// The same calls after.
    pub after: Sums,
}

impl Sums {
    /// Counts a row, if it is a call that owns its money.
    pub(crate) fn add(&mut self, row: &PricedSpan) {
        if !is_call(row) {
            return;
        }
        match row.cost.total {
            Some(cost) => {
                self.cost = self.cost + cost;
                self.priced += 1;
            }
            None => self.unpriced += 1,
        }
    }
}

impl RewriteReport {
    /// Counts what became of one row.
    pub(crate) fn count(&mut self, before: &PricedSpan, after: &PricedSpan) {
        self.before.add(before);
        self.after.add(after);
        let cost = |row: &PricedSpan| is_call(row).then_some(row.cost.total);
        self.recosted += u64::from(cost(before) != cost(after));
    }
}

fn is_call(row: &PricedSpan) -> bool {
    row.span.counts && row.span.kind.is_model_call()
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.cost = self.cost + other.cost;
        self.priced += other.priced;
        self.unpriced += other.unpriced;
    }
}

impl AddAssign for RewriteReport {
    fn add_assign(&mut self, other: Self) {
        self.rows_total += other.rows_total;
        self.rows_seen += other.rows_seen;
        self.matched += other.matched;
        self.changed += other.changed;
        self.kept += other.kept;
        self.recosted += other.recosted;
        self.before += other.before;
        self.after += other.after;
    }
}
