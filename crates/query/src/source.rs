//! Where rows come from: the port between the engine and the store.
//!
//! In: a table's name. Out: one repeatable view of it. The engine asks once per table and question, so that every part
//! of one question reads the same rows.

use pellucid_model::Result;
use pellucid_store::{Store, Table, TableSnapshot};

/// Gives snapshots; the store does, and tests do.
pub trait Source: Send + Sync + 'static {
    /// A view of `table` that later writes do not change.
    fn snapshot(&self, table: Table) -> Result<TableSnapshot>;
}

impl Source for Store {
    fn snapshot(&self, table: Table) -> Result<TableSnapshot> {
        Store::snapshot(self, table)
    }
}
