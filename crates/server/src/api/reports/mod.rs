//! Reports on what was sent.

pub(crate) mod handler;
pub(crate) mod wire;
