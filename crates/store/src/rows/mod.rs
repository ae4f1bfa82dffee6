//! Rows: what a table's row is in memory, by what it is known, and how many of them become a record batch and back.
//!
//! In: batches of the stages above. Out: rows with an identity, and Arrow arrays by the column tables of `schema`.
//! Turning rows into columns and back loses nothing the columns carry.

use std::collections::HashMap;

mod batch;
mod identity;
pub(crate) mod json;
mod log;
mod point;
mod size;
mod span;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod words;

pub(crate) use batch::{
    batch_to_logs, batch_to_points, batch_to_spans, logs_to_batch, points_to_batch, renew, spans_to_batch,
};
pub use batch::{logs_of, spans_of};
pub use identity::LookupKey;
pub(crate) use identity::{Texts, lookup_columns, lookup_keys};
pub(crate) use log::{LogKey, StoredLog};
pub(crate) use point::{PointKey, StoredPoint};
pub(crate) use span::{SpanKey, SpanRow};

/// A map by what rows are known by. Every span is looked up several times: a hash that is quick, and seeded, so that no
/// sender can choose ids which collide.
pub(crate) type KeyMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
