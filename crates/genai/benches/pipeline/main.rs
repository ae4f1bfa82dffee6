//! What a span costs on its way: decode, normalise, price, and all three, for four shapes of traffic; beside it the limits
//! of the same bytes on the same machine: copying them, and parsing the JSON texts among them once.
//!
//! `cargo bench -p pellucid-genai`. Times are those of the processor, so that other work on the machine counts little. As
//! a test each shape runs once on a few spans.

mod traffic;

use std::fs;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use pellucid_genai::{PriceBook, normalise};
use pellucid_model::{PricedSpan, ProjectId, RawSpan, Span, Timestamp};
use pellucid_otlp::{Encoding, Signal, decode};

use traffic::{SHAPES, Traffic};

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Spans of one round; an agent's are fifty times as long as plain ones.
const SPANS: &[(&str, usize)] = &[("plain", 10_000), ("chat", 10_000), ("rag", 10_000), ("agent", 1_000)];
/// Spans of a smoke run, which is not optimised.
const SMOKE_SPANS: usize = 96;
/// Rounds of which the fastest is told: what disturbs only ever slows.
const ROUNDS: usize = 9;
const NS_PER_S: f64 = 1e9;

/// Time this thread was on a processor, in nanoseconds; where the system does not tell, the time that passed.
fn busy_ns(since: Instant) -> u64 {
    // The system counts at its ticks, and when a thread steps aside.
    std::thread::yield_now();
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_processor = told.and_then(|text| text.split(' ').next()?.parse().ok());
    on_processor.unwrap_or_else(|| since.elapsed().as_nanos() as u64)
}

/// The fastest of some rounds, in nanoseconds. What a round needs is made before its clock starts, what it gives is
/// dropped after its clock has stopped.
fn fastest<T, R>(rounds: usize, mut prepare: impl FnMut() -> T, mut run: impl FnMut(T) -> R) -> f64 {
    let since = Instant::now();
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let input = prepare();
        let start = busy_ns(since);
        let given = black_box(run(black_box(input)));
        best = best.min((busy_ns(since) - start) as f64);
        drop(given);
    }
    best
}

fn decoded(bodies: &[Vec<u8>]) -> Vec<RawSpan> {
    let decoded = |body: &Vec<u8>| decode(Signal::Traces, Encoding::Protobuf, body).map(|all| all.spans);
    bodies.iter().flat_map(|body| decoded(body).unwrap_or_default()).collect()
}

fn normalised(project: &ProjectId, raw: Vec<RawSpan>) -> Vec<Span> {
    raw.into_iter().map(|raw| normalise(project, Timestamp::ZERO, raw)).collect()
}

fn priced(spans: Vec<Span>) -> Vec<PricedSpan> {
    spans.into_iter().map(|span| PriceBook::bundled().price(span)).collect()
}

/// One stage over all bodies of a shape, in nanoseconds.
type Stage = (&'static str, f64);

fn stages(traffic: &Traffic, rounds: usize) -> Vec<Stage> {
    let project = ProjectId::default();
    let bodies = &traffic.bodies;
    let raw = decoded(bodies);
    let spans = normalised(&project, raw.clone());
    vec![
        ("decode", fastest(rounds, || (), |()| decoded(bodies))),
        ("normalise", fastest(rounds, || raw.clone(), |raw| normalised(&project, raw))),
        ("price", fastest(rounds, || spans.clone(), priced)),
        // One body after the other, dropped before the next: what a core does with a stream of requests.
        (
            "together",
            fastest(
                rounds,
                || (),
                |()| {
                    for body in bodies {
                        black_box(priced(normalised(&project, decoded(std::slice::from_ref(body)))));
                    }
                },
            ),
        ),
        (
            "limit: copy",
            fastest(
                rounds,
                || Vec::with_capacity(1 << 26),
                |mut room: Vec<u8>| {
                    for body in bodies {
                        room.clear();
                        room.extend_from_slice(black_box(body));
                    }
                    room
                },
            ),
        ),
        (
            "limit: JSON to values",
            fastest(
                rounds,
                || (),
                |()| {
                    for text in &traffic.texts {
                        black_box(serde_json::from_str::<serde_json::Value>(text).ok());
                    }
                },
            ),
        ),
        (
            "limit: JSON skipped",
            fastest(
                rounds,
                || (),
                |()| {
                    for text in &traffic.texts {
                        black_box(serde_json::from_str::<&serde_json::value::RawValue>(text).ok());
                    }
                },
            ),
        ),
    ]
}

fn shown(traffic: &Traffic, stages: &[Stage]) -> String {
    let (spans, bytes) = (traffic.spans as f64, traffic.bytes() as f64);
    let text_bytes: usize = traffic.texts.iter().map(String::len).sum();
    let mut text = format!(
        "{}: {} spans of {:.0} bytes, {:.0} of them JSON text\n",
        traffic.name,
        traffic.spans,
        bytes / spans,
        text_bytes as f64 / spans
    );
    for (stage, ns) in stages {
        let (per_s, mb) = (spans / ns * NS_PER_S, bytes / 1e6 / ns * NS_PER_S);
        text += &format!(
            "  {stage:<22} {:>9.2} ms a 10k spans {per_s:>12.0} spans/s {mb:>9.0} MB/s\n",
            ns / 1e6 / spans * 1e4
        );
    }
    text
}

fn run(name: &str, smoke: bool) -> Option<String> {
    let (name, make) = SHAPES.iter().find(|(known, _)| *known == name)?;
    let (_, spans) = SPANS.iter().find(|(known, _)| known == name)?;
    let traffic = Traffic::new(name, *make, if smoke { SMOKE_SPANS } else { *spans });
    Some(shown(&traffic, &stages(&traffic, if smoke { 1 } else { ROUNDS })))
}

/// As a test runner asks (`--list`, `--exact NAME`), or as `cargo bench` does, perhaps with names of shapes.
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let names = || SHAPES.iter().map(|(name, _)| *name);
    let mut out = String::new();
    if has("--list") {
        if !has("--ignored") {
            names().for_each(|name| out += &format!("{name}: test\n"));
        }
    } else {
        let asked: Vec<&str> = names().filter(|name| has(name)).collect();
        let asked = if asked.is_empty() { names().collect() } else { asked };
        asked.into_iter().filter_map(|name| run(name, !has("--bench"))).for_each(|text| out += &text);
    }
    match std::io::Write::write_all(&mut std::io::stdout(), out.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
