//! How the server is doing and who sends to it.

pub(crate) mod handler;
pub(crate) mod wire;
