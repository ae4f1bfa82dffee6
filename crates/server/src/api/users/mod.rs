//! Users: what each of them did and cost.

pub(crate) mod handler;
pub(crate) mod wire;
