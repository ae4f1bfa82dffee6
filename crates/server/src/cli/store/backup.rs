//! `pellucid store backup` and `restore`: a directory into a folder of its own, and back.

use std::path::{Path, PathBuf};

use pellucid_model::{Error, ErrorKind, Result};
use pellucid_store::{RestoreReport, restore as restore_directory};
use serde_json::json;

use crate::api::BackupAnswer;
use crate::cli::output;
use crate::cli::place::Place;
use crate::wiring::open_directory;

/// Copy everything that is stored into a folder; a second backup there copies only what is new
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid store backup /backups/pellucid --data ./pellucid-data     a directory that no server has open
  pellucid store backup --url http://127.0.0.1:9529                  a running server, into its own `store.backup_dir`

The folder is a copy of one moment. Each copied file is read back and its BLAKE3 sum written into backup.json.")]
pub(super) struct Backup {
    /// The folder, with --data: a running server has its own in the configuration
    #[arg(value_name = "DIR", required_unless_present = "url", conflicts_with = "url", requires = "data")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Make a data directory of a backup
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid store restore /backups/pellucid --data ./pellucid-data

Every file is compared with its sum on the way, and the new directory is verified.")]
pub(super) struct Restore {
    /// The folder of the backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
    /// The directory to make: empty, or not there yet
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

pub(super) async fn backup(args: &Backup) -> Result<()> {
    let answer = match (args.place.directory(), &args.folder) {
        (Some(dir), Some(folder)) => {
            let store = open_directory(dir).await?;
            let report = store.backup(folder).await;
            store.close().await?;
            BackupAnswer::new(folder.display().to_string(), report?)
        }
        (Some(_), None) => return Err(Error::new(ErrorKind::Invalid, "name the folder of the backup")),
        (None, _) => {
            let answer = args.place.client()?.post_json("/api/v1/store/backup", &json!({})).await?;
            serde_json::from_value(answer).map_err(|cause| {
                Error::new(ErrorKind::Internal, "the server did not tell of a backup").caused_by(cause)
            })?
        }
    };
    tell(&answer)
}

fn tell(answer: &BackupAnswer) -> Result<()> {
    for missing in &answer.missing {
        output::print_line(&format!("{}: {}", missing.file, missing.what))?;
    }
    output::print_line(&format!(
        "{}: {} files of {} bytes, {} of {} bytes are new",
        answer.folder, answer.files, answer.bytes, answer.new_files, answer.new_bytes
    ))?;
    if answer.missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Internal, format!("{} data files are damaged", answer.missing.len()))
        .with_hint("put the named files back; what is not named is in the backup"))
}

pub(super) async fn restore(args: &Restore) -> Result<()> {
    let (backup, data) = (args.backup.clone(), args.data.clone());
    let restored = tokio::task::spawn_blocking(move || restore_directory(&backup, &data)).await;
    let gave_up = |cause| Error::new(ErrorKind::Internal, "the restore was given up").caused_by(cause);
    let RestoreReport { files, bytes } = restored.map_err(gave_up)??;
    output::note(&format!("{files} files of {bytes} bytes are back, reading them"));
    verify(&args.data).await
}

async fn verify(data: &Path) -> Result<()> {
    let store = open_directory(data).await?;
    let verified = super::verify(&store).await;
    store.close().await?;
    verified
}
