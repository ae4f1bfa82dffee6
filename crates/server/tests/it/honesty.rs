//! Odd input is kept and says so; secrets reach neither rows nor disk.

use std::path::{Path, PathBuf};

use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value as Json, json};

use crate::commands::Process;
use crate::support::*;

const SECRET: &str = "T0psecret-4f3c2b1a9d8e/7f6a";

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn holds_secret(path: &Path) -> bool {
    std::fs::read(path).unwrap().windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
}

async fn ask(process: &Process, query: &str) -> Json {
    let request = client().post(format!("http://{}/api/v1/sql", process.http)).json(&json!({ "query": query }));
    request.send().await.unwrap().json::<Json>().await.unwrap()["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_reach_no_row_and_no_file_even_before_the_flush() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::serve(dir.path(), &[]);
    let header = text("ai.request.headers.authorization", &format!("Bearer {SECRET}"));
    let odd = Span { attributes: vec![header], ..span(1, "chat") };
    let body = traces(vec![odd]).encode_to_vec();
    let in_json = String::from_utf8(trace_json(2))
        .unwrap()
        .replace("\"chat gpt-4o\"", &format!("\"GET https://h/?api_key={}\"", SECRET.replace('/', "\\/")));
    for (content_type, body) in [(PROTOBUF, body), (JSON, in_json.into_bytes())] {
        let request =
            client().post(format!("http://{}/v1/traces", process.otlp_http)).header("content-type", content_type);
        assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    }
    let rows = "SELECT span_id, name, CAST(attributes AS VARCHAR), flags FROM spans ORDER BY span_id";
    let rows = rows.replace("CAST(attributes AS VARCHAR)", "attributes");
    let live = ask(&process, &rows).await;
    assert_eq!(live.as_array().map(Vec::len), Some(2), "{live}");
    assert!(!live.to_string().contains("T0psecret"), "{live}");
    assert_eq!((&live[0][3], &live[1][3]), (&json!(["secrets_masked"]), &json!(["secrets_masked"])));
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    let files = files_below(dir.path());
    assert!(files.iter().any(|file| file.to_string_lossy().contains("wal")), "{files:?}");
    assert!(!files.iter().any(|file| holds_secret(file)), "a secret is on the disk");

    let process = Process::serve(dir.path(), &[]);
    assert_eq!(ask(&process, &rows).await, live, "what is replayed is what was there");
    assert_eq!(process.terminate(), Some(0));
    assert!(!files_below(dir.path()).iter().any(|file| holds_secret(file)));
}

/// The flags of every row, by span.
async fn flags(site: &Site) -> Vec<(String, Json)> {
    let rows = site.sql("SELECT name, flags FROM spans ORDER BY name").await["rows"].clone();
    let row = |row: &Json| (row[0].as_str().unwrap().to_owned(), row[1].clone());
    rows.as_array().unwrap().iter().map(row).collect()
}

#[tokio::test]
async fn odd_times_and_parents_are_rows_with_a_flag() {
    const YEAR_2099_NS: u64 = 4_070_908_800_000_000_000;
    let site = Site::start().await;
    let at = |n: u64, name: &str, start: u64, end: u64| Span {
        start_time_unix_nano: start,
        end_time_unix_nano: end,
        ..span(n, name)
    };
    let own_parent = Span { parent_span_id: ids(7).1, ..span(7, "g own parent") };
    let body = traces(vec![
        at(1, "a milliseconds", NOON_NS / 1_000_000, NOON_NS / 1_000_000 + 5),
        at(2, "b seconds", NOON_NS / 1_000_000_000, NOON_NS / 1_000_000_000 + 5),
        at(3, "c backwards", NOON_NS, NOON_NS - 5),
        at(4, "d running", NOON_NS, 0),
        at(5, "e never", 0, 0),
        at(6, "f 2099", YEAR_2099_NS, u64::MAX),
        own_parent,
    ]);
    let response = site.post("/v1/traces", PROTOBUF, body.encode_to_vec()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.unwrap().is_empty(), "nothing was rejected");
    let want = [
        ("a milliseconds", json!(["time_unit"])),
        ("b seconds", json!(["time_unit"])),
        ("c backwards", json!(["end_before_start"])),
        ("d running", json!([])),
        ("e never", json!(["start_implausible"])),
        ("f 2099", json!(["start_implausible"])),
        ("g own parent", json!(["own_parent"])),
    ];
    assert_eq!(flags(&site).await, want.map(|(name, flags)| (name.to_owned(), flags)));
    let starts =
        site.value("SELECT count(DISTINCT start_time) FROM spans WHERE name LIKE 'a%' OR name LIKE 'c%'").await;
    assert_eq!(starts, 1, "milliseconds were read as milliseconds");
    for (name, running, complete) in
        [("c backwards", false, true), ("d running", true, false), ("g own parent", false, true)]
    {
        let id = site.value(&format!("SELECT trace_id FROM spans WHERE name = '{name}'")).await;
        let tree: Json = site.get(&format!("/api/v1/traces/{}", id.as_str().unwrap())).await.json().await.unwrap();
        assert_eq!((&tree["spans"][0]["running"], &tree["complete"]), (&json!(running), &json!(complete)), "{name}");
    }
    let today = "/api/v1/traces?view=spans&from=2026-01-31T00:00:00Z&to=2026-02-01T00:00:00Z";
    let listed: Json = site.get(today).await.json().await.unwrap();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(5), "the odd ones do not hide the others");
    site.stop().await;
}

