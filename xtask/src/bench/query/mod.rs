//! How fast questions are answered: fills a store with two weeks of traces, starts the server anew on it and asks.
//!
//! Prints the time to ready, memory before and after, and p50 and p99 of each question; beside the sums, on demand, how
//! long DuckDB takes for the same over the same files.

mod ask;
mod story;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use pellucid_testkit::{Options, Server};
use tokio::task::JoinSet;

use self::ask::{QUESTIONS, percentile_ms};
use self::story::{SPANS, Story};
use super::{machine, release_binary};

/// DuckDB's half of the comparison.
const DUCKDB: &str = include_str!("duckdb.py");
/// Traces in a request.
const BATCH: u64 = 50;
/// The longest pause after a refusal.
const PAUSE_AT_MOST: Duration = Duration::from_secs(2);
/// Memory is looked at when the server has rested so long.
const REST: Duration = Duration::from_secs(2);

#[derive(Args)]
pub(crate) struct Query {
    /// The server to measure [default: the release build]
    #[arg(long)]
    bin: Option<PathBuf>,
    /// Spans to store
    #[arg(long, default_value_t = 5_000_000)]
    spans: u64,
    /// A directory that stays: filled if it is empty, else asked as it is (give the same number of spans)
    #[arg(long)]
    data: Option<PathBuf>,
    /// How often each question is asked
    #[arg(long, default_value_t = 50)]
    rounds: u64,
    /// A Python with the package duckdb: asks it for the same sums over the same files
    #[arg(long)]
    duckdb: Option<PathBuf>,
}

impl Query {
    pub(super) async fn run(&self, root: &Path) -> Result<()> {
        println!("machine      {}", machine::describe());
        let binary = self.bin.clone().map_or_else(|| release_binary(root), Ok)?;
        let options = match &self.data {
            Some(dir) => Options::on(&binary, dir),
            None => Options::new(&binary)?,
        };
        let server = options.start().await?;
        let story = self.fill(&server).await?;
        let stopped = server.terminate().await?;
        ensure!(stopped.status.success(), "the server ended with {}", stopped.status);
        let bytes = machine::bytes_below(&stopped.data())?;
        println!("disk         {} MB, {} bytes a span", bytes / 1_000_000, bytes / (story.traces * SPANS).max(1));

        let began = Instant::now();
        let server = stopped.start().await?;
        println!("ready        {:.0} ms", began.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(REST).await;
        println!("memory       {} MB idle", machine::memory(server.pid()?)?.now_mb);
        println!("{:36} {:>9} {:>9} {:>9}", "", "p50 ms", "p99 ms", "wanted");
        for question in QUESTIONS {
            let times = question.times(&server, &story, self.rounds).await?;
            let (p50, p99) = (percentile_ms(&times, 50), percentile_ms(&times, 99));
            println!("{:36} {p50:9.1} {p99:9.1} {:9.0}", question.name, question.goal_ms);
        }
        let memory = machine::memory(server.pid()?)?;
        println!("memory       {} MB after the questions, {} MB at the most", memory.now_mb, memory.peak_mb);
        match &self.duckdb {
            Some(python) => self.duckdb(python, &server.data(), &story),
            None => Ok(()),
        }
    }

    /// Sends what is missing, and gives what is there.
    async fn fill(&self, server: &Server) -> Result<Story> {
        let traces = self.spans.div_ceil(SPANS);
        if server.count("SELECT count(*) FROM spans").await? > 0 {
            let end = server.count("SELECT max(CAST(start_time AS BIGINT)) FROM spans").await?;
            return Ok(Story { traces, end_ns: u64::try_from(end)? });
        }
        let end_ns = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())?;
        let story = Story { traces, end_ns };
        let (began, next, mut senders) = (Instant::now(), Arc::new(AtomicU64::new(0)), JoinSet::new());
        for _ in 0..4 {
            senders.spawn(send(pellucid_testkit::client()?, server.url("/v1/traces"), story, Arc::clone(&next)));
        }
        while let Some(sent) = senders.join_next().await {
            sent??;
        }
        println!("filled       {} spans in {:.0} s", traces * SPANS, began.elapsed().as_secs_f64());
        let stored = server.count("SELECT count(*) FROM spans").await?;
        ensure!(
            u64::try_from(stored)? == traces * SPANS,
            "{} spans were acknowledged, {stored} are there",
            traces * SPANS
        );
        Ok(story)
    }

    fn duckdb(&self, python: &Path, data: &Path, story: &Story) -> Result<()> {
        let numbers = [story.end_ns, self.rounds, std::thread::available_parallelism()?.get() as u64];
        let asked = Command::new(python)
            .args(["-c", DUCKDB])
            .arg(data)
            .args(numbers.map(|number| number.to_string()))
            .output()
            .with_context(|| format!("cannot run {}", python.display()))?;
        ensure!(asked.status.success(), "DuckDB failed: {}", String::from_utf8_lossy(&asked.stderr));
        for line in String::from_utf8_lossy(&asked.stdout).lines() {
            let line: serde_json::Value = serde_json::from_str(line)?;
            let ms = |name: &str| line[name].as_f64().unwrap_or(f64::NAN);
            println!("duckdb: {:28} {:9.1} {:9.1}", line["name"].as_str().unwrap_or("?"), ms("p50_ms"), ms("p99_ms"));
        }
        Ok(())
    }
}

async fn send(client: reqwest::Client, url: String, story: Story, next: Arc<AtomicU64>) -> Result<()> {
    loop {
        let first = next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= story.traces {
            return Ok(());
        }
        let body = story.body(first..(first + BATCH).min(story.traces));
        loop {
            let request = client.post(&url).header("content-type", "application/x-protobuf").body(body.clone());
            let answer = request.send().await.context("the server does not answer")?;
            let retry_after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
            match answer.status().as_u16() {
                200 => break,
                429 | 503 => {
                    let pause = retry_after.map_or(PAUSE_AT_MOST, Duration::from_secs);
                    tokio::time::sleep(pause.min(PAUSE_AT_MOST)).await;
                }
                other => anyhow::bail!("the server answers {other}: {}", answer.text().await?),
            }
        }
    }
}
