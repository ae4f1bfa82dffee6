//! How many rows a list has, over time.

pub(crate) mod handler;
pub(crate) mod wire;