#[tokio::test]
async fn a_field_that_cannot_be_read_costs_itself_alone() {
    let site = Site::start().await;
    let (trace, first) = ids(1);
    let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [
        {"traceId": hex(&trace), "spanId": hex(&first), "name": "odd", "startTimeUnixNano": "soon", "endTimeUnixNano": {},
         "status": "OK", "kind": [], "attributes": [7, {"key": "a", "value": "bare"}, {"key": "b", "value": {"intValue": "x"}},
            {"key": "c", "value": {"stringValue": "kept"}}], "events": [true, {"name": "kept"}]},
        {"traceId": hex(&trace), "spanId": hex(&ids(2).1), "name": "fine"},
        17,
    ]}]}]});
    let response = site.post("/v1/traces", JSON, body.to_string()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer: Json = response.json().await.unwrap();
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "1");
    assert!(answer["partialSuccess"]["errorMessage"].as_str().unwrap().contains("startTimeUnixNano"), "{answer}");
    assert_eq!(site.value("SELECT count(*) FROM spans").await, 2);
    assert_eq!(site.value("SELECT attributes['c'] FROM spans WHERE name = 'odd'").await, "kept");
    assert_eq!(site.value("SELECT attributes['a'] FROM spans WHERE name = 'odd'").await, "bare");
    site.stop().await;
}

