//! The process dies under load, or is asked to go: what was acknowledged is there once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::commands::Process;
use crate::support::*;

/// Sends until told to stop or until the server is gone; gives the numbers acknowledged.
async fn load(address: String, next: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> Vec<u64> {
    let client = client();
    let mut acknowledged = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let request = client.post(format!("http://{address}/v1/traces")).header("content-type", PROTOBUF);
        match request.body(trace_protobuf(n)).send().await {
            Ok(response) if response.status() == 200 => acknowledged.push(n),
            Ok(response) => panic!("{}", response.status()),
            Err(_) => break,
        }
    }
    acknowledged
}

async fn stored(address: &str) -> (u64, BTreeSet<String>) {
    let request = client().post(format!("http://{address}/api/v1/sql"));
    let body = json!({"query": "SELECT span_id FROM spans", "limit": 100_000});
    let answer: Json = request.json(&body).send().await.unwrap().json().await.unwrap();
    let rows = answer["rows"].as_array().unwrap();
    let ids = rows.iter().map(|row| row[0].as_str().unwrap().to_owned());
    (rows.len() as u64, ids.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_under_load_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let (next, mut acknowledged) = (Arc::new(AtomicU64::new(1)), Vec::new());
    for _round in 0..3 {
        let mut process = Process::serve(dir.path(), &[]);
        let senders: Vec<_> =
            (0..4).map(|_| tokio::spawn(load(process.otlp_http.clone(), Arc::clone(&next), Arc::default()))).collect();
        tokio::time::sleep(Duration::from_millis(400)).await;
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        for sender in senders {
            acknowledged.extend(sender.await.unwrap());
        }
    }
    assert!(acknowledged.len() > 20, "only {} requests in all", acknowledged.len());
    let process = Process::serve(dir.path(), &[]);
    let (rows, ids_found) = stored(&process.http).await;
    assert_eq!(rows, ids_found.len() as u64, "a span is there twice");
    let lost = acknowledged.iter().filter(|n| !ids_found.contains(&hex(&ids(**n).1))).count();
    assert_eq!(lost, 0, "of {} acknowledged", acknowledged.len());
    process.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_finishes_flushes_and_exits_0() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::serve(dir.path(), &[]);
    let (next, stop) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicBool::new(false)));
    let sender = tokio::spawn(load(process.otlp_http.clone(), next, Arc::clone(&stop)));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let start = Instant::now();
    assert_eq!(process.terminate(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    let acknowledged = sender.await.unwrap();

    let again = Process::serve(dir.path(), &[]);
    assert_eq!(stored(&again.http).await.0, acknowledged.len() as u64);
    assert_eq!(again.terminate(), Some(0));
}
