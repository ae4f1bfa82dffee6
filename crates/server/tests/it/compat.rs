//! Directories of older versions: each opens in this one and answers as the build that wrote it did. How a pair is made
//! stands in `tests/compat/make.py`.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::commands::Process;
use crate::support::*;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn compare(process: &Process, answers: &Json, of: &str) {
    for (question, rows) in answers.as_object().unwrap() {
        let request = client().post(format!("http://{}/api/v1/sql", process.http)).json(&json!({ "query": question }));
        let answer: Json = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(&answer["rows"], rows, "{of}: {question}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn directories_of_every_version_open_and_answer_as_they_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat");
    let versions = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut seen = 0;
    for version in versions {
        let answers: Json = serde_json::from_slice(&fs::read(version.join("answers.json")).unwrap()).unwrap();
        for (name, answers) in answers.as_object().unwrap() {
            let dir = tempfile::tempdir().unwrap();
            let data = dir.path().join("data");
            copy(&version.join(name), &data);
            let of = version.join(name).display().to_string();
            let process = Process::serve(&data, &[]);
            compare(&process, answers, &of).await;
            assert_eq!(process.terminate(), Some(0), "{of}");
            // Written again in the form of today.
            let again = Process::serve(&data, &[]);
            compare(&again, answers, &format!("{of}, once more")).await;
            assert_eq!(again.terminate(), Some(0), "{of}");
            seen += 1;
        }
    }
    assert!(seen >= 2, "no directories to open");
}
