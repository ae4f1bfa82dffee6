//! `pellucid query`: SQL against a running server.

use std::path::PathBuf;

use clap::ValueEnum;
use pellucid_model::Result;

/// Ask in SQL
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The question
    query: String,
    /// A running server
    #[arg(long, default_value = "http://127.0.0.1:9529")]
    url: String,
    /// A data directory, read-only
    #[arg(long, conflicts_with = "url")]
    data: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Parquet,
}

pub(super) async fn run(_args: &Args) -> Result<()> { Ok(()) }
