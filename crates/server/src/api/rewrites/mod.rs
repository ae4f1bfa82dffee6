//! Making stored rows again, and the journal of what was changed by hand.

pub(crate) mod handler;
pub(crate) mod wire;
