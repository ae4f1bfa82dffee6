//! Sessions: conversations, and one of them turn by turn.

pub(crate) mod handler;
pub(crate) mod wire;
