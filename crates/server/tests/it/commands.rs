//! The real binary from a shell's view: output, exit codes, hints.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::*;

const BINARY: &str = env!("CARGO_BIN_EXE_pellucid");

/// A serving process; killed when dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) http: String,
    pub(crate) otlp_http: String,
}

impl Process {
    pub(crate) fn serve(data: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--otlp-http",
                "127.0.0.1:0",
                "--otlp-grpc",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["ready"], true);
        let port = |name: &str| ready[name].as_str().unwrap().to_owned();
        Self { http: port("http"), otlp_http: port("otlp_http"), child }
    }

    /// SIGTERM, and the exit code within ten seconds.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        // The shell's own `kill`: the program of that name is not on every machine.
        Command::new("sh").args(["-c", "kill -TERM $0", &self.child.id().to_string()]).status().unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(BINARY).args(args).stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn help_is_fine_and_mistakes_are_not() {
    for (args, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["serve", "--help"], 0),
        (&["key", "new", "--help"], 0),
        (&["srve"], 2),
        (&["serve", "--lisen", "x"], 2),
        (&["query"], 2),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        let said = if code == 0 { &output.stdout } else { &output.stderr };
        assert!(!said.is_empty(), "{args:?}");
    }
    for command in
        ["serve", "query", "normalize", "unmapped", "check", "prices", "reprice", "renormalize", "audit", "store"]
    {
        assert!(stdout(&run(&[command, "--help"])).contains("Examples:"), "{command}");
    }
}

#[test]
fn it_does_not_open_itself_to_the_world_without_keys() {
    let output = run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("pellucid key new"), "{}", stderr(&output));
}

#[test]
fn a_taken_port_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data").display().to_string();
    let output = run(&["serve", "--listen", &address, "--data", &data]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&address), "{}", stderr(&output));
}

#[test]
fn a_new_key_works_as_printed() {
    let printed = stdout(&run(&["key", "new", "--name", "ci", "--project", "shop"]));
    let (head, table) = printed.split_once("[[auth.keys]]").unwrap();
    let secret = head.lines().find_map(|line| line.strip_prefix("secret: ")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    std::fs::write(&file, format!("[[auth.keys]]{table}")).unwrap();
    let file = file.display().to_string();
    assert_eq!(run(&["check", &file]).status.code(), Some(0));
    assert!(!std::fs::read_to_string(&file).unwrap().contains(secret));

    let process = Process::serve(&dir.path().join("data"), &["--config", &file]);
    let url = format!("http://{}", process.http);
    let ask = |key: &[&str]| run(&[&["query", "--url", &url, "--format", "csv", "SELECT 1 AS one"], key].concat());
    assert_eq!(ask(&[]).status.code(), Some(1));
    assert_eq!(stdout(&ask(&["--key", secret])), "one\n1\n");
}

#[test]
fn check_names_file_line_and_neighbour() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    std::fs::write(&file, "\n[limits]\nquery_secnds = 3\n").unwrap();
    let output = run(&["check", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("p.toml:3: unknown key limits.query_secnds"), "{}", stderr(&output));
    assert!(stderr(&output).contains("limits.query_seconds"), "{}", stderr(&output));
}

#[test]
fn normalize_prints_one_row_a_span() {
    let dir = tempfile::tempdir().unwrap();
    let name = |file: &str| dir.path().join(file).display().to_string();
    std::fs::write(name("1-traces.pb"), trace_protobuf(1)).unwrap();
    std::fs::write(name("2-traces.json"), trace_json(2)).unwrap();
    std::fs::write(name("3-traces.pb"), compress("gzip", &trace_protobuf(1))).unwrap();
    let output = run(&["normalize", &name("1-traces.pb"), &name("2-traces.json"), &name("3-traces.pb")]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let rows: Vec<Json> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2, "the same span twice is one row");
    assert_eq!(rows[0]["trace_id"], hex(&ids(1).0));

    let told = stdout(&run(&["normalize", "--explain", &name("1-traces.pb")]));
    let row: Json = serde_json::from_str(&told).unwrap();
    let columns = row["explain"]["columns"].as_array().unwrap();
    let model = columns.iter().find(|column| column["column"] == "request_model").unwrap();
    assert_eq!((&model["value"], &model["origin"]["name"]), (&row["request_model"], &"gen_ai.request.model".into()));

    let mut child =
        Command::new(BINARY).args(["normalize", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&trace_json(3)).unwrap();
    assert_eq!(stdout(&child.wait_with_output().unwrap()).lines().count(), 1);

    std::fs::write(name("broken.pb"), [0xff; 9]).unwrap();
    assert_eq!(run(&["normalize", &name("broken.pb")]).status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn query_asks_a_server_or_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let process = Process::serve(&data, &[]);
    let request = client().post(format!("http://{}/v1/traces", process.otlp_http)).header("content-type", PROTOBUF);
    assert_eq!(request.body(trace_protobuf(1)).send().await.unwrap().status(), 200);
    let url = format!("http://{}", process.http);
    let query = "SELECT count(*) AS n FROM spans";
    assert_eq!(stdout(&run(&["query", "--url", &url, query])), "n\n─\n1\n1 row\n");
    let json: Json = serde_json::from_str(&stdout(&run(&["query", "--url", &url, "--format", "json", query]))).unwrap();
    assert_eq!(json["rows"][0][0], 1);
    assert!(run(&["query", "--url", &url, "--format", "parquet", query]).stdout.starts_with(b"PAR1"));
    let wrong = run(&["query", "--url", &url, "SELECT x FROM spans"]);
    assert_eq!(wrong.status.code(), Some(1));

    let directory = data.display().to_string();
    let locked = run(&["query", "--data", &directory, query]);
    assert_eq!(locked.status.code(), Some(1), "a directory in use is not read");
    assert_eq!(process.terminate(), Some(0));
    assert_eq!(stdout(&run(&["query", "--data", &directory, "--format", "csv", query])), "n\n1\n");
    assert_eq!(run(&["query", "--data", "/no/such/dir", query]).status.code(), Some(1));
}
