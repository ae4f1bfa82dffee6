//! Numbers of the metric catalogue over time and by split.

pub(crate) mod handler;
pub(crate) mod wire;
