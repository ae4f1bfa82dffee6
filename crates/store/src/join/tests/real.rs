//! The stages of the product: what the server gives the store, without its log.

use std::sync::Arc;

use pellucid_genai::{
    PriceBook, calls_in_logs, content_key, enrich, is_content_event, merge, normalise, renormalise, settle,
};
use pellucid_model::{PricedSpan, ProjectId, RawLog, Timestamp};
use pellucid_otlp::Decoded;

use crate::stages::{Batch, LogRow, PointRow, Rewrite, Stages, WalRecord};

/// The product's own.
pub(super) struct Real;

impl Stages for Real {
    fn prepare(&self, _: &WalRecord) -> Batch {
        Batch::default()
    }

    fn content_key(&self, log: &RawLog) -> Option<String> {
        content_key(log)
    }

    fn merge(&self, old: &PricedSpan, new: PricedSpan) -> PricedSpan {
        merge(old, new)
    }

    fn enrich(&self, row: &PricedSpan, logs: &[Arc<RawLog>]) -> Option<PricedSpan> {
        enrich(PriceBook::bundled(), row, logs)
    }

    fn is_content(&self, log: &RawLog) -> bool {
        is_content_event(log)
    }

    fn rewrite(&self, why: Rewrite, row: &PricedSpan) -> PricedSpan {
        let span = match why {
            Rewrite::Price => row.span.clone(),
            Rewrite::Normalise => renormalise(&row.span),
        };
        PriceBook::bundled().price(span)
    }

    fn settle(&self, rows: &[Arc<PricedSpan>]) -> Vec<(usize, bool)> {
        settle(rows)
    }
}

/// The rows of one request.
pub(super) fn rows_of(request: Decoded) -> Batch {
    let (project, received_at) = (ProjectId::default(), Timestamp::from_nanos(1));
    let calls = calls_in_logs(&project, received_at, &request.logs);
    let spans = request.spans.into_iter().map(|raw| normalise(&project, received_at, raw)).chain(calls);
    let log = |log: RawLog| LogRow { project: project.clone(), received_at, content: is_content_event(&log), log };
    Batch {
        spans: spans.map(|span| Arc::new(PriceBook::bundled().price(span))).collect(),
        logs: request.logs.into_iter().map(log).collect(),
        points: request
            .points
            .into_iter()
            .map(|point| PointRow { project: project.clone(), received_at, point })
            .collect(),
    }
}
