//! Lists of calls, traces and spans, and one trace as a tree.

pub(crate) mod handler;
pub(crate) mod wire;
