//! Development only: a harness that runs the real binary on a directory of its own. A test starts a [`Server`], sends it
//! OTLP bodies, asks it SQL, kills or stops it and starts it again on the same data. It promises that no process and no
//! file of a test outlives it.

mod rows;
mod scenario;
mod server;

pub use rows::Rows;
pub use scenario::{Scenario, run_all};
pub use server::{Options, Server, Stopped, client};
