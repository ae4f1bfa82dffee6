//! Who sends while the server lives: some connections, each with one request after the other until nobody answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use pellucid_testkit::{Server, client};
use prost::Message as _;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;

use super::ledger::{Call, Ledger, MODEL};

/// Calls in a request.
const BATCH: std::ops::Range<usize> = 1..40;
/// Of so many requests one sends again what was sent before.
const AGAIN_EVERY: u32 = 4;
/// Calls of one trace.
const TRACE_CALLS: u64 = 5;
const SECOND_NS: u64 = 1_000_000_000;

/// Connections at work.
pub(super) struct Senders {
    tasks: JoinSet<Result<()>>,
    stop: Arc<AtomicBool>,
}

/// Starts sending to a server.
pub(super) fn start(server: &Server, ledger: &Arc<Ledger>, connections: usize, seed: u64) -> Senders {
    let (mut tasks, stop) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
    for number in 0..connections {
        let (url, ledger, stop) = (server.url("/v1/traces"), Arc::clone(ledger), Arc::clone(&stop));
        tasks.spawn(send(url, ledger, stop, SmallRng::seed_from_u64(seed ^ number as u64)));
    }
    Senders { tasks, stop }
}

impl Senders {
    /// Ends them; the server is gone already.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended??;
        }
        Ok(())
    }
}

async fn send(url: String, ledger: Arc<Ledger>, stop: Arc<AtomicBool>, mut dice: SmallRng) -> Result<()> {
    let client = client()?;
    while !stop.load(Ordering::Relaxed) {
        let count = dice.random_range(BATCH);
        let mut calls = Vec::new();
        if dice.random_ratio(1, AGAIN_EVERY) {
            let places: Vec<u64> = (0..count).map(|_| dice.random()).collect();
            calls = ledger.again(&places, dice.random());
        }
        if calls.is_empty() {
            calls = ledger.more(count);
        }
        let request = client.post(&url).header("content-type", "application/x-protobuf").body(body(&calls));
        // Without an answer the calls may be stored or not.
        let Ok(answer) = request.send().await else { break };
        match answer.status().as_u16() {
            200 => ledger.acknowledge(&calls),
            429 | 503 => {}
            other => bail!("the server answers {other}"),
        }
    }
    Ok(())
}

fn body(calls: &[Call]) -> Vec<u8> {
    let spans = calls.iter().map(|call| span(*call)).collect();
    let resource = Resource { attributes: vec![text("service.name", "crash")], ..Resource::default() };
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    let resource_spans = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }.encode_to_vec()
}

/// A newer version ends later. The start is the same in all.
fn span(call: Call) -> Span {
    let start = today_ns() + call.number * 1000;
    let question = format!("{} 退款怎么办? {}", "the same words in front, ".repeat(20), call.number);
    Span {
        trace_id: u128::from(1 + call.number / TRACE_CALLS).to_be_bytes().to_vec(),
        span_id: call.span_id().to_vec(),
        name: "chat".to_owned(),
        kind: 3,
        start_time_unix_nano: start,
        end_time_unix_nano: start + (1 + u64::from(call.version)) * SECOND_NS,
        attributes: vec![
            text("gen_ai.operation.name", "chat"),
            text("gen_ai.provider.name", "openai"),
            text("gen_ai.request.model", MODEL),
            number("gen_ai.usage.input_tokens", call.input_tokens()),
            number("gen_ai.usage.output_tokens", call.output_tokens()),
            text(
                "gen_ai.input.messages",
                &format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{question}"}}]}}]"#),
            ),
        ],
        ..Span::default()
    }
}

/// A moment that stays the same for a run, at midnight apart.
fn today_ns() -> u64 {
    const DAY_S: u64 = 86_400;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    (now - now % DAY_S) * SECOND_NS
}

fn text(key: &str, content: &str) -> KeyValue {
    value(key, Value::StringValue(content.to_owned()))
}

fn number(key: &str, number: i64) -> KeyValue {
    value(key, Value::IntValue(number))
}

fn value(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}
