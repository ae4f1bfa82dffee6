//! `pellucid normalize`: OTLP request bodies in, canonical spans out. Pure: no store, no clock.
//!
//! All files of one call are one set, as if they had been sent to one server: copies of a span are merged, log events
//! join their spans, and of several rows that tell of one model call one counts.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::sync::Arc;

use pellucid_genai::PriceBook;
use pellucid_model::{Error, ErrorKind, PricedSpan, ProjectId, RawLog, Result, SpanId, SpanSource, Timestamp, TraceId};
use pellucid_otlp::{Encoding, Signal};

use super::import::signal_of_name;
use super::output;
use crate::api::SpanExplanation;
use crate::receive::inflate_file;
use crate::stages::Pipeline;

/// Print what would be stored of OTLP request bodies, one canonical span a line as JSON
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid normalize traces.json
  pellucid normalize 0001-traces.pb 0002-logs.pb
  pellucid normalize --explain traces.json | jq '.explain.columns[] | select(.column == \"input_tokens\")'
  curl -s https://example.org/traces.json | pellucid normalize -

Names ending in .json are JSON, all others protobuf; `logs` or `metrics` in the name tells the signal, otherwise traces
are expected. A JSON body tells its signal itself. gzip and zstd are unpacked.")]
pub(super) struct Args {
    /// Request bodies; - is stdin
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Tell of each column where it comes from, in a column `explain`
    #[arg(long)]
    explain: bool,
}

type Key = (TraceId, SpanId);

pub(super) fn run(args: &Args) -> Result<()> {
    let pipeline = Pipeline::new(Arc::default());
    let mut set = Set::default();
    for file in &args.files {
        set.add(&pipeline, file)?;
    }
    let mut text = String::new();
    let logs = set.logs.clone();
    for row in set.settled() {
        let mut line = pellucid_genai::to_json(&row);
        if args.explain {
            let told = pellucid_genai::explain(&row, &pellucid_genai::telling(&logs, &row));
            line["explain"] = serde_json::to_value(SpanExplanation::from(told)).map_err(|cause| {
                Error::new(ErrorKind::Internal, "an explanation cannot be written").caused_by(cause)
            })?;
        }
        text.push_str(&line.to_string());
        text.push('\n');
    }
    output::print(text.as_bytes())
}

#[derive(Default)]
struct Set {
    order: Vec<Key>,
    spans: BTreeMap<Key, PricedSpan>,
    logs: Vec<Arc<RawLog>>,
}

impl Set {
    fn add(&mut self, pipeline: &Pipeline, file: &str) -> Result<()> {
        let about = |cause: String| Error::new(ErrorKind::Invalid, format!("{file}: {cause}"));
        let body = inflate_file(read(file)?).map_err(|error| about(error.message))?;
        let (signal, encoding) = guess(file, &body);
        let record = Pipeline::record(ProjectId::default(), signal, encoding, Timestamp::ZERO, body);
        let (batch, rejects) = pipeline.run(&record).map_err(|cause| about(cause.to_string()))?;
        if rejects.count > 0 {
            output::note(&format!("{file}: {} left out: {}", rejects.count, rejects.message()));
        }
        for new in batch.spans.into_iter().map(Arc::unwrap_or_clone) {
            let key = (new.span.trace_id, new.span.span_id);
            let merged = match self.spans.get(&key) {
                Some(old) => pellucid_genai::merge(old, new),
                None => {
                    self.order.push(key);
                    new
                }
            };
            self.spans.insert(key, merged);
        }
        self.logs.extend(batch.logs.into_iter().filter(|row| row.content).map(|row| Arc::new(row.log)));
        Ok(())
    }

    /// The rows in the order first seen, joined with their logs and with `counts` decided.
    fn settled(self) -> Vec<PricedSpan> {
        let Self { order, mut spans, logs } = self;
        for row in spans.values_mut() {
            if let Some(enriched) =
                pellucid_genai::enrich(PriceBook::bundled(), row, &pellucid_genai::telling(&logs, row))
            {
                *row = enriched;
            }
        }
        let mut rows: Vec<Arc<PricedSpan>> = order.iter().filter_map(|key| spans.remove(key)).map(Arc::new).collect();
        for (index, counts) in pellucid_genai::settle(&rows) {
            if let Some(row) = rows.get_mut(index) {
                Arc::make_mut(row).span.counts = counts;
            }
        }
        // As in the store: where spans tell of a call, a row made of a record would only be in the way.
        rows.retain(|row| row.span.counts || row.span.source == SpanSource::Span);
        rows.into_iter().map(Arc::unwrap_or_clone).collect()
    }
}

fn read(file: &str) -> Result<Vec<u8>> {
    let fail = |cause: io::Error| Error::new(ErrorKind::Invalid, format!("cannot read {file}")).caused_by(cause);
    if file != "-" {
        return fs::read(file).map_err(fail);
    }
    let mut body = Vec::new();
    io::stdin().lock().read_to_end(&mut body).map_err(fail)?;
    Ok(body)
}

fn guess(file: &str, body: &[u8]) -> (Signal, Encoding) {
    if !body.trim_ascii_start().starts_with(b"{") {
        return (signal_of_name(file.rsplit('/').next().unwrap_or(file)), Encoding::Protobuf);
    }
    let told = String::from_utf8_lossy(body);
    let signal = match ["\"resourceLogs\"", "\"resourceMetrics\""].map(|key| told.contains(key)) {
        [true, _] => Signal::Logs,
        [_, true] => Signal::Metrics,
        _ => Signal::Traces,
    };
    (signal, Encoding::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bodies_tell_what_they_are() {
        assert_eq!(guess("a/0001-logs.pb", b"\x0a"), (Signal::Logs, Encoding::Protobuf));
        assert_eq!(guess("logs/0001.pb", b"\x0a"), (Signal::Traces, Encoding::Protobuf));
        assert_eq!(guess("-", b" {\"resourceLogs\":[]}"), (Signal::Logs, Encoding::Json));
        assert_eq!(guess("x.json", b"{\"resourceSpans\":[]}"), (Signal::Traces, Encoding::Json));
    }
}
