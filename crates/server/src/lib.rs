//! The pellucid binary: receivers, HTTP API, embedded UI, configuration, wiring.
//!
//! In: command lines, sockets. Out: exit codes, answers. This crate alone names HTTP, gRPC and status codes; what a
//! span means is `genai`'s, where it is kept is `store`'s, and what a question costs is `query`'s.

mod api;
mod auth;
mod cli;
mod client;
mod clock;
mod config;
mod deletions;
mod demo;
mod export;
mod health;
mod listen;
mod prices;
mod receive;
mod retention;
mod rewrites;
mod security;
mod stages;
mod telemetry;
mod ui;
mod wiring;

pub use cli::run;
pub use config::{ApiKey, Auth, Choice, Config, Cost, Limits, LogFormat, Otlp, ProjectCost, Right};
pub use prices::{Day, Money, Price, PriceShape, PriceStep};
pub use wiring::{Ports, Running, start};
