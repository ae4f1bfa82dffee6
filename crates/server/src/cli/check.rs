//! `pellucid check`: is this configuration file right? Also reads DataKit's.

use std::fs;
use std::path::PathBuf;

use pellucid_model::{Error, ErrorKind, Result};

use super::output;
use crate::config;

/// Check a configuration file; a wrong key is reported with file, line and the nearest valid key
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid check pellucid.toml
  pellucid check --datakit /usr/local/datakit/conf.d/opentelemetry/opentelemetry.conf > pellucid.toml")]
pub(super) struct Args {
    /// The file
    #[arg(value_name = "FILE", required_unless_present = "datakit")]
    file: Option<PathBuf>,
    /// DataKit's opentelemetry.conf: prints our file for it
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    datakit: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    if let Some(path) = &args.datakit {
        return output::print(config::translate(&path.display().to_string(), &read(path)?)?.as_bytes());
    }
    let Some(path) = &args.file else { return Ok(()) };
    let name = path.display().to_string();
    config::check_text(&name, &read(path)?)?;
    output::print_line(&format!("{name} is fine"))
}

fn read(path: &PathBuf) -> Result<String> {
    fs::read_to_string(path)
        .map_err(|cause| Error::new(ErrorKind::Invalid, format!("cannot read {}", path.display())).caused_by(cause))
}
