//! Writes what is derived from code: `openapi.json` (the server's golden test writes it when told to) and from it the
//! web's types.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// The golden test that compares `openapi.json` with the code, and rewrites it under `UPDATE=1`.
const OPENAPI_TEST: &str = "openapi";

/// Rewrites `openapi.json` and the web's types.
pub(crate) fn run(root: &Path) -> Result<()> {
    let cargo = Command::new("cargo")
        .args(["test", "--quiet", "-p", "pellucid-server", OPENAPI_TEST])
        .env("UPDATE", "1")
        .current_dir(root)
        .status()
        .context("cannot start cargo")?;
    ensure!(cargo.success(), "the server's openapi test failed");
    let npm = Command::new("npm")
        .args(["--prefix", "web", "run", "gen"])
        .current_dir(root)
        .status()
        .context("cannot start npm")?;
    ensure!(npm.success(), "the web's types could not be generated");
    Ok(())
}
