//! Benchmarks of the whole process, from another process over loopback. `ingest` starts the release binary on a fresh
//! directory, sends OTLP for a bounded time over several connections and prints what was acknowledged, how fast, and
//! what it cost in memory and on disk. It fails if an acknowledged span cannot be found afterwards. `query` asks questions.

mod load;
mod machine;
mod peers;
mod query;
mod traffic;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand, ValueEnum as _};
use pellucid_testkit::{Options, Server};

use load::{Load, Measured};
use traffic::Mix;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Send chat calls, agent traces or plain spans as OTLP protobuf and print spans/s, latency, memory and disk
    Ingest(Ingest),
    /// Fill a store with two weeks of traces, start the server anew and print how long questions take
    Query(query::Query),
    /// Send the same chat calls to Phoenix and MLflow, if a Python environment has them, and to this server
    Peers(peers::Peers),
}

#[derive(Args)]
pub(crate) struct Ingest {
    /// The server to measure [default: the release build]
    #[arg(long)]
    bin: Option<PathBuf>,
    /// How long to send
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Connections that send at the same time, each one request at a time
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Spans in a request [default: 512; of agent traces, which are large, 25]
    #[arg(long)]
    batch: Option<usize>,
    /// What the spans tell of [default: one after the other, each on a server of its own]
    #[arg(long, value_enum)]
    mix: Vec<Mix>,
    /// Spans a second to send in all, to see how a load of some hours goes [default: as fast as answers come]
    #[arg(long)]
    rate: Option<f64>,
    /// Print the memory every so many seconds
    #[arg(long)]
    watch: Option<u64>,
    /// Load a server that runs already, such as http://127.0.0.1:9529; memory and disk are not measured then
    #[arg(long)]
    url: Option<String>,
}

pub(crate) fn run(root: &Path, bench: Bench) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match bench {
        Bench::Ingest(ingest) => runtime.block_on(ingest.run(root)),
        Bench::Query(query) => runtime.block_on(query.run(root)),
        Bench::Peers(peers) => runtime.block_on(peers.run(root)),
    }
}

impl Ingest {
    async fn run(&self, root: &Path) -> Result<()> {
        println!("machine      {}", machine::describe());
        let all = if self.mix.is_empty() { Mix::value_variants() } else { &self.mix };
        for mix in all {
            println!(
                "load         {} connections, {} spans a request, {} s, {}",
                self.connections,
                self.batch(*mix),
                self.seconds,
                mix.describe()
            );
            match &self.url {
                Some(url) => self.load(url, *mix).await?.print(),
                None => self.start_and_load(root, *mix).await?,
            }
        }
        Ok(())
    }

    fn batch(&self, mix: Mix) -> usize {
        self.batch.unwrap_or(match mix {
            Mix::Chat | Mix::Plain => 512,
            Mix::Agent => 25,
        })
    }

    async fn load(&self, url: &str, mix: Mix) -> Result<Measured> {
        let load = Load {
            url: format!("{}/v1/traces", url.trim_end_matches('/')),
            connections: self.connections,
            batch: self.batch(mix),
            duration: Duration::from_secs(self.seconds),
            mix,
            rate: self.rate,
            headers: &[],
        };
        load.run().await
    }

    async fn start_and_load(&self, root: &Path, mix: Mix) -> Result<()> {
        let binary = self.bin.clone().map_or_else(|| release_binary(root), Ok)?;
        let server = Options::new(&binary)?.start().await?;
        let idle = machine::memory(server.pid()?)?;
        let before = machine::processor(server.pid()?)?;
        let watched = self.watch.map(|seconds| tokio::spawn(watch(server.pid(), Duration::from_secs(seconds.max(1)))));
        let measured = self.load(&server.url(""), mix).await?;
        drop(watched.inspect(|task| task.abort()));
        measured.print();
        let busy = machine::processor(server.pid()?)? - before;
        println!("processor    {:.0} µs a span", busy.as_secs_f64() * 1e6 / measured.spans.max(1) as f64);
        let loaded = machine::memory(server.pid()?)?;
        println!(
            "memory       {} MB idle, {} MB after the load, {} MB at the most",
            idle.now_mb, loaded.now_mb, loaded.peak_mb
        );
        verify(&server, &measured).await?;
        let stopped = server.terminate().await?;
        ensure!(stopped.status.success(), "the server ended with {}", stopped.status);
        let bytes = machine::bytes_below(&stopped.data())?;
        println!(
            "disk         {} MB after SIGTERM, {} bytes a span, {:.1} % of the protobuf",
            bytes / 1_000_000,
            bytes / measured.spans.max(1),
            bytes as f64 / measured.bytes.max(1) as f64 * 100.0
        );
        Ok(())
    }
}

/// Prints what a process takes, again and again.
async fn watch(pid: Result<u32>, every: Duration) -> Result<()> {
    let pid = pid?;
    let start = Instant::now();
    loop {
        tokio::time::sleep(every).await;
        let memory = machine::memory(pid)?;
        println!("{:>8.0} s   {} MB, {} MB at the most", start.elapsed().as_secs_f64(), memory.now_mb, memory.peak_mb);
    }
}

/// Durable and visible is what an acknowledgement means, so the bench counts.
async fn verify(server: &Server, measured: &Measured) -> Result<()> {
    let stored = server.count("SELECT count(*) FROM spans").await?;
    let stored = u64::try_from(stored).context("a count below zero")?;
    println!("read back    {stored} spans");
    ensure!(
        stored >= measured.spans && stored <= measured.spans + measured.unanswered_spans,
        "{} spans were acknowledged and {stored} are there",
        measured.spans
    );
    Ok(())
}

fn release_binary(root: &Path) -> Result<PathBuf> {
    // xtask itself lies in the target directory, whatever that is called: target/<profile>/xtask.
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).unwrap_or(root);
    let binary = target.join("release/pellucid");
    ensure!(binary.exists(), "{} is missing: run `make build`, or name a binary with --bin", binary.display());
    Ok(binary)
}
