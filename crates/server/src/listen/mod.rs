//! Sockets in, HTTP requests out: the accept loop that all three ports share.
//!
//! HTTP/1.1 and HTTP/2 (without TLS) on every port. Promises: a bounded number of connections, no connection held open
//! by silence or by dripping headers, and on shutdown everything in flight is finished before the task ends.

mod patience;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use patience::{Activity, PatientIo};
use pellucid_model::{Error, ErrorKind, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::config::Limits;
use crate::telemetry::{CONNECTIONS, Registry};

/// After a failed accept (out of file descriptors, say) wait this long instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// A silent HTTP/2 peer is asked for a sign of life this often.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Header lists above this are refused with 431 by the protocol layer.
const MAX_HEADER_BYTES: u32 = 32 * 1024;
/// Requests one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 256;

/// What all listeners share.
#[derive(Clone)]
pub(crate) struct Floor {
    pub(crate) connections: Arc<Semaphore>,
    pub(crate) header: Duration,
    pub(crate) idle: Duration,
    pub(crate) telemetry: Arc<Registry>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Floor {
    pub(crate) fn new(limits: &Limits, telemetry: Arc<Registry>, stop: CancellationToken) -> Self {
        let connections = usize::try_from(limits.connections).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            connections: Arc::new(Semaphore::new(connections)),
            header: Duration::from_secs(limits.header_seconds),
            idle: Duration::from_secs(limits.idle_seconds),
            telemetry,
            stop,
            tasks: TaskTracker::new(),
        }
    }
}

/// Opens a port; the address returned has the real port in place of 0.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let fail = |cause: std::io::Error| {
        Error::new(ErrorKind::Unavailable, format!("cannot listen on {address}: {cause}"))
            .with_hint("another program may hold the port: choose one with --listen, --otlp-http or --otlp-grpc")
            .caused_by(cause)
    };
    let listener = TcpListener::bind(address).await.map_err(fail)?;
    let chosen = listener.local_addr().map_err(fail)?;
    Ok((listener, chosen))
}

/// Takes connections until told to stop. Each runs in a task of `floor.tasks`.
pub(crate) async fn accept(listener: TcpListener, name: &'static str, app: Router, floor: Floor) {
    loop {
        let next = async {
            let permit = Arc::clone(&floor.connections).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = floor.stop.cancelled() => return,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                floor.telemetry.add(&CONNECTIONS, &[name], 1);
                let (app, floor_of_one) = (app.clone(), floor.clone());
                floor.tasks.spawn(async move {
                    connection(stream, peer, app, floor_of_one).await;
                    drop(permit);
                });
            }
            Err(cause) => {
                tracing::warn!(%cause, listener = name, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, app: Router, floor: Floor) {
    if let Err(cause) = stream.set_nodelay(true) {
        tracing::debug!(%cause, "cannot set TCP_NODELAY");
    }
    let activity = Arc::new(Activity::default());
    let io = TokioIo::new(PatientIo::new(stream, Arc::clone(&activity), floor.header, floor.idle));
    let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let busy = activity.begin();
        let app = app.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = app.oneshot(request).await;
            drop(busy);
            response.map_err(|never: Infallible| never)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // Patience is kept by PatientIo, which knows an idle connection from a half-sent request.
    builder.http1().header_read_timeout(None).keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .max_header_list_size(MAX_HEADER_BYTES)
        .max_concurrent_streams(MAX_STREAMS)
        .adaptive_window(true);
    let mut serving = std::pin::pin!(builder.serve_connection(io, service));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = floor.stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(cause) = ended {
        tracing::debug!(%peer, cause, "connection ended early");
    }
}
