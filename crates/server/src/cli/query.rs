//! `pellucid query`: SQL against a running server, or read-only against a data directory.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use clap::ValueEnum;
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_query::{Engine, Limits};
use serde_json::{Map, Value as Json, json};

use super::place::ProjectPlace;
use super::{output, table};
use crate::api::{CSV, PARQUET, SqlAnswer, elapsed_ms};

/// Ask in SQL
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid query \"SELECT request_model, count(*) AS calls, sum(cost_usd) AS usd FROM llm_calls GROUP BY 1\"
  pellucid query --format csv \"SELECT * FROM traces LIMIT 100\" > traces.csv
  pellucid query --data ./pellucid-data \"SELECT count(*) FROM spans\"

Tables: spans, llm_calls, traces, logs, metrics. With keys configured, give one in PELLUCID_KEY or with --key.")]
pub(super) struct Args {
    /// One SELECT, WITH or EXPLAIN statement
    #[arg(value_name = "SQL")]
    query: String,
    #[command(flatten)]
    place: ProjectPlace,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// At most this many rows
    #[arg(long, default_value_t = 10_000)]
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// The answer of the API
    Json,
    /// With a header line
    Csv,
    /// A Parquet file
    Parquet,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    let bytes = match args.place.directory() {
        Some(dir) => ask_directory(args, dir).await?,
        None => ask_server(args).await?,
    };
    if args.format != Format::Table {
        output::print(&bytes)?;
        return if args.format == Format::Json { output::print(b"\n") } else { Ok(()) };
    }
    let answer: Json = serde_json::from_slice(&bytes)
        .map_err(|cause| Error::new(ErrorKind::Internal, "the server did not answer in JSON").caused_by(cause))?;
    output::print(table::render(&answer).as_bytes())?;
    if answer["truncated"] == true {
        output::note(&format!("only the first {} rows are shown, --limit shows more", args.limit));
    }
    Ok(())
}

fn media_type(format: Format) -> &'static str {
    match format {
        Format::Table | Format::Json => "application/json",
        Format::Csv => CSV,
        Format::Parquet => PARQUET,
    }
}

async fn ask_server(args: &Args) -> Result<Vec<u8>> {
    let body = json!({ "query": args.query, "limit": args.limit }).to_string().into_bytes();
    Ok(args.place.client()?.post("/api/v1/sql", "application/json", media_type(args.format), body).await?.into())
}

async fn ask_directory(args: &Args, dir: &Path) -> Result<Vec<u8>> {
    let store = crate::wiring::open_directory(dir).await?;
    let engine = Engine::new(Arc::clone(&store) as Arc<dyn pellucid_query::Source>, Limits::default())?;
    let access = args.place.access();
    let start = Instant::now();
    let answer = engine.sql(&access, &args.query, &Map::new(), args.limit).await?;
    match args.format {
        Format::Table | Format::Json => {
            let answer = SqlAnswer::new(answer.to_frame()?, elapsed_ms(start));
            serde_json::to_vec(&answer)
                .map_err(|cause| Error::new(ErrorKind::Internal, "cannot write the answer").caused_by(cause))
        }
        Format::Csv => answer.to_csv(),
        Format::Parquet => answer.to_parquet(),
    }
}
