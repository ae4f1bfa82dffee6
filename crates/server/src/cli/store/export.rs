//! `pellucid store export`: rows of a table into a file, from a server or a data directory.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use futures::TryStreamExt as _;
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_query::{Engine, Limits, Source};
use serde_json::json;

use crate::api::ExportRequest;
use crate::cli::output;
use crate::cli::place::ProjectPlace;
use crate::export::{ExportForm, pieces};
use crate::wiring::open_directory;

const PATH: &str = "/api/v1/export";

/// Write rows of a table into a file, texts in place
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid store export --output spans.parquet
  pellucid store export --format jsonl --since 2026-01-01 --until 2026-02-01 --output january.jsonl
  pellucid store export --where \"status = 'error'\" --output - --format jsonl | jq .name
  pellucid store export --data ./pellucid-data --table logs --output logs.parquet

Rows come in the order of the files. A file appears under its name once it is whole.")]
pub(super) struct Args {
    #[command(flatten)]
    place: ProjectPlace,
    /// spans, logs or metrics
    #[arg(long, default_value = "spans")]
    table: String,
    /// Form of the file [default: by the ending of --output, else jsonl]
    #[arg(long, value_enum)]
    format: Option<ExportForm>,
    /// First moment: RFC 3339, a day, or milliseconds since 1970
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// First moment after
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// A condition in SQL over the table's columns
    #[arg(long = "where", value_name = "SQL")]
    condition: Option<String>,
    /// Where to write; - is stdout
    #[arg(long, short, value_name = "PATH")]
    output: PathBuf,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    let request = ExportRequest {
        table: args.table.clone(),
        format: args.form(),
        since: args.since.clone(),
        until: args.until.clone(),
        condition: args.condition.clone(),
    };
    let query = request.query()?;
    let mut target = Target::new(&args.output)?;
    match args.place.directory() {
        Some(dir) => {
            let store = open_directory(dir).await?;
            let engine = Engine::new(Arc::clone(&store) as Arc<dyn Source>, Limits::default())?;
            let rows = engine.export(&args.place.access(), &query).await?;
            let mut file = pin!(pieces(rows, request.format)?);
            while let Some(piece) = file.try_next().await? {
                target.write(&piece)?;
            }
        }
        None => args.place.client()?.post_pieces(PATH, &json!(request), |piece| target.write(piece)).await?,
    }
    target.finish()
}

impl Args {
    fn form(&self) -> ExportForm {
        let parquet = self.output.extension().is_some_and(|ending| ending == "parquet");
        self.format.unwrap_or(if parquet { ExportForm::Parquet } else { ExportForm::Jsonl })
    }
}

/// Where the pieces go: stdout, or a file that takes its name when it is whole.
struct Target {
    file: Option<(File, PathBuf, PathBuf)>,
    bytes: u64,
}

impl Target {
    fn new(path: &Path) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self { file: None, bytes: 0 });
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".unfinished");
        let unfinished = path.with_file_name(name);
        let file = File::create(&unfinished).map_err(failed(&unfinished))?;
        Ok(Self { file: Some((file, unfinished, path.to_owned())), bytes: 0 })
    }

    fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.bytes += piece.len() as u64;
        match &mut self.file {
            Some((file, unfinished, _)) => file.write_all(piece).map_err(failed(unfinished)),
            None => output::print(piece),
        }
    }

    fn finish(mut self) -> Result<()> {
        let Some((file, unfinished, path)) = self.file.take() else { return Ok(()) };
        file.sync_all().and_then(|()| fs::rename(&unfinished, &path)).map_err(failed(&path))?;
        output::print_line(&format!("{}: {} bytes", path.display(), self.bytes))
    }
}

impl Drop for Target {
    /// What is not whole leaves no file behind.
    fn drop(&mut self) {
        if let Some((_, unfinished, _)) = &self.file {
            fs::remove_file(unfinished).unwrap_or_default();
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |cause| Error::new(ErrorKind::Invalid, format!("cannot write {path}: {cause}"))
}
