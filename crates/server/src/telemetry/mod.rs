//! What the server tells of itself: counters at `/metrics`, log lines on stderr.
//!
//! Label values are `&'static str`, so that no request can grow the number of series.

mod events;
mod log;
mod registry;

pub(crate) use events::{API_REQUESTS, CONNECTIONS, ITEMS_ACCEPTED, ITEMS_REJECTED, OTLP_BYTES, OTLP_REQUESTS};
pub(crate) use log::start as start_logging;
pub(crate) use registry::{Registry, gauge};
