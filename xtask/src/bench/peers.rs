//! The same load on others: Phoenix and MLflow out of a Python environment, and this server, one after the other on this machine.
//! What is compared is what lies in each one's database once nothing more comes: an acknowledgement means less elsewhere.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use pellucid_testkit::Options;

use super::load::Load;
use super::traffic::Mix;

/// Python programs take their time.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// Nothing more comes when two counts so far apart are the same.
const QUIET: Duration = Duration::from_secs(5);
const DRAINED_WITHIN: Duration = Duration::from_secs(600);

#[derive(Args)]
pub(crate) struct Peers {
    /// A Python environment with `arize-phoenix`, `mlflow` or both
    #[arg(long, value_name = "DIR")]
    venv: PathBuf,
    /// The server to measure beside them [default: the release build]
    #[arg(long)]
    bin: Option<PathBuf>,
    /// How long to send
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Connections that send at the same time, each one request at a time
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Spans in a request
    #[arg(long, default_value_t = 100)]
    batch: usize,
}

/// A program that takes OTLP over HTTP and keeps it in SQLite.
struct Peer {
    name: &'static str,
    /// The package, for its version.
    package: &'static str,
    /// Its program in the environment.
    program: &'static str,
    /// Arguments; `{port}`, `{grpc}` and `{dir}` are filled in, here and in the environment.
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    /// Its database below the directory.
    database: &'static str,
    /// What a request must say besides.
    headers: &'static [(&'static str, &'static str)],
}

const PEERS: &[Peer] = &[
    Peer {
        name: "Phoenix",
        package: "arize-phoenix",
        program: "phoenix",
        arguments: &["serve"],
        environment: &[
            ("PHOENIX_WORKING_DIR", "{dir}"),
            ("PHOENIX_HOST", "127.0.0.1"),
            ("PHOENIX_PORT", "{port}"),
            ("PHOENIX_GRPC_PORT", "{grpc}"),
            ("PHOENIX_TELEMETRY_ENABLED", "false"),
        ],
        database: "phoenix.db",
        headers: &[],
    },
    Peer {
        name: "MLflow",
        package: "mlflow",
        program: "mlflow",
        arguments: &[
            "server",
            "--host",
            "127.0.0.1",
            "--port",
            "{port}",
            "--backend-store-uri",
            "sqlite:///{dir}/mlflow.db",
            "--default-artifact-root",
            "{dir}/artifacts",
        ],
        environment: &[("MLFLOW_DISABLE_TELEMETRY", "true"), ("DO_NOT_TRACK", "true")],
        database: "mlflow.db",
        headers: &[("x-mlflow-experiment-id", "0")],
    },
];

/// What came of one.
struct Outcome {
    name: String,
    acknowledged: u64,
    stored: u64,
    /// From the first request until everything lay in the database.
    seconds: f64,
}

impl Peers {
    pub(super) async fn run(&self, root: &Path) -> Result<()> {
        println!("machine      {}", super::machine::describe());
        println!(
            "load         {} connections, {} spans a request, {} s, {}",
            self.connections,
            self.batch,
            self.seconds,
            Mix::Chat.describe()
        );
        let mut outcomes = vec![self.ours(root).await.context("this server")?];
        for peer in PEERS {
            let program = self.venv.join("bin").join(peer.program);
            if !program.exists() {
                println!("{:<12} skipped: {} is missing, `pip install {}`", peer.name, program.display(), peer.package);
                continue;
            }
            match self.peer(peer, &program).await {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => println!("{:<12} could not be measured: {error:#}", peer.name),
            }
        }
        println!(
            "\n| | acknowledged spans | stored spans | seconds until stored | stored spans/s |\n|---|--:|--:|--:|--:|"
        );
        for Outcome { name, acknowledged, stored, seconds } in &outcomes {
            println!("| {name} | {acknowledged} | {stored} | {seconds:.1} | {:.0} |", *stored as f64 / seconds);
        }
        Ok(())
    }

