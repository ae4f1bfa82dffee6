//! Deletion and retention from outside: the API, the command, what is left in the directory.

use std::path::Path;
use std::time::Duration;

use prost::Message as _;
use serde_json::{Value as Json, json};

use crate::commands::{Process, run};
use crate::support::*;

/// Span `n` of session `session`, which says `words`.
fn told(n: u64, session: &str, words: &str) -> Vec<u8> {
    let mut span = span(n, "chat gpt-4o");
    span.attributes.push(text("session.id", session));
    span.attributes.push(text("gen_ai.prompt", words));
    traces(vec![span]).encode_to_vec()
}

/// A log record of a trace or a session, or of none.
fn log(body: &str, trace: &str, session: &str) -> String {
    let attribute = json!({"key": "session.id", "value": {"stringValue": session}});
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{
        "timeUnixNano": NOON_NS.to_string(), "traceId": trace, "body": {"stringValue": body}, "attributes": [attribute],
    }]}]}]})
    .to_string()
}

async fn order(site: &Site, body: &Json) -> (u16, Json) {
    let answer = site.client.post(site.url("/api/v1/deletions")).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn purged(site: &Site, id: &Json) -> Json {
    for _ in 0..600 {
        let deletion: Json = site.get(&format!("/api/v1/deletions/{id}")).await.json().await.unwrap();
        if deletion["state"] == "purged" {
            return deletion;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("deletion {id} was never purged")
}

/// Whether a file of a directory holds these bytes.
fn holds(dir: &Path, words: &str) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, words);
        }
        std::fs::read(&path).unwrap_or_default().windows(words.len()).any(|window| window == words.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_deleted_when_the_request_is_answered() {
    let site = Site::start().await;
    for (n, session) in [(1, "s-1"), (2, "s-2"), (3, "s-1")] {
        let sent = site.post("/v1/traces", PROTOBUF, told(n, session, "words")).send().await.unwrap();
        assert_eq!(sent.status(), 200);
    }
    // One names a trace, one the session, and two neither.
    for (body, trace, session) in [
        ("a", hex(&ids(1).0), ""),
        ("b", String::new(), "s-1"),
        ("c", hex(&ids(2).0), "s-2"),
        ("d", String::new(), "s-10"),
    ] {
        let sent = site.post("/v1/logs", JSON, log(body, &trace, session)).send().await.unwrap();
        assert_eq!(sent.status(), 200);
    }
    let (status, deletion) = order(&site, &json!({"session_id": "s-1", "reason": "asked for"})).await;
    assert_eq!(status, 202, "{deletion}");
    assert_eq!((&deletion["kind"], &deletion["who"]), (&json!("session"), &json!("local")));
    assert_eq!((&deletion["spans"], &deletion["logs"]), (&json!(2), &json!(2)));
    assert_eq!(site.value("SELECT string_agg(body, '' ORDER BY body) FROM logs").await, "cd");
    assert_ne!(deletion["state"], "accepted");
    assert_eq!(site.value("SELECT count(*) FROM spans").await, 1);
    let done = purged(&site, &deletion["id"]).await;
    assert!(done["subject"].as_str().unwrap().starts_with("blake3:"), "{done}");
    assert_eq!((&done["reason"], &done["problem"]), (&json!("asked for"), &Json::Null));
    let (_, trace) = order(&site, &json!({"trace_id": hex(&ids(2).0)})).await;
    let list: Json = site.get("/api/v1/deletions?limit=1").await.json().await.unwrap();
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["subject"]), (&trace["id"], &json!(hex(&ids(2).0))));
    assert_eq!(list["next_cursor"], trace["id"].to_string());
    purged(&site, &trace["id"]).await;
    assert_eq!(site.value("SELECT count(*) FROM spans").await, 0);
    let state: Json = site.get("/api/v1/status").await.json().await.unwrap();
    assert_eq!(state["store"]["open_deletions"], 0);
    assert_eq!(state["store"]["retention"]["spans_s"], Json::Null);

    for body in
        [json!({}), json!({"trace_id": "x"}), json!({"user_id": ""}), json!({"user_id": "a", "session_id": "b"})]
    {
        let (status, refused) = order(&site, &body).await;
        assert_eq!(status, 400, "{body}: {refused}");
    }
    assert_eq!(site.get("/api/v1/deletions/999").await.status(), 404);
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_waits_until_the_bytes_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let process = Process::serve(&data, &[]);
    for (n, words) in [(1, "a secret of alice"), (2, "a word of bob")] {
        let request = client().post(format!("http://{}/v1/traces", process.otlp_http)).header("content-type", PROTOBUF);
        assert_eq!(request.body(told(n, words, words)).send().await.unwrap().status(), 200);
    }
    assert!(holds(&data, "secret of alice"), "in the log at least");
    let url = format!("http://{}", process.http);
    let trace = hex(&ids(1).0);
    let output = run(&["store", "delete", "--trace", &trace, "--wait", "--url", &url]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("purged, 1 spans"), "{said}");
    assert!(!holds(&data, "secret of alice"));
    assert!(!run(&["store", "delete", "--url", &url]).status.success(), "of what?");
    assert_eq!(process.terminate(), Some(0));
    let count = ["query", "--data", &data.display().to_string(), "--format", "csv", "SELECT count(*) AS n FROM spans"];
    assert_eq!(run(&count).stdout, b"n\n1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_past_their_age_are_gone_after_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let process = Process::serve(&data, &[]);
    let request = client().post(format!("http://{}/v1/traces", process.otlp_http)).header("content-type", PROTOBUF);
    assert_eq!(request.body(trace_protobuf(1)).send().await.unwrap().status(), 200);
    assert_eq!(process.terminate(), Some(0));
    // The span is of a day long past.
    let process = Process::serve(&data, &["--set", "retention.spans=1d"]);
    let status = async || -> Json {
        let answer = client().get(format!("http://{}/api/v1/status", process.http)).send().await.unwrap();
        answer.json().await.unwrap()
    };
    for _ in 0..600 {
        if status().await["store"]["retention"]["last_run"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let store = status().await["store"].clone();
    assert_eq!((&store["retention"]["dropped_rows"], &store["rows"]["spans"]), (&json!(1), &json!(0)), "{store}");
    assert_eq!(process.terminate(), Some(0));
}
