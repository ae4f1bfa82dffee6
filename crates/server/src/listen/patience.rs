//! A socket with patience: it fails when the peer is silent for too long, or drips its headers.
//!
//! HTTP's own layer knows one timeout for "no request yet" and "half a request", but a connection kept alive between two
//! exports is fine for minutes while half a header is not. Time spent in a request is not counted here: the handler
//! bounds it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// HTTP/2 connections open with these bytes; their frames between requests are no dripping headers.
const HTTP2_PREFACE: &[u8] = b"PRI";

/// How many requests a connection is busy with.
#[derive(Debug, Default)]
pub(super) struct Activity(AtomicUsize);

/// One request; ends when dropped.
pub(super) struct Busy(Arc<Activity>);

impl Activity {
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.0.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    fn idle(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing of a request has come.
    Waiting,
    /// Part of a request's head has come.
    Head,
    /// A request is being handled.
    Handling,
}

/// A stream whose reads time out by phase.
pub(super) struct PatientIo<S> {
    stream: S,
    activity: Arc<Activity>,
    header: Duration,
    idle: Duration,
    phase: Phase,
    http2: bool,
    fresh: bool,
    deadline: Pin<Box<Sleep>>,
}

impl<S> PatientIo<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>, header: Duration, idle: Duration) -> Self {
        let deadline = Box::pin(tokio::time::sleep(idle));
        Self { stream, activity, header, idle, phase: Phase::Waiting, http2: false, fresh: true, deadline }
    }

    fn enter(&mut self, phase: Phase, patience: Duration) {
        self.phase = phase;
        self.deadline.as_mut().reset(Instant::now() + patience);
    }

    /// Brings the phase up to date; `arrived` are bytes just read.
    fn step(&mut self, arrived: &[u8]) {
        if self.fresh && !arrived.is_empty() {
            self.fresh = false;
            self.http2 = arrived.starts_with(HTTP2_PREFACE);
        }
        match (self.phase, self.activity.idle()) {
            (_, false) => self.phase = Phase::Handling,
            (Phase::Handling, true) => self.enter(Phase::Waiting, self.idle),
            (Phase::Waiting, true) if !arrived.is_empty() => {
                if self.http2 {
                    self.enter(Phase::Waiting, self.idle)
                } else {
                    self.enter(Phase::Head, self.header)
                }
            }
            (Phase::Waiting | Phase::Head, true) => {}
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PatientIo<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
        this.step(buf.filled().get(before..).unwrap_or_default());
        if polled.is_pending() && this.phase != Phase::Handling && this.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PatientIo<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const HEADER: Duration = Duration::from_millis(60);
    const IDLE: Duration = Duration::from_millis(400);

    #[tokio::test]
    async fn half_a_head_is_cut_soon_and_silence_late() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut io = PatientIo::new(server, Arc::default(), HEADER, IDLE);
        client.write_all(b"POST").await.unwrap();
        let start = Instant::now();
        let mut buffer = [0; 64];
        assert_eq!(io.read(&mut buffer).await.unwrap(), 4);
        assert_eq!(io.read(&mut buffer).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() < IDLE);

        let (_client, server) = tokio::io::duplex(64);
        let mut silent = PatientIo::new(server, Arc::default(), HEADER, IDLE);
        let start = Instant::now();
        assert!(silent.read(&mut buffer).await.is_err());
        assert!(start.elapsed() >= IDLE);
    }

    #[tokio::test]
    async fn a_request_in_work_is_not_cut() {
        let (mut client, server) = tokio::io::duplex(64);
        let activity = Arc::new(Activity::default());
        let mut io = PatientIo::new(server, Arc::clone(&activity), HEADER, HEADER);
        let busy = activity.begin();
        let writer = tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            client.write_all(b"x").await.unwrap();
        });
        let mut buffer = [0; 4];
        assert_eq!(io.read(&mut buffer).await.unwrap(), 1);
        drop(busy);
        assert!(io.read(&mut buffer).await.is_ok_and(|n| n == 0));
        writer.await.unwrap();
    }
}
