//! A few rows to be made again, as the log keeps them: their names, never what they say.

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;
use pellucid_model::{ProjectId, SpanId, Timestamp, TraceId};

use crate::stages::{Rewrite, WalRecord};

/// The log's number for a record of the store itself. The stages' own numbers are far below.
pub(crate) const SIGNAL: u8 = 255;
/// What a chunk is, as the log's other number. Never reuse one; 4 and 5 are deletions.
const SPANS_PRICE: u8 = 1;
const SPANS_NORMALISE: u8 = 2;
const LOGS_NORMALISE: u8 = 3;

const ID_BYTES: usize = 16 + 8;

/// Rows by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// Spans.
    Spans(Vec<(TraceId, SpanId)>),
    /// Log records, by their row ids.
    Logs(Vec<Arc<str>>),
}

/// Rows of one project to be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) why: Rewrite,
    pub(crate) project: ProjectId,
    /// Between which times they lie.
    pub(crate) times: RangeInclusive<i64>,
    pub(crate) rows: Named,
}

impl Chunk {
    /// The record that the log keeps.
    pub(crate) fn to_record(&self, at: Timestamp) -> WalRecord {
        let mut body = Vec::new();
        for time in [self.times.start(), self.times.end()] {
            body.extend_from_slice(&time.to_le_bytes());
        }
        let encoding = match (&self.rows, self.why) {
            (Named::Spans(_), Rewrite::Price) => SPANS_PRICE,
            (Named::Spans(_), Rewrite::Normalise) => SPANS_NORMALISE,
            (Named::Logs(_), _) => LOGS_NORMALISE,
        };
        match &self.rows {
            Named::Spans(spans) => {
                for (trace_id, span_id) in spans {
                    body.extend_from_slice(trace_id.as_bytes());
                    body.extend_from_slice(span_id.as_bytes());
                }
            }
            // An id may be anything but a line.
            Named::Logs(logs) => body.extend_from_slice(logs.join("\n").as_bytes()),
        }
        WalRecord { project: self.project.clone(), signal: SIGNAL, encoding, received_at: at, body: Bytes::from(body) }
    }

    /// The chunk of a record; nothing if the record is a request.
    pub(crate) fn from_record(record: &WalRecord) -> Option<Self> {
        if record.signal != SIGNAL {
            return None;
        }
        let (from, rest) = record.body.split_first_chunk::<8>()?;
        let (to, rest) = rest.split_first_chunk::<8>()?;
        let (why, rows) = match record.encoding {
            SPANS_PRICE => (Rewrite::Price, spans(rest)),
            SPANS_NORMALISE => (Rewrite::Normalise, spans(rest)),
            LOGS_NORMALISE => (Rewrite::Normalise, logs(rest)),
            _ => return None,
        };
        let times = i64::from_le_bytes(*from)..=i64::from_le_bytes(*to);
        Some(Self { why, project: record.project.clone(), times, rows })
    }
}

fn spans(bytes: &[u8]) -> Named {
    let id = |bytes: &[u8]| {
        let (trace_id, span_id) = bytes.split_at_checked(16)?;
        Some((TraceId::from_bytes(trace_id).ok()?, SpanId::from_bytes(span_id).ok()?))
    };
    Named::Spans(bytes.chunks_exact(ID_BYTES).filter_map(id).collect())
}

fn logs(bytes: &[u8]) -> Named {
    let text = String::from_utf8_lossy(bytes);
    Named::Logs(text.split('\n').filter(|id| !id.is_empty()).map(Arc::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::tests::{span_id, trace_id};

    #[test]
    fn a_chunk_comes_back_from_the_log_and_a_request_is_none() {
        let chunks = [
            (Rewrite::Price, Named::Spans(vec![(trace_id(1), span_id(2)), (trace_id(3), span_id(4))])),
            (Rewrite::Normalise, Named::Spans(vec![])),
            (Rewrite::Normalise, Named::Logs(vec!["a".into(), "0 f/ü".into()])),
        ];
        for (why, rows) in chunks {
            let chunk = Chunk { why, project: ProjectId::new("shop"), times: -5..=7, rows };
            let record = chunk.to_record(Timestamp::from_nanos(9));
            assert_eq!(Chunk::from_record(&record), Some(chunk));
            assert_eq!(Chunk::from_record(&WalRecord { signal: 1, ..record }), None);
        }
    }
}
