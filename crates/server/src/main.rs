//! The `pellucid` executable: hands its arguments to the library.

use std::process::ExitCode;

/// Rows are made on one thread and dropped on another, in pieces of all sizes: measured in docs/benchmarks.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pellucid_server::run()
}
