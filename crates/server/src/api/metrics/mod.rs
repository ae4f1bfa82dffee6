//! The metric catalogue.

pub(crate) mod handler;
pub(crate) mod wire;
