//! The real binary as a child process: started on free ports, waited for, asked, killed, stopped, started again.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::rows::Rows;

/// Recovery of a large log may take a while on a busy machine; a hang should still fail the test.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// The contract gives ten seconds after SIGTERM; the rest is for a busy machine.
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// How to start a server. `Options::new(binary)` gives a fresh directory and free ports on loopback.
#[derive(Debug, Clone)]
pub struct Options {
    binary: PathBuf,
    data: Arc<DataDir>,
    args: Vec<String>,
}

#[derive(Debug)]
enum DataDir {
    Own(TempDir),
    Given(PathBuf),
}

impl Options {
    /// A server run from `binary` on a directory that goes with the last of its users.
    pub fn new(binary: impl Into<PathBuf>) -> Result<Options> {
        let dir = tempfile::Builder::new().prefix("pellucid-test-").tempdir().context("no temporary directory")?;
        Ok(Options { binary: binary.into(), data: Arc::new(DataDir::Own(dir)), args: Vec::new() })
    }

    /// The same on a directory that stays.
    pub fn on(binary: impl Into<PathBuf>, data: impl Into<PathBuf>) -> Options {
        Options { binary: binary.into(), data: Arc::new(DataDir::Given(data.into())), args: Vec::new() }
    }

    /// One more argument of `pellucid serve`.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Options {
        self.args.push(arg.into());
        self
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        match &*self.data {
            DataDir::Own(dir) => dir.path().join("data"),
            DataDir::Given(path) => path.clone(),
        }
    }

    /// Starts the server and waits until it says that it is ready.
    pub async fn start(self) -> Result<Server> {
        let mut child = Command::new(&self.binary)
            .arg("serve")
            .arg("--data")
            .arg(self.data())
            .args(["--listen", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0"])
            .args(&self.args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let mut stdout = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let ready = timeout(READY_WITHIN, ready_line(&mut stdout)).await.context("no ready line in time")??;
        Ok(Server { child, _stdout: stdout, ready, options: self, client: client()? })
    }
}

async fn ready_line(stdout: &mut Lines<BufReader<ChildStdout>>) -> Result<Ready> {
    while let Some(line) = stdout.next_line().await? {
        if let Ok(ready) = serde_json::from_str::<Ready>(&line) {
            ensure!(ready.ready, "the first JSON line says that it is not ready: {line}");
            return Ok(ready);
        }
    }
    bail!("it ended before it was ready; its reason stands on stderr")
}

#[derive(Debug, Deserialize)]
struct Ready {
    ready: bool,
    http: String,
    otlp_http: String,
    otlp_grpc: String,
}

/// A running server. Dropping it kills the process.
#[derive(Debug)]
pub struct Server {
    child: Child,
    // Kept open, for a closed pipe would be an error to whoever writes to it.
    _stdout: Lines<BufReader<ChildStdout>>,
    ready: Ready,
    options: Options,
    client: reqwest::Client,
}

/// What is left of a server that no longer runs: its directory.
#[derive(Debug)]
pub struct Stopped {
    options: Options,
    /// How the process ended.
    pub status: ExitStatus,
}

impl Stopped {
    /// Starts again on the same data.
    pub async fn start(self) -> Result<Server> {
        self.options.start().await
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.options.data()
    }
}

impl Server {
    /// Starts `binary` on a fresh directory.
    pub async fn start(binary: impl Into<PathBuf>) -> Result<Server> {
        Options::new(binary)?.start().await
    }

    /// An address on the port that serves everything over HTTP.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.ready.http)
    }

    /// `host:port` of the port for OTLP over HTTP alone.
    pub fn otlp_http(&self) -> &str {
        &self.ready.otlp_http
    }

    /// `host:port` of the port for OTLP over gRPC.
    pub fn otlp_grpc(&self) -> &str {
        &self.ready.otlp_grpc
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.options.data()
    }

    /// The process.
    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("the server has ended")
    }

    /// Sends one OTLP body to `path` (`/v1/traces`, `/otel/v1/logs`, …) and gives the status and the answer.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Result<(u16, Vec<u8>)> {
        let request = self.client.post(self.url(path)).header("content-type", content_type).body(body);
        let answer = request.send().await.with_context(|| format!("POST {path}"))?;
        Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
    }

    /// Asks the API for JSON.
    pub async fn get(&self, path: &str) -> Result<(u16, serde_json::Value)> {
        let answer = self.client.get(self.url(path)).send().await.with_context(|| format!("GET {path}"))?;
        Ok((answer.status().as_u16(), answer.json().await.with_context(|| format!("GET {path}"))?))
    }

    /// Asks a SQL question; an answer other than 200 is an error.
    pub async fn sql(&self, query: &str) -> Result<Rows> {
        let answer = self.client.post(self.url("/api/v1/sql")).json(&json!({ "query": query })).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{status} to {query:?}: {text}");
        serde_json::from_str(&text).with_context(|| format!("not rows: {text}"))
    }

    /// The one number that a SQL question asks for.
    pub async fn count(&self, query: &str) -> Result<i64> {
        self.sql(query).await?.only()?.as_i64().context("not a whole number")
    }

    /// Kills the process in the middle of whatever it does.
    pub async fn kill(mut self) -> Result<Stopped> {
        self.child.start_kill()?;
        self.wait().await
    }

    /// Asks the process to end (SIGTERM) and waits until it has.
    pub async fn terminate(self) -> Result<Stopped> {
        // The shell's own `kill`: the program of that name is not on every machine.
        let asked = Command::new("sh").args(["-c", "kill -TERM $0", &self.pid()?.to_string()]).status().await?;
        ensure!(asked.success(), "kill -TERM failed");
        self.wait().await
    }

    async fn wait(mut self) -> Result<Stopped> {
        let status = timeout(STOPPED_WITHIN, self.child.wait()).await.context("it does not end")??;
        Ok(Stopped { options: self.options.clone(), status })
    }
}

/// An HTTP client that works without further setup.
pub fn client() -> Result<reqwest::Client> {
    // Another test of this process may have installed the provider already; that one serves as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    Ok(reqwest::Client::builder().no_proxy().timeout(ANSWERED_WITHIN).build()?)
}
