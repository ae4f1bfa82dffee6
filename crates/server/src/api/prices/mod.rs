//! Prices: the user's own, and the models that have none.

pub(crate) mod handler;
pub(crate) mod wire;
