//! A question to a frame: SQL, metric catalogue, trace assembly.
//!
//! In: an [`Access`] (whose rows may be seen) and a request. Out: an [`Answer`], a [`pellucid_model::Frame`] or a JSON
//! document in the shape of the HTTP API. Every question runs on DataFusion over one snapshot of the store, with bounds
//! on time, memory and rows, and sees one project only: the filter is added in `provider` and nowhere else.

mod answer;
mod barrier;
mod engine;
mod export;
mod facets;
mod fault;
mod filter;
mod footers;
mod frame;
mod groups;
mod list;
mod lookup;
mod matches;
mod metrics;
mod preview;
mod provider;
mod senders;
mod session;
mod snippets;
mod source;
mod span;
mod sql;
mod status;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod texts;
mod trace_tree;
mod unpriced;
mod view_plans;
mod views;
mod wrappers;

pub use answer::Answer;
pub use arrow::record_batch::RecordBatch;
pub use engine::{Access, Engine, Limits};
pub use export::{ExportQuery, ExportRows, ParquetPieces, objects};
pub use facets::FACETS;
pub use filter::{FIELDS, Field, FieldType, Filter, Op, Window};
pub use groups::{Group, Order};
pub use list::{Listing, View};
pub use metrics::{Direction, METRICS, Metric, MetricFrame, MetricQuery};
pub use senders::{MAX_ROWS_A_SENDER, MAX_SENDERS, SenderRows, Senders, SentAttributes};
pub use source::Source;
