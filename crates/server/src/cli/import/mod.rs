//! `pellucid store import`: request bodies from files into a server or a data directory.
//!
//! A thread reads ahead, a few bodies are on their way at once, and how far it is stands on stderr. Rows are known by what they say,
//! so an import that broke off is simply begun again: what is there already is not stored twice.

mod documents;
mod files;
mod target;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use pellucid_model::{Error, ErrorKind, Result};
use tokio::sync::mpsc;

pub(super) use self::files::signal_of_name;
use self::files::{Found, Input, Unusable, bodies, inputs};
use self::target::{Counts, Target};
use super::output;
use super::place::ProjectPlace;
use crate::wiring::make_directory;

/// Bodies read ahead, and bodies on their way: with the largest body these bound the memory.
const READ_AHEAD: usize = 4;
const ON_THE_WAY: usize = 4;
/// How often to tell how far it is.
const TELL_TIME: Duration = Duration::from_secs(2);
/// After these no other body will do better.
const GIVE_UP: [ErrorKind; 5] = [
    ErrorKind::Unavailable,
    ErrorKind::Exhausted,
    ErrorKind::Timeout,
    ErrorKind::Unauthenticated,
    ErrorKind::Forbidden,
];
/// Failures told one by one; of more only the number is.
const MAX_TOLD: u64 = 20;

/// Store OTLP request bodies from files
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid store import traces.json 0001-logs.pb          one request body a file
  pellucid store import collector-output.jsonl.zst        one body a line, as the Collector's file exporter writes them
  pellucid store import ./dump --data ./pellucid-data     every .json, .jsonl, .ndjson, .pb and .binpb in a folder, packed or not

Of protobuf, `logs` or `metrics` in the name tells the signal, otherwise traces are expected. gzip and zstd are unpacked. An
import that broke off is begun again: what is stored already is not stored twice. Exit code 1 if anything was no request body.")]
pub(super) struct Args {
    /// Files, and folders of files
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    place: ProjectPlace,
}

/// What came of an import.
#[derive(Debug, Default)]
struct Tally {
    bodies: u64,
    records: Counts,
    failed: u64,
    files_done: usize,
    bytes_done: u64,
}

/// What the reading thread hands over.
enum Read {
    Body(std::result::Result<Found, Unusable>),
    /// A file is through.
    File(u64),
}

pub(super) async fn run(args: &Args) -> Result<()> {
    let inputs = inputs(&args.paths)?;
    let target = match args.place.directory() {
        Some(dir) => {
            let (store, pipeline) = make_directory(dir).await?;
            Target::Directory { store, pipeline, project: args.place.project() }
        }
        None => Target::Server(args.place.client()?),
    };
    let outcome = import(inputs, &target).await;
    target.close().await?;
    let tally = outcome?;
    output::print_line(&format!(
        "{} files, {} bodies: {} records accepted, {} rejected",
        tally.files_done, tally.bodies, tally.records.accepted, tally.records.rejected
    ))?;
    if tally.failed == 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Invalid, format!("{} bodies could not be stored", tally.failed))
        .with_hint("they are named above; everything else is stored"))
}

async fn import(inputs: Vec<Input>, target: &Target) -> Result<Tally> {
    let (files, all_bytes) = (inputs.len(), inputs.iter().map(|input| input.bytes).sum::<u64>());
    let reads = stream::unfold(read_ahead(inputs), |mut reads| async { Some((reads.recv().await?, reads)) });
    let work = reads.map(|read| async move {
        match read {
            Read::File(bytes) => Done::File(bytes),
            Read::Body(Err(unusable)) => Done::Failed(format!("{} {}", unusable.place, unusable.what)),
            Read::Body(Ok(found)) => match target.store(&found).await {
                Ok(counts) => Done::Body(counts),
                Err(error) if GIVE_UP.contains(&error.kind) => Done::GaveUp(error),
                Err(error) => Done::Failed(format!("{}: {error}", found.place)),
            },
        }
    });
    let mut work = std::pin::pin!(work.buffered(ON_THE_WAY));
    let (mut tally, mut told) = (Tally::default(), Instant::now());
    while let Some(done) = work.next().await {
        tally.add(done)?;
        if told.elapsed() >= TELL_TIME {
            told = Instant::now();
            output::note(&format!(
                "{} of {files} files, {} of {all_bytes} bytes, {} records accepted, {} rejected",
                tally.files_done, tally.bytes_done, tally.records.accepted, tally.records.rejected
            ));
        }
    }
    Ok(tally)
}

/// What came of what was read.
enum Done {
    Body(Counts),
    Failed(String),
    File(u64),
    /// Nothing more will go better.
    GaveUp(Error),
}

impl Tally {
    fn add(&mut self, done: Done) -> Result<()> {
        match done {
            Done::Body(counts) => {
                self.bodies += 1;
                self.records.accepted += counts.accepted;
                self.records.rejected += counts.rejected;
            }
            Done::Failed(what) => {
                self.failed += 1;
                if self.failed <= MAX_TOLD {
                    output::note(&what);
                }
            }
            Done::File(bytes) => {
                self.files_done += 1;
                self.bytes_done += bytes;
            }
            Done::GaveUp(error) => return Err(error),
        }
        Ok(())
    }
}

/// Reads on a thread of its own, no further ahead than the queue is long.
fn read_ahead(inputs: Vec<Input>) -> mpsc::Receiver<Read> {
    let (queue, reads) = mpsc::channel(READ_AHEAD);
    tokio::task::spawn_blocking(move || {
        for Input { path, bytes } in inputs {
            let mut listened = true;
            let mut each = |found| {
                listened = queue.blocking_send(Read::Body(found)).is_ok();
                listened
            };
            if let Err(cause) = bodies(&path, &mut each) {
                let unusable = Unusable { place: path.display().to_string(), what: format!("cannot be read: {cause}") };
                each(Err(unusable));
            }
            if !listened || queue.blocking_send(Read::File(bytes)).is_err() {
                return;
            }
        }
    });
    reads
}
