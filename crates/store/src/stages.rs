//! The stages above the store, as the store sees them: what it is given so that a crash replay runs the same code.

use std::sync::Arc;

use bytes::Bytes;
use pellucid_model::{PricedSpan, ProjectId, RawLog, RawPoint, Timestamp};

use crate::deletion::SubjectKind;
use crate::metadata::Document;

/// One accepted request: what the write-ahead log keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct WalRecord {
    /// Who owns its rows.
    pub project: ProjectId,
    /// Which signal; a number the stages understand.
    pub signal: u8,
    /// How the body is written; a number the stages understand.
    pub encoding: u8,
    /// When it was taken.
    pub received_at: Timestamp,
    /// The body, decompressed.
    pub body: Bytes,
}

/// A log record and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRow {
    /// Who owns it.
    pub project: ProjectId,
    /// When it was taken.
    pub received_at: Timestamp,
    /// Whether it carries content or facts of a span.
    pub content: bool,
    /// The record.
    pub log: RawLog,
}

/// A metric point and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRow {
    /// Who owns it.
    pub project: ProjectId,
    /// When it was taken.
    pub received_at: Timestamp,
    /// The point.
    pub point: RawPoint,
}

/// The rows of one record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// Spans, priced. Shared from the start: a row is large, and its way through the store should not copy it.
    pub spans: Vec<Arc<PricedSpan>>,
    /// Log records.
    pub logs: Vec<LogRow>,
    /// Metric points.
    pub points: Vec<PointRow>,
}

/// Why stored rows are made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rewrite {
    /// Prices have changed: what a call cost is computed again, nothing else.
    Price,
    /// The stages have changed: everything is made again from what the row keeps as sent, and joined again.
    Normalise,
}

/// What the store asks of the stages above it. Pure, but for [`Stages::remember`].
pub trait Stages: Send + Sync + 'static {
    /// Tells of the documents that the directory keeps: all of them, before the log is replayed and after each change.
    fn remember(&self, _documents: &[Document]) {}
    /// Decodes, normalises and prices a record again, after a restart.
    fn prepare(&self, record: &WalRecord) -> Batch;
    /// Whether a stored record carries content or facts of a span.
    fn is_content(&self, log: &RawLog) -> bool;
    /// Names of attributes by which a record that names no trace tells of its session or its user.
    fn subject_attributes(&self, _kind: SubjectKind) -> Vec<String> {
        Vec::new()
    }
    /// A stored row made again, as it would be if it came now and alone.
    fn rewrite(&self, why: Rewrite, row: &PricedSpan) -> PricedSpan;
    /// By what a content record finds its rows, whatever span id it carries: their response id, or the trace id of rows
    /// that were made of records. Nothing: by its span id.
    fn content_key(&self, _log: &RawLog) -> Option<String> {
        None
    }
    /// One row of two with the same identity.
    fn merge(&self, old: &PricedSpan, new: PricedSpan) -> PricedSpan;
    /// The row with what its content logs say; nothing if they change nothing.
    fn enrich(&self, row: &PricedSpan, logs: &[Arc<RawLog>]) -> Option<PricedSpan>;
    /// Which rows must count differently: whole traces, and the traces that tell of the same responses.
    fn settle(&self, rows: &[Arc<PricedSpan>]) -> Vec<(usize, bool)>;
}
