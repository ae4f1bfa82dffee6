//! The demo tells what it means to tell: checked by the pipeline that a server runs.

use std::collections::HashMap;

use bytes::Bytes;
use pellucid_model::{Kind, ProjectId, Status, Timestamp};
use pellucid_otlp::{Encoding, Signal};

use super::*;
use crate::stages::Pipeline;

const NOON: i64 = 1_790_000_000_000_000_000;

#[test]
fn stories_are_whole_traces_that_end_when_they_should() {
    let mut teller = Teller::new(1);
    for _ in 0..200 {
        let story = teller.tell(NOON);
        let roots = story.spans.iter().filter(|span| span.parent.is_none()).count();
        assert_eq!(roots, 1, "{}", story.app);
        let by_id: HashMap<u64, &DemoSpan> = story.spans.iter().map(|span| (span.span_id, span)).collect();
        assert_eq!(by_id.len(), story.spans.len(), "ids are unique");
        assert_eq!(story.spans.iter().map(|span| span.end).max(), Some(NOON));
        for (span, parent) in story.spans.iter().filter_map(|span| Some((span, by_id[&span.parent?]))) {
            assert!(parent.start <= span.start && span.end <= parent.end, "{} leaves {}", span.name, parent.name);
        }
    }
}

#[test]
fn a_seed_always_tells_the_same() {
    let told = |seed| request("app", &Teller::new(seed).tell(NOON).spans);
    assert_eq!(told(7), told(7));
    assert_ne!(told(7), told(8));
}

#[test]
fn the_pipeline_understands_every_story() {
    let mut teller = Teller::new(3);
    let pipeline = Pipeline::new(std::sync::Arc::default());
    let mut kinds: HashMap<Kind, usize> = HashMap::new();
    let (mut calls, mut failed, mut priced, mut unpriced, mut first_tokens) = (0, 0, 0, 0, 0);
    for _ in 0..400 {
        let story = teller.tell(NOON);
        let body = Bytes::from(serde_json::to_vec(&request(story.app, &story.spans)).unwrap());
        let record =
            Pipeline::record(ProjectId::default(), Signal::Traces, Encoding::Json, Timestamp::from_nanos(NOON), body);
        let (batch, rejects) = pipeline.run(&record).unwrap();
        assert_eq!((batch.spans.len(), rejects.count), (story.spans.len(), 0));
        for row in &batch.spans {
            *kinds.entry(row.span.kind).or_default() += 1;
            if row.span.kind != Kind::Llm {
                continue;
            }
            calls += 1;
            failed += usize::from(row.span.status == Status::Error);
            first_tokens += usize::from(row.span.ttft_ns.is_some());
            assert!(row.span.content.input_messages.is_some());
            if row.span.status != Status::Error {
                let own = row.span.request_model.as_deref() == Some("acme-private-7b");
                assert_eq!(row.cost.total.is_none(), own, "{:?}", row.span.request_model);
                priced += usize::from(!own);
                unpriced += usize::from(own);
            }
        }
    }
    for kind in [Kind::Llm, Kind::Embedding, Kind::VectorDb, Kind::Tool, Kind::Agent] {
        assert!(kinds.get(&kind).is_some_and(|count| *count > 10), "{kind:?}: {kinds:?}");
    }
    assert!(failed > 5 && failed < calls / 10, "{failed} of {calls} failed");
    assert!(priced > calls / 2 && unpriced > 5 && first_tokens > calls / 3, "{priced} {unpriced} {first_tokens}");
}
