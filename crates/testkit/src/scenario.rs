//! Scenarios: a file says which bodies are sent and what SQL must answer then. Every `*.toml` of a folder is run against
//! a server of its own, as it is, after everything was sent once more, and after a restart: three times the same answer.
//!
//! ```toml
//! about = "a call and its log record, sent apart, are one row"
//! [[send]]
//! path = "/otel/v1/traces"          # content type by the file's ending: json or pb
//! file = "kimi-traces.json"         # beside the scenario, or `body = '''…'''` in place
//! [[expect]]
//! sql = "SELECT request_model, counts FROM spans"
//! rows = [["moonshot-v1-8k", true]]
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::server::Server;

/// One scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    about: String,
    send: Vec<Send>,
    expect: Vec<Expect>,
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    path: String,
    file: Option<PathBuf>,
    body: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    sql: String,
    rows: Vec<Vec<Value>>,
}

/// Runs every scenario below `folder` against `binary` and says how many there were.
pub async fn run_all(binary: &Path, folder: &Path) -> Result<usize> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    for file in &files {
        let scenario = Scenario::read(file)?;
        scenario.run(binary).await.with_context(|| format!("{}: {}", file.display(), scenario.about))?;
    }
    Ok(files.len())
}

impl Scenario {
    /// Reads one file.
    pub fn read(file: &Path) -> Result<Scenario> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let mut scenario: Scenario = toml::from_str(&text).with_context(|| file.display().to_string())?;
        scenario.folder = file.parent().context("a file lies in a folder")?.to_owned();
        Ok(scenario)
    }

    /// Runs it against a server of its own.
    pub async fn run(&self, binary: &Path) -> Result<()> {
        let server = Server::start(binary).await?;
        self.send(&server).await?;
        self.expect(&server).await?;
        self.send(&server).await?;
        self.expect(&server).await.context("after sending all of it again")?;
        let server = server.kill().await?.start().await?;
        self.expect(&server).await.context("after a kill and a restart")?;
        let stopped = server.terminate().await?;
        ensure!(stopped.status.success(), "after SIGTERM: {}", stopped.status);
        Ok(())
    }

    async fn send(&self, server: &Server) -> Result<()> {
        for send in &self.send {
            let binary = send.file.as_ref().is_some_and(|file| file.extension().is_some_and(|ending| ending == "pb"));
            let content_type = if binary { "application/x-protobuf" } else { "application/json" };
            let (status, answer) = server.post(&send.path, content_type, self.body(send)?).await?;
            ensure!(status == 200, "{status} from {}: {}", send.path, String::from_utf8_lossy(&answer));
        }
        Ok(())
    }

    fn body(&self, send: &Send) -> Result<Vec<u8>> {
        match (&send.file, &send.body) {
            (Some(file), None) => fs::read(self.folder.join(file)).with_context(|| file.display().to_string()),
            (None, Some(body)) => Ok(body.clone().into_bytes()),
            _ => anyhow::bail!("a send has either a file or a body"),
        }
    }

    async fn expect(&self, server: &Server) -> Result<()> {
        for expect in &self.expect {
            let answer = server.sql(&expect.sql).await?;
            ensure!(
                answer.rows() == expect.rows,
                "{}\n  expected {:?}\n  got      {:?}",
                expect.sql,
                expect.rows,
                answer.rows()
            );
        }
        Ok(())
    }
}
