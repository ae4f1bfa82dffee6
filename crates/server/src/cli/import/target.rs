//! Where an import goes: through a server's door, or through the stages of this process into a directory.

use std::sync::Arc;
use std::time::Duration;

use pellucid_model::{Error, ErrorKind, ProjectId, Result};
use pellucid_otlp::{Encoding, Signal, decode};
use pellucid_store::Store;

use super::files::Found;
use crate::client::Client;
use crate::clock;
use crate::stages::Pipeline;

/// How often a refusal that passes is tried again, and the waits between: doubled each time.
const TRIES: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// Records of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Stored, or there already.
    pub(super) accepted: u64,
    /// Not usable.
    pub(super) rejected: u64,
}

/// Where bodies go.
pub(super) enum Target {
    Server(Client),
    Directory { store: Arc<Store>, pipeline: Arc<Pipeline>, project: ProjectId },
}

impl Target {
    /// Stores a body; returns when it is durable. A server that is full is asked again.
    pub(super) async fn store(&self, found: &Found) -> Result<Counts> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match self.attempt(found).await {
                Err(error) if error.kind.code().retry => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                done => return done,
            }
        }
        self.attempt(found).await
    }

    async fn attempt(&self, found: &Found) -> Result<Counts> {
        match self {
            Self::Server(client) => send(client, found).await,
            Self::Directory { store, pipeline, project } => write(store, pipeline, project, found).await,
        }
    }

    /// Ends: what was stored in a directory becomes files.
    pub(super) async fn close(&self) -> Result<()> {
        match self {
            Self::Server(_) => Ok(()),
            Self::Directory { store, .. } => store.close().await,
        }
    }
}

async fn send(client: &Client, found: &Found) -> Result<Counts> {
    let Found { signal, encoding, body, .. } = found;
    let (signal, encoding, bytes) = (*signal, *encoding, body.clone());
    // The answer of a server does not tell how many it took, only what it did not.
    let counting = tokio::task::spawn_blocking(move || decode(signal, encoding, &bytes));
    let decoded = counting.await.map_err(gave_up)?.map_err(|cause| wrong(&cause))?;
    let media_type = match encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => "application/x-protobuf",
    };
    client.post(&format!("/otlp/v1/{}", signal.as_str()), media_type, media_type, body.to_vec()).await?;
    let accepted = decoded.spans.len() + decoded.logs.len() + decoded.points.len();
    Ok(Counts { accepted: accepted as u64, rejected: decoded.rejects.count })
}

async fn write(store: &Store, pipeline: &Arc<Pipeline>, project: &ProjectId, found: &Found) -> Result<Counts> {
    let record = Pipeline::record(project.clone(), found.signal, found.encoding, clock::now(), found.body.clone());
    let stages = Arc::clone(pipeline);
    let working = tokio::task::spawn_blocking(move || stages.take(record));
    let (record, batch, rejects) = working.await.map_err(gave_up)?.map_err(|cause| wrong(&cause))?;
    // Of logs, more rows may come than were sent: calls that only records tell of.
    let accepted = match found.signal {
        Signal::Traces => batch.spans.len(),
        Signal::Logs => batch.logs.len(),
        Signal::Metrics => batch.points.len(),
    };
    store.write(record, batch).await?;
    Ok(Counts { accepted: accepted as u64, rejected: rejects.count })
}

fn wrong(cause: &impl ToString) -> Error {
    Error::new(ErrorKind::Invalid, cause.to_string())
}

fn gave_up(cause: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Internal, "this body cannot be worked on").caused_by(cause)
}
