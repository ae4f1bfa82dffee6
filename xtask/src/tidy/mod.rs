//! The house rules that compilers and linters do not know, each as one small check over the repository's files. Takes
//! the root, gives every fault with its place; the same check runs inside the tests. Exceptions stand in `tidy.toml`,
//! which may only shrink.

mod edges;
mod files;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use source::Source;

/// One broken rule and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    path: String,
    line: usize,
    rule: String,
}

impl Fault {
    fn new(path: impl Into<String>, line: usize, rule: impl Into<String>) -> Fault {
        Fault { path: path.into(), line, rule: rule.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// `tidy.toml`: what is longer than it may be, with its length today.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    /// Path → production lines.
    #[serde(default)]
    files: BTreeMap<String, usize>,
    /// `path::function` → lines.
    #[serde(default)]
    functions: BTreeMap<String, usize>,
}

/// Every fault of the repository at `root`.
pub(crate) fn check(root: &Path) -> Result<Vec<Fault>> {
    let exceptions = fs::read_to_string(root.join("xtask/tidy.toml")).context("xtask/tidy.toml")?;
    let exceptions: Exceptions = toml::from_str(&exceptions).context("xtask/tidy.toml")?;
    let mut faults = Vec::new();
    let mut sources = Vec::new();
    for path in tracked(root)? {
        files::check_name(&path, &mut faults);
        let Ok(text) = fs::read_to_string(root.join(&path)) else { continue };
        files::check_text(&path, &text, &mut faults);
        if path.ends_with(".rs") {
            sources.push(Source::read(path, &text));
        } else if path.starts_with("crates/") && path.ends_with("/Cargo.toml") {
            edges::check(&path, &text, &mut faults)?;
        }
    }
    for source in &sources {
        source.check(&exceptions, &mut faults);
    }
    source::check_stale(&exceptions, &sources, &mut faults);
    Ok(faults)
}

/// Every file that git knows or would take in.
fn tracked(root: &Path) -> Result<Vec<String>> {
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    ensure!(listing.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listing.stderr));
    let names = String::from_utf8(listing.stdout).context("a file name is not UTF-8")?;
    let mut names: Vec<String> = names.split('\0').filter(|name| !name.is_empty()).map(String::from).collect();
    names.sort();
    names.dedup();
    Ok(names)
}