    fn load(&self, url: &str, headers: &'static [(&'static str, &'static str)]) -> Load {
        Load {
            url: format!("{url}/v1/traces"),
            connections: self.connections,
            batch: self.batch,
            duration: Duration::from_secs(self.seconds),
            mix: Mix::Chat,
            rate: None,
            headers,
        }
    }

    async fn ours(&self, root: &Path) -> Result<Outcome> {
        let binary = self.bin.clone().map_or_else(|| super::release_binary(root), Ok)?;
        let server = Options::new(&binary)?.start().await?;
        let start = Instant::now();
        let measured = self.load(&server.url(""), &[]).run().await?;
        let stored = u64::try_from(server.count("SELECT count(*) FROM spans").await?)?;
        let seconds = start.elapsed().as_secs_f64();
        server.terminate().await?;
        Ok(Outcome { name: "Pellucid".to_owned(), acknowledged: measured.spans, stored, seconds })
    }

    async fn peer(&self, peer: &Peer, program: &Path) -> Result<Outcome> {
        let dir = tempfile::tempdir()?;
        let (port, grpc) = (free_port()?, free_port()?);
        let fill = |text: &str| {
            let filled = text.replace("{port}", &port.to_string()).replace("{grpc}", &grpc.to_string());
            filled.replace("{dir}", &dir.path().display().to_string())
        };
        let mut command = Command::new(program);
        command.args(peer.arguments.iter().map(|argument| fill(argument)));
        command.envs(peer.environment.iter().map(|(name, value)| (name, fill(value))));
        let log = std::fs::File::create(dir.path().join("bench.log"))?;
        command.current_dir(dir.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.process_group(0);
        let mut running = Running(command.spawn().with_context(|| format!("cannot start {}", program.display()))?);
        let url = format!("http://127.0.0.1:{port}");
        running.ready(&url).await.with_context(|| last_words(dir.path()))?;
        let database = dir.path().join(peer.database);
        let start = Instant::now();
        let measured = self.load(&url, peer.headers).run().await?;
        let (stored, until) = self.drained(&database, measured.spans).await?;
        let name = format!("{} {}", peer.name, self.version(peer.package));
        Ok(Outcome { name, acknowledged: measured.spans, stored, seconds: (until - start).as_secs_f64() })
    }

    /// The spans that lie in a database once nothing more comes, and when the last was there.
    async fn drained(&self, database: &Path, wanted: u64) -> Result<(u64, Instant)> {
        let begun = Instant::now();
        let (mut last, mut since) = (self.count(database)?, Instant::now());
        while last < wanted && since.elapsed() < QUIET {
            ensure!(begun.elapsed() < DRAINED_WITHIN, "it still writes after {} s", DRAINED_WITHIN.as_secs());
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = self.count(database)?;
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        Ok((last, since))
    }

    fn count(&self, database: &Path) -> Result<u64> {
        const ASK: &str = "import sqlite3, sys; \
            print(sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, timeout=60).execute('SELECT count(*) FROM spans').fetchone()[0])";
        self.python(&["-c", ASK, &database.display().to_string()])?.parse().context("no count")
    }

    fn version(&self, package: &str) -> String {
        const ASK: &str = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))";
        self.python(&["-c", ASK, package]).unwrap_or_default()
    }

    fn python(&self, arguments: &[&str]) -> Result<String> {
        let done =
            Command::new(self.venv.join("bin/python")).args(arguments).output().context("cannot start Python")?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }
}

/// A process that ends with the bench.
struct Running(Child);

impl Running {
    /// Waits until somebody answers there.
    async fn ready(&mut self, url: &str) -> Result<()> {
        let client = pellucid_testkit::client()?;
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            if let Some(status) = self.0.try_wait()? {
                bail!("it ended with {status}");
            }
            if client.get(url).send().await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        bail!("it does not answer after {} s", READY_WITHIN.as_secs())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The whole group: its workers are processes of their own.
        let group = format!("-{}", self.0.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().map(drop).unwrap_or_default();
        self.0.wait().map(drop).unwrap_or_default();
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn last_words(dir: &Path) -> String {
    let log = std::fs::read_to_string(dir.join("bench.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
