//! One span with everything known of it.

pub(crate) mod explain;
pub(crate) mod handler;
pub(crate) mod wire;
