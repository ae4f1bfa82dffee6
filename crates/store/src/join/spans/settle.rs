//! Which rows own their tokens: asked anew of every trace with a changed row, together with the traces that tell of the
//! same responses.
//!
//! Two instrumentations that do not share their context report one call in two traces. What such a trace says elsewhere
//! stays as it is: its other relatives are not looked at.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use pellucid_model::PricedSpan;

use super::{OlderTraces, Plan, response_key, trace_of};
use crate::error::StoreResult;
use crate::join::cache::TraceKey;
use crate::rows::{LookupKey, SpanKey, batch_to_spans};
use crate::snapshot::Table;

/// Stored versions of rows that name one response beyond which the name means nothing and relatives are not looked for:
/// some servers give every answer the same id.
const MAX_NAMESAKES: usize = 64;

impl Plan<'_> {
    /// Learns the traces that tell of the same responses as the touched ones.
    pub(in crate::join) fn load_relatives(&mut self, traces: &mut OlderTraces) -> StoreResult<()> {
        let mut relatives = self.namesakes(self.touched_responses(&self.touched_traces()))?;
        relatives.retain(|key| !self.known.contains_key(key));
        if relatives.is_empty() { Ok(()) } else { self.load_traces_of(traces, relatives.into_iter()) }
    }

    /// Stored spans that name one of these responses.
    pub(in crate::join) fn namesakes(
        &self,
        responses: impl IntoIterator<Item = LookupKey>,
    ) -> StoreResult<BTreeSet<SpanKey>> {
        let (mut relatives, mut in_files) = (BTreeSet::new(), BTreeSet::new());
        for key in responses {
            let older = self.older.count(Table::Spans, key, &self.times)?;
            if self.memory.count_spans(key) + older > MAX_NAMESAKES {
                continue;
            }
            relatives.extend(self.memory.find_spans(key).map(|span| SpanKey::of(span.said())));
            if older > 0 {
                in_files.insert(key);
            }
        }
        if !in_files.is_empty() {
            let in_files = Vec::from_iter(in_files);
            for part in self.older.find(Table::Spans, &in_files, &self.times)? {
                relatives.extend(batch_to_spans(&part.rows)?.iter().map(|row| SpanKey::of(&row.priced)));
            }
        }
        Ok(relatives)
    }

    /// Asks which of the known rows count; those of the traces in `except` stay as they are.
    pub(in crate::join) fn settle(&mut self, except: &BTreeSet<TraceKey>) {
        let traces = self.touched_traces();
        let responses = self.touched_responses(&traces);
        let names_one = |row: &PricedSpan| response_key(row).is_some_and(|key| responses.contains(&key));
        let told: HashSet<TraceKey> = self
            .known
            .iter()
            .filter(|(_, known)| names_one(&known.next.row.priced))
            .map(|(key, _)| trace_of(key))
            .collect();
        let mut family: Vec<_> = self
            .known
            .iter_mut()
            .filter_map(|(key, known)| {
                let trace = trace_of(key);
                let touched = traces.contains(&trace);
                let asked = !except.contains(&trace) && (touched || names_one(&known.next.row.priced));
                (touched || told.contains(&trace)).then_some((asked, known))
            })
            .collect();
        let rows: Vec<Arc<PricedSpan>> = family.iter().map(|(_, known)| Arc::clone(&known.next.row.priced)).collect();
        let verdicts = self.stages.settle(&rows);
        // Nobody else may hold the rows: changing one would copy it.
        drop(rows);
        for (place, counts) in verdicts {
            if let Some((true, known)) = family.get_mut(place) {
                known.next.row.edit().span.counts = counts;
                known.touched = true;
            }
        }
    }

    fn touched_traces(&self) -> HashSet<TraceKey> {
        self.known.iter().filter(|(_, known)| known.touched).map(|(key, _)| trace_of(key)).collect()
    }

    /// The responses that model calls of these traces name, or named before.
    fn touched_responses(&self, traces: &HashSet<TraceKey>) -> HashSet<LookupKey> {
        let of_row = |row: &PricedSpan| response_key(row).filter(|_| row.span.kind.is_model_call());
        let known = self.known.iter().filter(|(key, _)| traces.contains(&trace_of(key)));
        let keys = known.flat_map(|(_, known)| {
            let before = known.stored.as_ref().and_then(|stored| of_row(&stored.row.priced));
            [of_row(&known.next.row.priced), before]
        });
        keys.flatten().collect()
    }
}
