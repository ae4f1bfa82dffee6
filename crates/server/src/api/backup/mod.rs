//! A backup of the directory that the server has open.

pub(crate) mod handler;
pub(crate) mod wire;
