//! `cargo xtask crash`: a real server killed again and again at random moments under load, and a ledger of what it
//! acknowledged. In the end every acknowledged call is there once, with exactly its tokens and its cost, and nothing is
//! there that nobody sent. `make test` does the same with a few kills.

mod ledger;
mod sender;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args as ClapArgs;
use pellucid_testkit::{Options, Server};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::process::Command;

use ledger::Ledger;

/// A server lives at least and at most this long.
const LIFE_MS: std::ops::Range<u64> = 20..1500;
/// Every so many kills the directory is looked through while nobody has it open.
const VERIFY_EVERY: u32 = 20;
/// Small bounds, so that flushes, new segments and merges of files happen within such short lives.
const SMALL: &[&str] = &["store.flush_bytes=400000", "store.flush_seconds=1", "store.memory_bytes=20000000"];

/// Kill a server at random moments under load and check that nothing acknowledged is lost, doubled or changed
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The server to kill [default: the build beside this program]
    #[arg(long)]
    bin: Option<PathBuf>,
    /// How often
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Connections that send at the same time
    #[arg(long, default_value_t = 6)]
    connections: usize,
    /// Repeat a run's moments
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(args.run())
}

impl Args {
    async fn run(&self) -> Result<()> {
        let binary = self.bin.clone().map_or_else(beside, Ok)?;
        let seed = self.seed.unwrap_or_else(rand::random);
        println!("seed         {seed}");
        let mut dice = SmallRng::seed_from_u64(seed);
        let ledger = Arc::new(Ledger::default());
        let mut options = Options::new(&binary)?;
        for setting in SMALL {
            options = options.arg("--set").arg(*setting);
        }
        let started = Instant::now();
        for kill in 1..=self.kills {
            let server = options.clone().start().await.with_context(|| format!("start after {} kills", kill - 1))?;
            let senders = sender::start(&server, &ledger, self.connections, dice.random());
            tokio::time::sleep(Duration::from_millis(dice.random_range(LIFE_MS))).await;
            server.kill().await?;
            senders.stop().await?;
            if kill % VERIFY_EVERY == 0 {
                verify(&binary, &options.data()).await.with_context(|| format!("after {kill} kills"))?;
                println!("{kill:>5} kills  {}", ledger.summary());
            }
        }
        let server = options.clone().start().await?;
        ledger.check(&server).await?;
        count_again(server, &ledger).await?;
        verify(&binary, &options.data()).await?;
        println!("fine         {} kills in {:.0?}: {}", self.kills, started.elapsed(), ledger.summary());
        Ok(())
    }
}

/// After a stop in order the files alone must say the same.
async fn count_again(server: Server, ledger: &Ledger) -> Result<()> {
    let stopped = server.terminate().await?;
    ensure!(stopped.status.success(), "the server ended with {}", stopped.status);
    let server = stopped.start().await?;
    ledger.check(&server).await?;
    server.terminate().await.map(drop)
}

async fn verify(binary: &Path, data: &Path) -> Result<()> {
    let out = Command::new(binary).args(["store", "verify", "--data"]).arg(data).output().await?;
    let said = [out.stdout, out.stderr].concat();
    ensure!(out.status.success(), "`pellucid store verify` finds damage: {}", String::from_utf8_lossy(&said));
    Ok(())
}

fn beside() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let binary = own.with_file_name("pellucid");
    ensure!(binary.exists(), "{} is missing: build it, or name one with --bin", binary.display());
    Ok(binary)
}
