//! A set of OTLP bodies as one: copies merged, records joined, calls counted once. What a server does, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use pellucid_genai::{
    PriceBook, calls_in_logs, content_response_id, enrich, is_content_event, merge, normalise, settle,
};
use pellucid_model::{PricedSpan, ProjectId, RawLog, SpanId, Timestamp, TraceId};
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
        self.rows.into_values().collect()
    }

    /// Records find their span by its id, else by the response id.
    fn join(&mut self) {
        let responses: BTreeMap<String, Key> =
            self.rows.iter().filter_map(|(key, row)| Some((row.span.response_id.clone()?, *key))).collect();
        let mut joined: BTreeMap<Key, Vec<Arc<RawLog>>> = BTreeMap::new();
        for log in &self.logs {
            let by_id = log.trace_id.zip(log.span_id).filter(|key| self.rows.contains_key(key));
            let by_response = content_response_id(log).map(|id| responses.get(id).copied());
            if let Some(key) = by_response.unwrap_or(by_id) {
                joined.entry(key).or_default().push(Arc::clone(log));
            }
        }
        for (key, logs) in joined {
            if let Some(row) = self.rows.get_mut(&key)
                && let Some(enriched) = enrich(row, &logs)
            {
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
