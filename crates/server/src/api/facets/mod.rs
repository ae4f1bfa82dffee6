//! What values the filters can take.

pub(crate) mod handler;
pub(crate) mod wire;
