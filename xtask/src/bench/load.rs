//! The load: some connections, each sending one request after the other until the time is over, and what came of it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::task::JoinSet;

use super::traffic::{Mix, Traffic};

/// A refused request is sent again after what the server asks for, at most this long.
const PAUSE_AT_MOST: Duration = Duration::from_secs(2);

/// What to send where.
pub(super) struct Load {
    pub(super) url: String,
    pub(super) connections: usize,
    pub(super) batch: usize,
    pub(super) duration: Duration,
    pub(super) mix: Mix,
    /// Spans a second of all connections together; without it as fast as answers come.
    pub(super) rate: Option<f64>,
    /// What a request says besides its type.
    pub(super) headers: &'static [(&'static str, &'static str)],
}

/// What came of it.
#[derive(Default)]
pub(super) struct Measured {
    /// Spans in requests that were answered with 200.
    pub(super) spans: u64,
    /// Spans in requests that got no answer or were refused for now: they may be there or not.
    pub(super) unanswered_spans: u64,
    /// Bytes of the bodies that were answered with 200.
    pub(super) bytes: u64,
    refused: u64,
    latencies: Vec<Duration>,
    elapsed: Duration,
}

impl Load {
    /// Sends until the time is over.
    pub(super) async fn run(self) -> Result<Measured> {
        let client = pellucid_testkit::client()?;
        let traffic = (0..self.connections).map(|number| Traffic::new(self.mix, self.batch, number as u64));
        // Made before the clock starts.
        let traffic: Vec<Traffic> = traffic.collect();
        let start = Instant::now();
        let pause = self.rate.map(|rate| Duration::from_secs_f64((self.batch * self.connections) as f64 / rate));
        let mut senders = JoinSet::new();
        for traffic in traffic {
            senders.spawn(send(
                client.clone(),
                (self.url.clone(), self.headers),
                traffic,
                start + self.duration,
                pause,
            ));
        }
        let mut all = Measured::default();
        while let Some(one) = senders.join_next().await {
            all.add(one??);
        }
        all.elapsed = start.elapsed();
        all.latencies.sort_unstable();
        Ok(all)
    }
}

/// One request after the other; with a `pause`, a request begins that long after the one before.
async fn send(
    client: reqwest::Client,
    (url, headers): (String, &'static [(&'static str, &'static str)]),
    mut traffic: Traffic,
    until: Instant,
    pause: Option<Duration>,
) -> Result<Measured> {
    let mut measured = Measured::default();
    let mut due = Instant::now();
    while Instant::now() < until {
        if let Some(pause) = pause {
            tokio::time::sleep_until(due.into()).await;
            due += pause;
        }
        let body = traffic.next_body();
        let bytes = body.len() as u64;
        let sent = Instant::now();
        let request = client.post(&url).header("content-type", "application/x-protobuf").body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.context("the server does not answer")?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        answer.bytes().await?;
        match status {
            200 => {
                measured.latencies.push(sent.elapsed());
                measured.spans += traffic.spans_in_body();
                measured.bytes += bytes;
            }
            429 | 503 => {
                measured.refused += 1;
                measured.unanswered_spans += traffic.spans_in_body();
                tokio::time::sleep(retry_after.map_or(PAUSE_AT_MOST, Duration::from_secs).min(PAUSE_AT_MOST)).await;
            }
            other => bail!("the server answers {other}"),
        }
    }
    Ok(measured)
}

impl Measured {
    fn add(&mut self, other: Measured) {
        self.spans += other.spans;
        self.unanswered_spans += other.unanswered_spans;
        self.bytes += other.bytes;
        self.refused += other.refused;
        self.latencies.extend(other.latencies);
    }

    fn percentile_ms(&self, percent: usize) -> f64 {
        let place = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(place).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }

    /// Prints speed and latency.
    pub(super) fn print(&self) {
        let seconds = self.elapsed.as_secs_f64();
        println!(
            "acknowledged {} spans in {:.1} s: {:.0} spans/s, {:.1} MB/s of protobuf, {:.0} bytes a span as sent",
            self.spans,
            seconds,
            self.spans as f64 / seconds,
            self.bytes as f64 / seconds / 1e6,
            self.bytes as f64 / self.spans.max(1) as f64
        );
        println!(
            "latency      p50 {:.1} ms, p99 {:.1} ms a request; {} requests, {} refused for a while",
            self.percentile_ms(50),
            self.percentile_ms(99),
            self.latencies.len(),
            self.refused
        );
    }
}
