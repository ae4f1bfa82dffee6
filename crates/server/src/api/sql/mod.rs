//! Questions in SQL.

pub(crate) mod handler;
pub(crate) mod wire;