#[tokio::test]
async fn a_failed_call_without_tokens_is_not_unpriced() {
    let site = Site::start().await;
    let failed = Span {
        attributes: vec![
            text("gen_ai.operation.name", "chat"),
            text("gen_ai.request.model", "gpt-4o"),
            text("error.type", "429"),
        ],
        ..span(1, "failed")
    };
    let mut unknown = span(2, "unknown model");
    unknown.attributes.retain(|attribute| attribute.key != "gen_ai.request.model");
    unknown.attributes.push(text("gen_ai.request.model", "nobodys-model"));
    let body = traces(vec![failed, unknown, span(3, "priced")]).encode_to_vec();
    assert_eq!(site.post("/v1/traces", PROTOBUF, body).send().await.unwrap().status(), 200);
    let question = json!({"metrics": ["requests", "errors", "unpriced_calls"], "from": "2026-01-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"});
    let answer: Json =
        site.client.post(site.url("/api/v1/query")).json(&question).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["rows"], json!([[3, 1, 1]]));
    assert_eq!(site.value("SELECT sum(unpriced_calls) FROM traces").await, 1);
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_mapped_is_told_by_sender_from_a_server_and_from_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::serve(dir.path(), &[]);
    let with = |n: u64, key: &str| {
        let mut odd = span(n, "chat");
        odd.attributes.push(text(key, "a value"));
        odd.attributes.push(text("my.own.key", "is my own"));
        odd
    };
    let body = traces(vec![with(1, "gen_ai.brand.new"), with(2, "gen_ai.brand.new"), with(3, "llm.odd.7.part")]);
    let request = client().post(format!("http://{}/v1/traces", process.otlp_http)).header("content-type", PROTOBUF);
    assert_eq!(request.body(body.encode_to_vec()).send().await.unwrap().status(), 200);
    let window = "from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z";
    let url = format!("http://{}/api/v1/reports/unmapped?{window}", process.http);
    let report: Json = client().get(&url).send().await.unwrap().json().await.unwrap();
    let [sender] = report["items"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&sender["service_name"], &sender["rows"], &sender["rows_read"]), (&json!("it"), &json!(3), &json!(3)));
    let keys: Vec<(&Json, &Json)> =
        sender["keys"].as_array().unwrap().iter().map(|key| (&key["key"], &key["count"])).collect();
    assert_eq!(keys, [(&json!("gen_ai.brand.new"), &json!(2)), (&json!("llm.odd.*.part"), &json!(1))]);
    assert_eq!(sender["keys"][0]["sample"], "a value");
    assert!(!sender["dialects"].as_array().unwrap().is_empty());
    let empty: Json = client()
        .get(format!(
            "http://{}/api/v1/reports/unmapped?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z",
            process.http
        ))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(empty["items"], json!([]));
    assert_eq!(process.terminate(), Some(0));

    let data = dir.path().display().to_string();
    let times = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-03-01T00:00:00Z"];
    let args = [&["unmapped", "--data", &data], &times[..]].concat();
    let printed = String::from_utf8(crate::commands::run(&args).stdout).unwrap();
    assert!(printed.contains("gen_ai.brand.new") && printed.contains("a value"), "{printed}");
    let args = [&args[..], &["--format", "json"]].concat();
    let json: Json = serde_json::from_slice(&crate::commands::run(&args).stdout).unwrap();
    assert_eq!(json["items"], report["items"]);
}

#[tokio::test]
async fn what_is_not_whole_is_marked_in_lists_trees_and_sums() {
    let site = Site::start().await;
    let mut masked = span(1, "masked");
    masked.attributes.push(text("gen_ai.input.messages", "<REDACTED>"));
    let cut = Span { dropped_attributes_count: 2, ..span(2, "cut") };
    let body = traces(vec![masked, cut, span(3, "whole")]).encode_to_vec();
    assert_eq!(site.post("/v1/traces", PROTOBUF, body).send().await.unwrap().status(), 200);
    let window = "from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z";
    for view in ["calls", "traces", "spans"] {
        let page: Json = site.get(&format!("/api/v1/traces?view={view}&{window}")).await.json().await.unwrap();
        let mut marks: Vec<(String, Json, Json)> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["name"].as_str().unwrap().to_owned(), row["truncated"].clone(), row["redacted"].clone()))
            .collect();
        marks.sort_by(|one, other| one.0.cmp(&other.0));
        let want = [("cut", true, false), ("masked", false, true), ("whole", false, false)];
        assert_eq!(marks, want.map(|(name, cut, masked)| (name.to_owned(), json!(cut), json!(masked))), "{view}");
    }
    for (n, cut, masked) in [(1, false, true), (2, true, false)] {
        let tree: Json = site.get(&format!("/api/v1/traces/{}", hex(&ids(n).0))).await.json().await.unwrap();
        let want = (&json!(cut), &json!(masked));
        assert_eq!((&tree["truncated"], &tree["redacted"]), want);
        assert_eq!((&tree["spans"][0]["truncated"], &tree["spans"][0]["redacted"]), want);
    }
    let question = json!({"metrics": ["truncated_calls", "redacted_calls", "estimated_calls"],
        "from": "2026-01-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"});
    let answer: Json =
        site.client.post(site.url("/api/v1/query")).json(&question).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["rows"], json!([[1, 1, 0]]));
    site.stop().await;
}
