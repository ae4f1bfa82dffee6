//! The `pellucid` executable: hands its arguments to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    pellucid_server::run()
}
