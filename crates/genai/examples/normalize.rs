//! What `pellucid normalize FILE…` does, without the server: canonical spans of OTLP bodies, one a line as JSON.
//!
//! All files of one call are one set. For trying dialects; not part of the product.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use anyhow::Context as _;
use pellucid_genai::{PriceBook, content_response_id, enrich, is_content_event, merge, normalise, settle, to_json};
use pellucid_model::{PricedSpan, ProjectId, RawLog, SpanId, Timestamp, TraceId};
use pellucid_otlp::{Encoding, Signal, decode};

type Key = (TraceId, SpanId);

fn main() -> anyhow::Result<()> {
    let mut rows: BTreeMap<Key, PricedSpan> = BTreeMap::new();
    let mut logs: Vec<Arc<RawLog>> = Vec::new();
    for file in std::env::args().skip(1).filter(|argument| argument != "normalize") {
        let body = std::fs::read(&file).with_context(|| file.clone())?;
        let encoding = if file.ends_with(".json") { Encoding::Json } else { Encoding::Protobuf };
        let signal = if file.contains("-logs.") { Signal::Logs } else { Signal::Traces };
        let decoded = decode(signal, encoding, &body).map_err(|error| anyhow::anyhow!("{file}: {error}"))?;
        for raw in decoded.spans {
            let row = PriceBook::bundled().price(normalise(&ProjectId::default(), Timestamp::ZERO, raw));
            let key = (row.span.trace_id, row.span.span_id);
            let row = match rows.get(&key) {
                Some(old) => merge(old, row),
                None => row,
            };
            rows.insert(key, row);
        }
        logs.extend(decoded.logs.into_iter().filter(is_content_event).map(Arc::new));
    }
    join(&mut rows, &logs);
    settle_all(&mut rows);
    let mut out = std::io::stdout().lock();
    for row in rows.values() {
        writeln!(out, "{}", to_json(row))?;
    }
    Ok(())
}

/// Records find their span by its id, else by the response id.
fn join(rows: &mut BTreeMap<Key, PricedSpan>, logs: &[Arc<RawLog>]) {
    let responses: BTreeMap<String, Key> =
        rows.iter().filter_map(|(key, row)| Some((row.span.response_id.clone()?, *key))).collect();
    let mut joined: BTreeMap<Key, Vec<Arc<RawLog>>> = BTreeMap::new();
    for log in logs {
        let by_id = log.trace_id.zip(log.span_id).filter(|key| rows.contains_key(key));
        let key = by_id.or_else(|| responses.get(content_response_id(log)?).copied());
        joined.entry(key.unwrap_or_else(nowhere)).or_default().push(Arc::clone(log));
    }
    for (key, logs) in joined {
        if let Some(row) = rows.get_mut(&key)
            && let Some(enriched) = enrich(row, &logs)
        {
            *row = enriched;
        }
    }
}

/// A key that no span has.
fn nowhere() -> Key {
    const ONE: u8 = 0xff;
    match (TraceId::from_bytes(&[ONE; 16]), SpanId::from_bytes(&[ONE; 8])) {
        (Ok(trace_id), Ok(span_id)) => (trace_id, span_id),
        _ => unreachable!("these ids are not zero"),
    }
}

fn settle_all(rows: &mut BTreeMap<Key, PricedSpan>) {
    let mut traces: BTreeMap<TraceId, Vec<Key>> = BTreeMap::new();
    for key in rows.keys() {
        traces.entry(key.0).or_default().push(*key);
    }
    for keys in traces.values() {
        let trace: Vec<Arc<PricedSpan>> = keys.iter().filter_map(|key| rows.get(key).cloned().map(Arc::new)).collect();
        for (index, counts) in settle(&trace) {
            if let Some(row) = keys.get(index).and_then(|key| rows.get_mut(key)) {
                row.span.counts = counts;
            }
        }
    }
}
