//! A set of OTLP bodies as one: copies merged, records joined, calls counted once. What a server does, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use pellucid_genai::{PriceBook, calls_in_logs, enrich, is_content_event, merge, normalise, settle, telling};
use pellucid_model::{PricedSpan, ProjectId, RawLog, SpanId, SpanSource, Timestamp, TraceId};
use pellucid_otlp::Decoded;

type Key = (TraceId, SpanId);

/// Rows and the records that may join them.
#[derive(Default)]
pub(crate) struct Set {
    rows: BTreeMap<Key, PricedSpan>,
    logs: Vec<Arc<RawLog>>,
}

impl Set {
    /// Takes what one body held.
    pub(crate) fn add(&mut self, decoded: Decoded) {
        let calls = calls_in_logs(&ProjectId::default(), Timestamp::ZERO, &decoded.logs);
        let spans = decoded.spans.into_iter().map(|raw| normalise(&ProjectId::default(), Timestamp::ZERO, raw));
        for span in spans.chain(calls) {
            let row = PriceBook::bundled().price(span);
            let key = (row.span.trace_id, row.span.span_id);
            let row = match self.rows.get(&key) {
                Some(old) => merge(old, row),
                None => row,
            };
            self.rows.insert(key, row);
        }
        self.logs.extend(decoded.logs.into_iter().filter(is_content_event).map(Arc::new));
    }

    /// The rows as they are when everything has arrived.
    pub(crate) fn rows(mut self) -> Vec<PricedSpan> {
        self.join();
        self.settle();
        // Where spans tell of a call, a row made of a record would only be in the way.
        self.rows.into_values().filter(|row| row.span.counts || row.span.source == SpanSource::Span).collect()
    }

    fn join(&mut self) {
        for row in self.rows.values_mut() {
            if let Some(enriched) = enrich(PriceBook::bundled(), row, &telling(&self.logs, row)) {
                *row = enriched;
            }
        }
    }

    fn settle(&mut self) {
        let shared: Vec<Arc<PricedSpan>> = self.rows.values().cloned().map(Arc::new).collect();
        let keys: Vec<Key> = self.rows.keys().copied().collect();
        for (index, counts) in settle(&shared) {
            if let Some(row) = keys.get(index).and_then(|key| self.rows.get_mut(key)) {
                row.span.counts = counts;
            }
        }
    }
}
