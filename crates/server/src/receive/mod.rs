//! OTLP in: sockets' bytes to stored rows, over HTTP and gRPC, through one pipeline.
//!
//! receive → decode → normalise → price → write. Promises: authenticated; body, inflated size and memory in flight are
//! capped; a success is answered only when the data is durable; a full server refuses with a retryable status; nothing
//! that a client sends can panic the process.

mod body;
mod budget;
mod cors;
mod grpc;
mod http;
mod inflate;

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use ::http::HeaderMap;
use bytes::Bytes;
use pellucid_model::{Error, ErrorKind, ProjectId, Result, Timestamp};
use pellucid_otlp::{Encoding, Rejects, Signal};
use pellucid_store::{Store, WalRecord};
use tokio::sync::Semaphore;

pub(crate) use body::{Bounds, collect};
pub(crate) use budget::Budget;
pub(crate) use grpc::routes as grpc_routes;
pub(crate) use http::{not_found as http_not_found, routes as http_routes};

use self::budget::Reservation;
use self::cors::Origins;
pub(crate) use self::inflate::inflate_file;
use self::inflate::{Compression, inflate};
use crate::auth::{Grant, Keyring};
use crate::clock;
use crate::config::{Config, Right};
use crate::stages::Pipeline;
use crate::telemetry::{ITEMS_ACCEPTED, ITEMS_REJECTED, OTLP_BYTES, OTLP_REQUESTS, Registry};

/// When to come back after a refusal. Exporters add their own growing delays.
const RETRY_AFTER_S: u32 = 1;
/// Bodies up to this size are worked on at once; larger ones would keep other requests waiting.
const INLINE_BYTES: usize = 16 * 1024;

/// One authenticated request body, however it came.
pub(crate) struct Envelope {
    project: ProjectId,
    signal: Signal,
    encoding: Encoding,
    compression: Compression,
    body: Bytes,
    received_at: Timestamp,
    reservation: Reservation,
}

/// What both transports need.
pub(crate) struct Intake {
    store: Arc<Store>,
    pipeline: Arc<Pipeline>,
    keyring: Arc<Keyring>,
    telemetry: Arc<Registry>,
    budget: Budget,
    origins: Origins,
    /// Large bodies worked on at once: more than the cores would only take memory from each other.
    work: Arc<Semaphore>,
    compressed_body_bytes: u64,
    body_bytes: u64,
    body_time: Duration,
}

impl Intake {
    pub(crate) fn new(
        config: &Config,
        store: Arc<Store>,
        pipeline: Arc<Pipeline>,
        keyring: Arc<Keyring>,
        telemetry: Arc<Registry>,
    ) -> Self {
        Self {
            store,
            pipeline,
            keyring,
            telemetry,
            budget: Budget::new(config.limits.in_flight_bytes),
            origins: Origins::new(&config.otlp.cors_origins),
            work: Arc::new(Semaphore::new(available_parallelism().map_or(1, NonZero::get))),
            compressed_body_bytes: config.limits.compressed_body_bytes,
            body_bytes: config.limits.body_bytes,
            body_time: Duration::from_secs(config.limits.body_seconds),
        }
    }

    /// The memory in flight.
    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    fn admit(&self, headers: &HeaderMap) -> Result<Grant> {
        self.keyring.grant(headers, Right::Ingest)
    }

    /// Stores one body; returns when it is durable and visible.
    async fn ingest(&self, envelope: Envelope) -> Result<Stored> {
        let inline = envelope.compression == Compression::Identity && envelope.body.len() <= INLINE_BYTES;
        let (pipeline, max_bytes) = (Arc::clone(&self.pipeline), self.body_bytes);
        let prepared = if inline {
            prepare(&pipeline, envelope, max_bytes)?
        } else {
            let gone = |cause| Error::new(ErrorKind::Unavailable, "the server is stopping").caused_by(cause);
            let _turn = self.work.acquire().await.map_err(gone)?;
            let work = tokio::task::spawn_blocking(move || prepare(&pipeline, envelope, max_bytes));
            work.await
                .map_err(|cause| Error::new(ErrorKind::Internal, "this body cannot be worked on").caused_by(cause))??
        };
        let Prepared { record, batch, rejects, reservation } = prepared;
        let accepted = batch.spans.len() + batch.logs.len() + batch.points.len();
        if accepted > 0 {
            self.store.write(record, batch).await?;
        }
        drop(reservation);
        Ok(Stored { accepted: u64::try_from(accepted).unwrap_or(u64::MAX), rejects })
    }

    fn count(&self, signal: Signal, transport: &'static str, sent_bytes: usize, outcome: &Result<Stored>) {
        let signal = signal.as_str();
        let word = match outcome {
            Ok(stored) if stored.rejects.count > 0 => "partial",
            Ok(_) => "accepted",
            Err(error) => match error.kind {
                ErrorKind::Unavailable | ErrorKind::Exhausted | ErrorKind::Timeout => "refused",
                ErrorKind::Unauthenticated | ErrorKind::Forbidden => "denied",
                ErrorKind::Internal => "failed",
                _ => "invalid",
            },
        };
        self.telemetry.add(&OTLP_REQUESTS, &[signal, transport, word], 1);
        self.telemetry.add(&OTLP_BYTES, &[signal, transport], u64::try_from(sent_bytes).unwrap_or(u64::MAX));
        match outcome {
            Ok(stored) => {
                self.telemetry.add(&ITEMS_ACCEPTED, &[signal, transport], stored.accepted);
                self.telemetry.add(&ITEMS_REJECTED, &[signal, transport], stored.rejects.count);
            }
            Err(error) if error.kind == ErrorKind::Internal => {
                tracing::error!(signal, transport, %error, cause = ?std::error::Error::source(error), "a request failed");
            }
            Err(error) => tracing::debug!(signal, transport, %error, "a request was not accepted"),
        }
    }
}

/// What became of a body.
struct Stored {
    accepted: u64,
    rejects: Rejects,
}

struct Prepared {
    record: WalRecord,
    batch: pellucid_store::Batch,
    rejects: Rejects,
    reservation: Reservation,
}

fn prepare(pipeline: &Pipeline, envelope: Envelope, max_bytes: u64) -> Result<Prepared> {
    let Envelope { project, signal, encoding, compression, body, received_at, mut reservation } = envelope;
    let body = inflate(compression, body, max_bytes, &mut reservation)?;
    let record = Pipeline::record(project, signal, encoding, received_at, body);
    let (record, batch, rejects) = pipeline
        .take(record)
        .map_err(|cause| Error::new(ErrorKind::Invalid, format!("cannot decode the body: {cause}")).caused_by(cause))?;
    Ok(Prepared { record, batch, rejects, reservation })
}

fn received_now() -> Timestamp {
    clock::now()
}
