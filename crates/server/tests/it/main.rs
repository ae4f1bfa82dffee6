//! The server from outside: in-process over real sockets, and the real binary where a process is the point.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets a surprise must stop there")]

mod access;
mod bad_input;
mod commands;
mod compat;
mod crash;
mod deletions;
mod honesty;
mod move_data;
mod otlp_grpc;
mod otlp_http;
mod prices;
mod site;
mod store;
mod support;
