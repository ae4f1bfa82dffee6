//! All rows of a table, as a file.

pub(crate) mod handler;
pub(crate) mod wire;
