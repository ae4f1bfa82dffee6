//! Data in and out by the real binary: import, export, backup and restore, with a server and without one.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::commands::{Process, run};
use crate::support::*;

/// Exit code, stdout, stderr.
fn pellucid(args: &[&str]) -> (Option<i32>, String, String) {
    let output = run(args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Bodies in every form: 2 spans as protobuf, 3 in lines of a compressed file, a log record, a point; and a line that broke off.
fn dump(folder: &Path) {
    fs::create_dir_all(folder.join("more")).unwrap();
    let spans = traces(vec![span(1, "one"), span(2, "two")]);
    fs::write(folder.join("0001-traces.pb"), prost::Message::encode_to_vec(&spans)).unwrap();
    let mut lines = Vec::new();
    for number in 3..6 {
        lines.extend(trace_json(number));
        lines.push(b'\n');
    }
    lines.extend_from_slice(b"{\"resourceSpans\":[{\"scopeSpans\":[");
    fs::write(folder.join("more/collector.jsonl.zst"), compress("zstd", &lines)).unwrap();
    fs::write(folder.join("more/0001-logs.pb.gz"), compress("gzip", &log_protobuf(1))).unwrap();
    fs::write(folder.join("more/0002-metrics.pb"), metric_protobuf(1)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_imported_can_be_exported_backed_up_and_restored() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| shown(&dir.path().join(name));
    let (data, dumped) = (at("data"), at("dump"));
    dump(Path::new(&dumped));
    for _ in 0..2 {
        let (code, out, err) = pellucid(&["store", "import", &dumped, "--data", &data]);
        assert_eq!(code, Some(1), "a line broke off: {out}{err}");
        assert!(out.contains("4 files, 6 bodies: 7 records accepted, 0 rejected"), "{out}");
        assert!(err.contains("collector.jsonl.zst:4 breaks off"), "{err}");
    }
    let count = |data: &str| {
        let sql = "SELECT (SELECT count(*) FROM spans) AS s, (SELECT count(*) FROM logs) AS l, (SELECT count(*) FROM metrics) AS m";
        pellucid(&["query", "--data", data, "--format", "csv", sql]).1
    };
    assert_eq!(count(&data), "s,l,m\n5,1,1\n", "once, however often it was imported");

    let lines = at("spans.jsonl");
    let (code, _, err) = pellucid(&["store", "export", "--data", &data, "--output", &lines]);
    assert_eq!(code, Some(0), "{err}");
    let exported = fs::read_to_string(&lines).unwrap();
    let rows: Vec<Json> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 5);
    // The very lines of `normalize`, but for the moment at which they were taken.
    let printed = pellucid(&["normalize", &shown(&Path::new(&dumped).join("0001-traces.pb"))]).1;
    let known = |row: &Json| (row["trace_id"].clone(), row["span_id"].clone());
    for line in printed.lines() {
        let mut want: Json = serde_json::from_str(line).unwrap();
        let mut row = rows.iter().find(|row| known(row) == known(&want)).unwrap().clone();
        want["received_at"] = Json::Null;
        row["received_at"] = Json::Null;
        assert_eq!(row, want);
    }
    let export = |more: &[&str]| {
        let args = [&["store", "export", "--data", &data, "--output", "-"], more].concat();
        pellucid(&args)
    };
    assert_eq!(export(&["--where", "name = 'one' OR name = 'two'"]).1.lines().count(), 2);
    assert_eq!(export(&["--until", "2000-01-01"]).1, "");
    assert_eq!(export(&["--table", "logs"]).1.lines().count(), 1);
    for wrong in [&["--where", "true) OR (true"][..], &["--where", "no_such_column = 1"], &["--table", "nothing"]] {
        assert_eq!(export(wrong).0, Some(1), "{wrong:?}");
    }

    let (backup, restored) = (at("backup"), at("restored"));
    for nothing_new in [false, true] {
        let (code, out, err) = pellucid(&["store", "backup", &backup, "--data", &data]);
        assert_eq!(code, Some(0), "{out}{err}");
        assert_eq!(out.contains(" 0 of 0 bytes are new"), nothing_new, "{out}");
    }
    let (code, out, _) = pellucid(&["store", "verify", "--backup", &backup]);
    assert!(code == Some(0) && out.contains("nothing is wrong"), "{out}");
    let (code, out, err) = pellucid(&["store", "restore", &backup, "--data", &restored]);
    assert!(code == Some(0) && out.contains("nothing is wrong"), "{out}{err}");
    assert_eq!(count(&restored), count(&data));
    assert_eq!(pellucid(&["store", "restore", &backup, "--data", &restored]).0, Some(1), "it is not empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_takes_and_gives_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| shown(&dir.path().join(name));
    let (dumped, backup) = (at("dump"), at("backup"));
    dump(Path::new(&dumped));
    let config = at("pellucid.toml");
    fs::write(&config, format!("[store]\nbackup_dir = {backup:?}\n")).unwrap();
    let process = Process::serve(&dir.path().join("data"), &["--config", &config]);
    let url = format!("http://{}", process.http);
    let (code, out, err) = pellucid(&["store", "import", &dumped, "--url", &url]);
    assert_eq!(code, Some(1), "a line broke off: {out}{err}");
    assert!(out.contains("4 files, 6 bodies: 7 records accepted, 0 rejected"), "{out}{err}");

    let file = at("spans.parquet");
    let (code, out, err) = pellucid(&["store", "export", "--url", &url, "--output", &file]);
    assert_eq!(code, Some(0), "{out}{err}");
    let bytes = fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let lines = pellucid(&["store", "export", "--url", &url, "--output", "-", "--where", "name = 'two'"]);
    assert_eq!(lines.1.lines().count(), 1, "{}", lines.2);

    let (code, out, err) = pellucid(&["store", "backup", "--url", &url]);
    assert!(code == Some(0) && out.contains(&backup), "{out}{err}");
    assert_eq!(pellucid(&["store", "backup", &backup, "--url", &url]).0, Some(2), "a server has its own folder");
    // Locked, while the server runs.
    assert_eq!(pellucid(&["store", "backup", &backup, "--data", &at("data")]).0, Some(1));
    assert_eq!(process.terminate(), Some(0));
    let restored = at("restored");
    assert_eq!(pellucid(&["store", "restore", &backup, "--data", &restored]).0, Some(0));
    let sql = ["query", "--data", &restored, "--format", "csv", "SELECT count(*) AS n FROM spans"];
    assert_eq!(pellucid(&sql).1, "n\n5\n");

    // Without a folder in the configuration there is nothing to write to.
    let process = Process::serve(Path::new(&restored), &[]);
    let (code, _, err) = pellucid(&["store", "backup", "--url", &format!("http://{}", process.http)]);
    assert!(code == Some(1) && err.contains("backup_dir"), "{err}");
    assert_eq!(process.terminate(), Some(0));
}
