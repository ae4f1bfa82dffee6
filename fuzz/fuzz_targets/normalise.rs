//! Arbitrary requests all the way: decoded, normalised, priced, joined with the records of the same bytes, settled. Every
//! decoded span is a row, and a row made anew, merged with itself or settled twice is the same row.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pellucid_genai::{PriceBook, calls_in_logs, enrich, is_content_event, merge, normalise, settle, telling, to_json};
use pellucid_model::{PricedSpan, ProjectId, RawLog, Timestamp};
use pellucid_otlp::{Decoded, Encoding, Signal, decode};

fn same(one: &PricedSpan, other: &PricedSpan) {
    // Compared as text: what is no number is equal to nothing.
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

fuzz_target!(|body: &[u8]| {
    let encoding = if body.first() == Some(&b'{') { Encoding::Json } else { Encoding::Protobuf };
    let [spans, _, logs] = Signal::ALL.map(|signal| decode(signal, encoding, body).unwrap_or_default());
    let (Decoded { spans, .. }, Decoded { logs, .. }) = (spans, logs);
    let (project, count) = (ProjectId::default(), spans.len());
    let calls = calls_in_logs(&project, Timestamp::ZERO, &logs);
    let rows = spans.into_iter().map(|raw| normalise(&project, Timestamp::ZERO, raw)).chain(calls);
    let rows: Vec<PricedSpan> = rows.map(|span| PriceBook::bundled().price(span)).collect();
    assert!(rows.len() >= count);
    let logs: Vec<Arc<RawLog>> = logs.into_iter().filter(is_content_event).map(Arc::new).collect();
    let mut joined = Vec::new();
    for row in rows {
        let again = enrich(PriceBook::bundled(), &row, &[]);
        again.iter().for_each(|again| same(again, &row));
        same(&merge(&row, row.clone()), &row);
        let told = telling(&logs, &row);
        let enriched = enrich(PriceBook::bundled(), &row, &told);
        let enriched = enriched.unwrap_or(row);
        let twice = enrich(PriceBook::bundled(), &enriched, &told);
        twice.iter().for_each(|twice| same(twice, &enriched));
        to_json(&enriched);
        joined.push(Arc::new(enriched));
    }
    for (index, counts) in settle(&joined) {
        Arc::make_mut(&mut joined[index]).span.counts = counts;
    }
    assert!(settle(&joined).is_empty());
});
