//! The only place that constructs things: a list of small starts, each given what it depends on.
//!
//! In: a [`Config`]. Out: a [`Running`] server with every port open. [`Running::stop`] takes it down in order: no new
//! connections, finish what is in flight, flush, close.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_query::{Engine, Limits, Source};
use pellucid_store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::api::{self, Desk};
use crate::auth::Keyring;
use crate::config::Config;
use crate::deletions::Deletions;
use crate::listen::{Floor, accept, bind};
use crate::prices::{PriceKeeper, Pricing};
use crate::receive::{self, Intake};
use crate::retention::{Keeping, every_hour};
use crate::rewrites::Rewrites;
use crate::stages::Pipeline;
use crate::telemetry::Registry;
use crate::{health, security, ui};

/// What is in flight may take this long after the signal; the rest of the ten seconds is for the flush.
const DRAIN_TIME: Duration = Duration::from_secs(5);
const FLUSH_TIME: Duration = Duration::from_secs(4);

/// Where the server listens, once it does.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// UI, API and OTLP/HTTP.
    pub http: SocketAddr,
    /// OTLP/HTTP.
    pub otlp_http: SocketAddr,
    /// OTLP/gRPC.
    pub otlp_grpc: SocketAddr,
}

/// A server at work.
pub struct Running {
    /// Its addresses.
    pub ports: Ports,
    store: Arc<Store>,
    floor: Floor,
}

/// Starts everything; returns when everything is open.
pub async fn start(config: &Config) -> Result<Running> {
    let [http, otlp_http, otlp_grpc] = config.addresses()?;
    let (http, http_at) = bind(http).await?;
    let (otlp_http, otlp_http_at) = bind(otlp_http).await?;
    let (otlp_grpc, otlp_grpc_at) = bind(otlp_grpc).await?;

    let telemetry = Arc::new(Registry::default());
    let keyring = Arc::new(Keyring::new(config));
    let pricing = Arc::new(Pricing::new(config)?);
    let pipeline = Arc::new(Pipeline::new(Arc::clone(&pricing)));
    let store = start_store(config, &pipeline).await?;
    let intake =
        Arc::new(Intake::new(config, Arc::clone(&store), pipeline, Arc::clone(&keyring), Arc::clone(&telemetry)));
    let engine = start_engine(config, &store)?;
    let deletions = Arc::new(Deletions::new(Arc::clone(&store)));
    let keeping = Arc::new(Keeping::new(Arc::clone(&store), config.retention.to_retention()?));
    let desk = Desk {
        engine,
        store: Arc::clone(&store),
        prices: Arc::new(PriceKeeper::new(pricing, Arc::clone(&store))),
        rewrites: Arc::new(Rewrites::new(Arc::clone(&store))),
        deletions: Arc::clone(&deletions),
        keeping: Arc::clone(&keeping),
        keyring,
        telemetry: Arc::clone(&telemetry),
        budget: intake.budget().clone(),
        backup_dir: config.store.backup_dir(),
        started: Instant::now(),
    };
    let floor = Floor::new(&config.limits, telemetry, CancellationToken::new());

    floor.tasks.spawn(every_hour(keeping, deletions, floor.stop.clone()));
    start_port(http, "http", main_app(&intake, &desk, &floor), &floor);
    start_port(otlp_http, "otlp_http", otlp_app(&intake), &floor);
    start_port(otlp_grpc, "otlp_grpc", receive::grpc_routes(&intake), &floor);
    let ports = Ports { http: http_at, otlp_http: otlp_http_at, otlp_grpc: otlp_grpc_at };
    tracing::info!(http = %ports.http, otlp_http = %ports.otlp_http, otlp_grpc = %ports.otlp_grpc, "listening");
    Ok(Running { ports, store, floor })
}

async fn start_store(config: &Config, pipeline: &Arc<Pipeline>) -> Result<Arc<Store>> {
    let options = config.store.apply(pellucid_store::Options::new(&config.data));
    Ok(Arc::new(Store::open(options, Arc::clone(pipeline) as Arc<dyn pellucid_store::Stages>).await?))
}

/// Opens a data directory for a command. A directory that a server has open is refused by the store's lock.
pub(crate) async fn open_directory(dir: &Path) -> Result<Arc<Store>> {
    if !dir.is_dir() {
        return Err(Error::new(ErrorKind::NotFound, format!("no such directory: {}", dir.display())));
    }
    Ok(make_directory(dir).await?.0)
}

/// The same, with the stages to write to it; a directory that is not there is made.
pub(crate) async fn make_directory(dir: &Path) -> Result<(Arc<Store>, Arc<Pipeline>)> {
    let pipeline = Arc::new(Pipeline::new(Arc::default()));
    let stages = Arc::clone(&pipeline) as Arc<dyn pellucid_store::Stages>;
    Ok((Arc::new(Store::open(pellucid_store::Options::new(dir), stages).await?), pipeline))
}

fn start_engine(config: &Config, store: &Arc<Store>) -> Result<Arc<Engine>> {
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let limits = Limits {
        timeout: Duration::from_secs(config.limits.query_seconds),
        memory_bytes: size(config.limits.query_memory_bytes),
        max_rows: size(config.limits.query_rows),
        ..Limits::default()
    };
    Engine::new(Arc::clone(store) as Arc<dyn Source>, limits).map(Arc::new)
}

fn start_port(listener: TcpListener, name: &'static str, app: Router, floor: &Floor) {
    floor.tasks.spawn(accept(listener, name, app, floor.clone()));
}

/// OTLP is answered uncompressed and open to pages of permitted origins; everything else is compressed and kept to itself.
fn main_app(intake: &Arc<Intake>, desk: &Desk, floor: &Floor) -> Router {
    let site = Router::new()
        .merge(health::routes(desk, &floor.stop))
        .merge(api::routes(desk))
        .fallback(ui::serve)
        .layer(CompressionLayer::new());
    security::harden(site).merge(receive::http_routes(intake))
}

fn otlp_app(intake: &Arc<Intake>) -> Router {
    receive::http_routes(intake).fallback(receive::http_not_found)
}

impl Running {
    /// Stops accepting, finishes what is in flight, flushes and closes; within ten seconds.
    pub async fn stop(self) -> Result<()> {
        self.floor.stop.cancel();
        self.floor.tasks.close();
        if tokio::time::timeout(DRAIN_TIME, self.floor.tasks.wait()).await.is_err() {
            tracing::warn!("requests still in flight are given up");
        }
        let closed = tokio::time::timeout(FLUSH_TIME, self.store.close()).await;
        // What was acknowledged is in the write-ahead log: a flush that takes longer only makes the next start longer.
        closed.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, "the flush was given up, the next start will do it"))
        })
    }
}
