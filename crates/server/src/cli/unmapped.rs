//! `pellucid unmapped`: which attributes that look like GenAI's nobody mapped, from a server or a data directory.

use std::sync::Arc;

use clap::ValueEnum;
use pellucid_model::{Error, ErrorKind, Result, Timestamp};
use pellucid_query::{Engine, Limits, Source, Window};
use serde_json::{Value as Json, json};

use super::place::ProjectPlace;
use super::{output, table};
use crate::api::{parse_time, unmapped_report};
use crate::clock;

/// What is looked at when nobody says when.
const DEFAULT_DAYS: i64 = 30;
const NANOS_A_DAY: i64 = 24 * 3600 * 1_000_000_000;

/// List GenAI-looking attributes that nobody mapped, by sender
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid unmapped
  pellucid unmapped --from 2026-01-01T00:00:00Z --format json
  pellucid unmapped --data ./pellucid-data

Of each sender the newest rows are read. What stands here is no loss: every attribute is kept, and can be asked for in
SQL as attributes['key'].")]
pub(super) struct Args {
    #[command(flatten)]
    place: ProjectPlace,
    /// First moment, RFC 3339 [default: 30 days ago]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// First moment after [default: now]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// The answer of the API
    Json,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    let time = |name: &str, text: &Option<String>| text.as_deref().map(|text| parse_time(name, text)).transpose();
    let to = time("--to", &args.to)?.unwrap_or_else(clock::now);
    let month_ago = || Timestamp::from_nanos(to.as_nanos().saturating_sub(DEFAULT_DAYS * NANOS_A_DAY));
    let window = Window { from: time("--from", &args.from)?.unwrap_or_else(month_ago), to };
    let report = match args.place.directory() {
        Some(dir) => {
            let store = crate::wiring::open_directory(dir).await?;
            let engine = Engine::new(Arc::clone(&store) as Arc<dyn Source>, Limits::default())?;
            json!(unmapped_report(&engine, &args.place.access(), window).await?)
        }
        None => ask_server(args, window).await?,
    };
    match args.format {
        Format::Json => output::print(format!("{report}\n").as_bytes()),
        Format::Table => output::print(table::render(&flat(&report)).as_bytes()),
    }
}

async fn ask_server(args: &Args, window: Window) -> Result<Json> {
    let millis = |time: Timestamp| time.as_nanos() / 1_000_000;
    let path = format!("/api/v1/reports/unmapped?from={}&to={}", millis(window.from), millis(window.to));
    let body = args.place.client()?.get(&path).await?;
    serde_json::from_slice(&body)
        .map_err(|cause| Error::new(ErrorKind::Internal, "the server did not answer in JSON").caused_by(cause))
}

/// A row a key, in the form of an answer of SQL.
fn flat(report: &Json) -> Json {
    let columns = ["service", "scope", "version", "attribute", "rows", "last_seen", "sample"];
    let items = report["items"].as_array().into_iter().flatten();
    let rows = items.flat_map(|item| {
        item["keys"].as_array().into_iter().flatten().map(|key| {
            json!([
                item["service_name"],
                item["scope_name"],
                item["scope_version"],
                key["key"],
                key["count"],
                key["last_seen"],
                key["sample"]
            ])
        })
    });
    let columns: Vec<Json> = columns.iter().map(|name| json!({ "name": name })).collect();
    json!({ "columns": columns, "rows": rows.collect::<Vec<_>>() })
}
