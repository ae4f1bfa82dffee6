//! `pellucid store`: what a data directory holds, whether it is whole, fewer and larger files, and the ways in and out.

mod backup;
mod delete;
mod export;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_store::{DeletionState, Fault, Store, TableStatus, check_backup};
use serde_json::{Value as Json, json};

use super::{import, output, table};
use crate::api::show_time;
use crate::wiring::open_directory;

/// Look after a data directory
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  pellucid store status --data ./pellucid-data     files, rows and bytes by table
  pellucid store verify --data ./pellucid-data     read everything and compare it with the catalogue
  pellucid store compact --data ./pellucid-data    few large files of many small ones, without replaced rows
  pellucid store delete --user u-42 --wait         every trace of a user, on a running server
  pellucid store import ./dump                     request bodies from files into a server
  pellucid store export --output spans.parquet     rows of a server into a file
  pellucid store backup /backups/p --data DIR      a copy of one moment, and of what is new the next time
  pellucid store restore /backups/p --data DIR     a data directory out of it

A directory given with --data must not be open in a server: a server merges files by itself."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Files, rows and bytes by table, and what is damaged
    Status(Directory),
    /// Read every page of every file and compare with the catalogue and the key indexes; exit code 1 if anything is wrong
    Verify(Checked),
    /// Make few large files of many small ones; replaced and removed rows leave the disk with that
    Compact(Directory),
    /// Delete a trace, a session or a user for good, on a running server
    Delete(delete::Args),
    Import(import::Args),
    Export(export::Args),
    Backup(backup::Backup),
    Restore(backup::Restore),
}

#[derive(Debug, clap::Args)]
struct Checked {
    #[command(flatten)]
    directory: Directory,
    /// A backup, in place of a directory
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    backup: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Directory {
    /// A data directory that no server has open
    #[arg(long, value_name = "DIR", default_value = "./pellucid-data")]
    data: PathBuf,
}

pub(super) async fn run(args: &Args) -> Result<()> {
    match &args.command {
        Command::Status(directory) => status(open(directory).await?.as_ref()).await,
        Command::Verify(Checked { backup: Some(backup), .. }) => verify_backup(backup),
        Command::Verify(Checked { directory, .. }) => verify(open(directory).await?.as_ref()).await,
        Command::Compact(directory) => compact(open(directory).await?.as_ref()).await,
        Command::Import(args) => import::run(args).await,
        Command::Export(args) => export::run(args).await,
        Command::Backup(args) => backup::backup(args).await,
        Command::Restore(args) => backup::restore(args).await,
        Command::Delete(args) => delete::run(args).await,
    }
}

async fn open(directory: &Directory) -> Result<Arc<Store>> {
    open_directory(&directory.data).await
}

async fn status(store: &Store) -> Result<()> {
    let columns =
        ["table", "files", "bytes", "word index bytes", "rows", "masked rows", "rows in the log", "oldest", "newest"];
    let columns: Vec<Json> = columns.iter().map(|name| json!({ "name": name })).collect();
    let row = |status: TableStatus| {
        let time = |of: fn((_, _)) -> _| status.times.map(|times| show_time(of(times)));
        json!([
            status.name,
            status.files,
            status.file_bytes,
            status.words_bytes,
            status.file_rows,
            status.masked_rows,
            status.memory_rows,
            time(|(oldest, _)| oldest),
            time(|(_, newest)| newest),
        ])
    };
    let rows: Vec<Json> = store.tables().into_iter().map(row).collect();
    output::print(table::render(&json!({ "columns": columns, "rows": rows })).as_bytes())?;
    output::print_line(&format!("log: {} bytes", store.stats().wal_bytes))?;
    tell_deletions(store).await?;
    store.damaged().iter().try_for_each(tell)
}

/// A closed directory does not go on with them: the next server does.
async fn tell_deletions(store: &Store) -> Result<()> {
    for deletion in store.open_deletions().await? {
        let left = if deletion.state == DeletionState::Hidden {
            "its bytes are still on the disk"
        } else {
            "rows may still be seen"
        };
        output::print_line(&format!("deletion {} of a {}: {left}", deletion.id, deletion.kind.as_str()))?;
    }
    Ok(())
}

async fn verify(store: &Store) -> Result<()> {
    let mut files = 0_u64;
    let faults = store.verify(|_| files += 1).await?;
    tell_deletions(store).await?;
    judge(files, &faults, "put the named files back from a backup; what is not named is whole")
}

fn verify_backup(folder: &Path) -> Result<()> {
    let mut files = 0_u64;
    let faults = check_backup(folder, |_| files += 1)?;
    judge(files, &faults, "remove the named files and back up again, or use another backup")
}

fn judge(files: u64, faults: &[Fault], hint: &str) -> Result<()> {
    faults.iter().try_for_each(tell)?;
    if faults.is_empty() {
        return output::print_line(&format!("{files} files, nothing is wrong"));
    }
    Err(Error::new(ErrorKind::Internal, format!("{} things are wrong", faults.len())).with_hint(hint))
}

fn tell(fault: &Fault) -> Result<()> {
    output::print_line(&format!("{}: {}", fault.file, fault.what))
}

async fn compact(store: &Store) -> Result<()> {
    let report = store.compact().await;
    store.close().await?;
    let report = report?;
    output::print_line(&format!(
        "{} files of {} bytes became {} of {} bytes, {} replaced rows are gone",
        report.merged_files, report.merged_bytes, report.new_files, report.new_bytes, report.dropped_rows
    ))
}
