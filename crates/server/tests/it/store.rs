//! `pellucid store` over a directory that the real binary wrote: its state, its damage, its merges.

use std::path::{Path, PathBuf};

use crate::commands::{Process, run};
use crate::support::*;

/// Exit code and everything said.
fn store(command: &str, data: &Path) -> (Option<i32>, String) {
    let output = run(&["store", command, "--data", &data.display().to_string()]);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// The data files of the table of spans.
fn span_files(data: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data.join("data/main/spans")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "parquet")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_told_checked_merged_and_its_damage_named() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for number in 1..=3 {
        let process = Process::serve(&data, &[]);
        let request = client().post(format!("http://{}/v1/traces", process.otlp_http)).header("content-type", PROTOBUF);
        assert_eq!(request.body(trace_protobuf(number)).send().await.unwrap().status(), 200);
        if number == 3 {
            let (code, said) = store("status", &data);
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains("in use by another process"), "{said}");
        }
        assert_eq!(process.terminate(), Some(0));
    }
    let (code, said) = store("status", &data);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.lines().any(|line| line.starts_with("spans") && line.contains("  3  ")), "{said}");
    assert_eq!(store("verify", &data).0, Some(0));

    let (code, said) = store("compact", &data);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("3 files of ") && said.contains(" became 1 of "), "{said}");
    let count = ["query", "--data", &data.display().to_string(), "--format", "csv", "SELECT count(*) AS n FROM spans"];
    assert_eq!(run(&count).stdout, b"n\n3\n");
    let (code, said) = store("verify", &data);
    assert_eq!((code, said.contains("nothing is wrong")), (Some(0), true), "{said}");

    // In the pages of the one file left: found by reading, the footer is whole.
    let file = span_files(&data).pop().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100..140].fill(0xff);
    std::fs::write(&file, &bytes).unwrap();
    let (code, said) = store("verify", &data);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(code == Some(1) && said.contains(name), "{said}");
    // A file that is cut short is left out, and the rest is served.
    std::fs::write(&file, &bytes[..50]).unwrap();
    let (code, said) = store("status", &data);
    assert!(code == Some(0) && said.contains(name), "{said}");
    assert_eq!(run(&count).stdout, b"n\n0\n");
    assert!(file.exists(), "what is damaged is not removed");
}
