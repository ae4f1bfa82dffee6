//! The process dies under load, or is asked to go: what was acknowledged is there once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::commands::Process;
use crate::support::*;

/// Answers that a server gives before it dies, at least.
const REQUESTS_A_LIFE: u64 = 25;

/// Sends until told to stop or until the server is gone; counts and gives the numbers acknowledged.
async fn load(address: String, next: Arc<AtomicU64>, answered: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> Vec<u64> {
    let client = client();
    let mut acknowledged = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let request = client.post(format!("http://{address}/v1/traces")).header("content-type", PROTOBUF);
        match request.body(trace_protobuf(n)).send().await {
            Ok(response) if response.status() == 200 => {
                answered.fetch_add(1, Ordering::Relaxed);
                acknowledged.push(n);
            }
            Ok(response) => panic!("{}", response.status()),
            Err(_) => break,
        }
    }
    acknowledged
}

/// Waits for so many answers in all, however busy the machine is.
async fn until(answered: &AtomicU64, count: u64) {
    while answered.load(Ordering::Relaxed) < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
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
    let (next, answered) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicU64::new(0)));
    let mut acknowledged = Vec::new();
    for _round in 0..3 {
        let mut process = Process::serve(dir.path(), &[]);
        let before = answered.load(Ordering::Relaxed);
        let one = || load(process.otlp_http.clone(), Arc::clone(&next), Arc::clone(&answered), Arc::default());
        let senders: Vec<_> = (0..4).map(|_| tokio::spawn(one())).collect();
        until(&answered, before + REQUESTS_A_LIFE).await;
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        for sender in senders {
            acknowledged.extend(sender.await.unwrap());
        }
    }
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
    let answered = Arc::new(AtomicU64::new(0));
    let sender = tokio::spawn(load(process.otlp_http.clone(), next, Arc::clone(&answered), Arc::clone(&stop)));
    until(&answered, REQUESTS_A_LIFE).await;
    let start = Instant::now();
    assert_eq!(process.terminate(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    let acknowledged = sender.await.unwrap();

    let again = Process::serve(dir.path(), &[]);
    assert_eq!(stored(&again.http).await.0, acknowledged.len() as u64);
    assert_eq!(again.terminate(), Some(0));
}
