//! Deletion of traces, sessions and users.

pub(crate) mod handler;
pub(crate) mod wire;
