//! Raw spans of every dialect to one canonical, priced span. Pure: no I/O, no clock, no lock.
//!
//! In: [`RawSpan`](pellucid_model::RawSpan)s and log records as decoded. Out: [`Span`](pellucid_model::Span)s in the
//! words of the contract, then [`PricedSpan`](pellucid_model::PricedSpan)s. [`normalise`] is total and keeps everything
//! that was sent. [`merge`], [`enrich`] and [`settle`] are functions of the *set* of what is known, so the order of
//! arrival never changes a row. This crate does not know where spans come from or where they are kept.

mod bodies;
mod classify;
mod compact;
mod content;
mod content_log;
mod convert;
mod dialects;
mod explain;
mod field;
mod finish;
mod json;
mod lift;
mod lineage;
mod log_call;
mod loose;
mod merge;
mod messages;
mod normalise;
mod oddity;
mod price;
mod provider;
mod scrub;
mod settle;
mod sieve;
mod subject;
#[cfg(test)]
mod testing;
mod trail;
mod unmapped;
mod usage;
mod verdict;
mod view;

pub use content_log::{content_key, enrich, is_content_event, telling, tells_of};
pub use explain::{Explained, Explanation, Place, explain};
pub use json::to_json;
pub use log_call::calls_in_logs;
pub use merge::merge;
pub use normalise::{normalise, renormalise};
pub use price::{Above, Amount, Class, CostChoice, Override, PriceBook, PriceRow, Rates, day};
pub use scrub::Scrubber;
pub use settle::settle;
pub use subject::{session_attributes, user_attributes};
pub use unmapped::{Sender, SenderReport, SentRow, Unmapped, UnmappedKey};
