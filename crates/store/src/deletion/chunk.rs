//! A few rows to be deleted, as the log keeps them: whose they are and what they are called, never what they say.

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;
use pellucid_model::{ProjectId, Timestamp, TraceId};

use crate::rewrite::SIGNAL;
use crate::stages::WalRecord;

/// What a chunk is, as the log's other number. Never reuse one; those below are rewrites.
const TRACES: u8 = 4;
const LOGS: u8 = 5;

const ID_BYTES: usize = 16;

/// Rows by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doomed {
    /// Every span of these traces, and the content records that name them.
    Traces(Vec<TraceId>),
    /// Log records, by their row ids.
    Logs(Vec<Arc<str>>),
}

/// Rows of one project to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeletionChunk {
    pub(crate) project: ProjectId,
    /// Between which times they lie.
    pub(crate) times: RangeInclusive<i64>,
    pub(crate) rows: Doomed,
}

impl DeletionChunk {
    /// The record that the log keeps.
    pub(crate) fn to_record(&self, at: Timestamp) -> WalRecord {
        let mut body = Vec::new();
        for time in [self.times.start(), self.times.end()] {
            body.extend_from_slice(&time.to_le_bytes());
        }
        let encoding = match &self.rows {
            Doomed::Traces(traces) => {
                traces.iter().for_each(|trace_id| body.extend_from_slice(trace_id.as_bytes()));
                TRACES
            }
            Doomed::Logs(logs) => {
                // An id may be anything: each carries its length.
                for row_id in logs {
                    body.extend_from_slice(&(row_id.len() as u64).to_le_bytes());
                    body.extend_from_slice(row_id.as_bytes());
                }
                LOGS
            }
        };
        WalRecord { project: self.project.clone(), signal: SIGNAL, encoding, received_at: at, body: Bytes::from(body) }
    }

    /// The chunk of a record; nothing if the record is something else.
    pub(crate) fn from_record(record: &WalRecord) -> Option<Self> {
        if record.signal != SIGNAL {
            return None;
        }
        let (from, rest) = record.body.split_first_chunk::<8>()?;
        let (to, rest) = rest.split_first_chunk::<8>()?;
        let rows = match record.encoding {
            TRACES => {
                let traces = rest.chunks_exact(ID_BYTES).filter_map(|id| TraceId::from_bytes(id).ok());
                Doomed::Traces(traces.collect())
            }
            LOGS => Doomed::Logs(texts(rest)?),
            _ => return None,
        };
        let times = i64::from_le_bytes(*from)..=i64::from_le_bytes(*to);
        Some(Self { project: record.project.clone(), times, rows })
    }
}

fn texts(mut bytes: &[u8]) -> Option<Vec<Arc<str>>> {
    let mut texts = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (text, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        texts.push(std::str::from_utf8(text).ok()?.into());
        bytes = rest;
    }
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::Chunk;
    use crate::rows::tests::trace_id;

    #[test]
    fn a_chunk_comes_back_from_the_log_and_is_nothing_else() {
        for rows in [
            Doomed::Traces(vec![trace_id(1), trace_id(2)]),
            Doomed::Traces(vec![]),
            Doomed::Logs(vec!["a".into(), "".into(), "two\nlines ü".into()]),
        ] {
            let chunk = DeletionChunk { project: ProjectId::new("shop"), times: -5..=7, rows };
            let record = chunk.to_record(Timestamp::from_nanos(9));
            assert_eq!(Chunk::from_record(&record), None);
            assert_eq!(DeletionChunk::from_record(&record), Some(chunk));
            assert_eq!(DeletionChunk::from_record(&WalRecord { signal: 1, ..record }), None);
        }
    }
}
