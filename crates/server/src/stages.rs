//! The stages between a body and its rows, in the form the store replays after a crash: decode, normalise, price.
//!
//! Total, and pure but for the prices, which the store's documents may change. The live path and the replay run the same
//! code on the same record, so a restart cannot change a row but by prices that were set in between.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use pellucid_genai::{PriceBook, Scrubber};
use pellucid_model::{PricedSpan, ProjectId, RawLog, Timestamp};
use pellucid_otlp::{DecodeError, Decoded, Encoding, Rejects, Signal, decode, mask};
use pellucid_store::{Batch, Document, LogRow, PointRow, Rewrite, Stages, SubjectKind, WalRecord};

use crate::prices::Pricing;

/// Signals and encodings as numbers of the write-ahead log. Never reuse a number: old logs must stay readable.
const SIGNAL_NUMBERS: [(Signal, u8); 3] = [(Signal::Traces, 1), (Signal::Metrics, 2), (Signal::Logs, 3)];
const ENCODING_NUMBERS: [(Encoding, u8); 2] = [(Encoding::Protobuf, 1), (Encoding::Json, 2)];

/// Turns bodies into rows.
pub(crate) struct Pipeline {
    pricing: Arc<Pricing>,
    book: RwLock<Arc<PriceBook>>,
}

impl Pipeline {
    /// Stages that price by these rows of the configuration and, once the store tells of some, by its documents.
    pub(crate) fn new(pricing: Arc<Pricing>) -> Self {
        let book = RwLock::new(Arc::new(pricing.book(&[])));
        Self { pricing, book }
    }

    /// The prices of now.
    fn book(&self) -> Arc<PriceBook> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the write-ahead log keeps of a request.
    pub(crate) fn record(
        project: ProjectId,
        signal: Signal,
        encoding: Encoding,
        received_at: Timestamp,
        body: Bytes,
    ) -> WalRecord {
        WalRecord {
            project,
            signal: number_of(&SIGNAL_NUMBERS, signal),
            encoding: number_of(&ENCODING_NUMBERS, encoding),
            received_at,
            body,
        }
    }

    /// The rows of a record that has just come, and what was left out of them. Secrets among what was sent are masked in
    /// the record itself, so that the log has them as little as the rows.
    pub(crate) fn take(&self, record: WalRecord) -> Result<(WalRecord, Batch, Rejects), DecodeError> {
        let (decoded, secrets) = scrubbed(&record)?;
        if let Some(masked) = without(&record, &secrets, &decoded) {
            let (batch, rejects) = self.run(&masked)?;
            return Ok((masked, batch, rejects));
        }
        let (batch, rejects) = self.rows(&record, decoded);
        Ok((record, batch, rejects))
    }

    /// The rows of a record, and what was left out of them.
    pub(crate) fn run(&self, record: &WalRecord) -> Result<(Batch, Rejects), DecodeError> {
        let (decoded, _) = scrubbed(record)?;
        Ok(self.rows(record, decoded))
    }

    fn rows(&self, record: &WalRecord, decoded: Decoded) -> (Batch, Rejects) {
        let Decoded { spans, logs, points, rejects } = decoded;
        let (project, received_at) = (&record.project, record.received_at);
        let book = self.book();
        let price = |raw| Arc::new(book.price(pellucid_genai::normalise(project, received_at, raw)));
        let calls = pellucid_genai::calls_in_logs(project, received_at, &logs);
        let log = |log: RawLog| LogRow {
            project: project.clone(),
            received_at,
            content: pellucid_genai::is_content_event(&log),
            log,
        };
        let point = |point| PointRow { project: project.clone(), received_at, point };
        let batch = Batch {
            spans: spans
                .into_iter()
                .map(price)
                .chain(calls.into_iter().map(|call| Arc::new(book.price(call))))
                .collect(),
            logs: logs.into_iter().map(log).collect(),
            points: points.into_iter().map(point).collect(),
        };
        (batch, rejects)
    }
}

fn encoding_of(record: &WalRecord) -> Encoding {
    named(&ENCODING_NUMBERS, record.encoding).unwrap_or(Encoding::Protobuf)
}

/// What a record holds, secrets masked, and these secrets.
fn scrubbed(record: &WalRecord) -> Result<(Decoded, BTreeSet<String>), DecodeError> {
    let signal = named(&SIGNAL_NUMBERS, record.signal).unwrap_or(Signal::Traces);
    let mut decoded = decode(signal, encoding_of(record), &record.body)?;
    let mut scrubber = Scrubber::default();
    decoded.spans.iter_mut().for_each(|span| scrubber.span(span));
    decoded.logs.iter_mut().for_each(|log| scrubber.log(log));
    decoded.points.iter_mut().for_each(|point| scrubber.point(point));
    Ok((decoded, scrubber.secrets()))
}

/// The record with its secrets masked in the bytes; nothing if there are none, or if the masked bytes would not say the
/// same: better a secret in the log until the next flush than a lost span.
fn without(record: &WalRecord, secrets: &BTreeSet<String>, before: &Decoded) -> Option<WalRecord> {
    let body = mask(encoding_of(record), &record.body, secrets.iter())?;
    let masked = WalRecord { body: body.into(), ..record.clone() };
    let (after, _) = scrubbed(&masked).ok()?;
    let count = |decoded: &Decoded| (decoded.spans.len(), decoded.logs.len(), decoded.points.len());
    (count(&after) == count(before)).then_some(masked)
}

impl Stages for Pipeline {
    fn remember(&self, documents: &[Document]) {
        let book = Arc::new(self.pricing.book(documents));
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = book;
    }

    fn prepare(&self, record: &WalRecord) -> Batch {
        // Only bodies that decoded were ever written.
        self.run(record).map(|(batch, _)| batch).unwrap_or_default()
    }

    fn content_key(&self, log: &RawLog) -> Option<String> {
        pellucid_genai::content_key(log)
    }

    fn merge(&self, old: &PricedSpan, new: PricedSpan) -> PricedSpan {
        pellucid_genai::merge(old, new)
    }

    fn enrich(&self, row: &PricedSpan, logs: &[Arc<RawLog>]) -> Option<PricedSpan> {
        pellucid_genai::enrich(&self.book(), row, logs)
    }

    fn is_content(&self, log: &RawLog) -> bool {
        pellucid_genai::is_content_event(log)
    }

    fn subject_attributes(&self, kind: SubjectKind) -> Vec<String> {
        let names = match kind {
            SubjectKind::Trace => BTreeSet::new(),
            SubjectKind::Session => pellucid_genai::session_attributes(),
            SubjectKind::User => pellucid_genai::user_attributes(),
        };
        names.into_iter().map(str::to_owned).collect()
    }

    fn rewrite(&self, why: Rewrite, row: &PricedSpan) -> PricedSpan {
        let span = match why {
            Rewrite::Price => row.span.clone(),
            Rewrite::Normalise => pellucid_genai::renormalise(&row.span),
        };
        self.book().price(span)
    }

    fn settle(&self, rows: &[Arc<PricedSpan>]) -> Vec<(usize, bool)> {
        pellucid_genai::settle(rows)
    }
}

fn number_of<T: PartialEq>(table: &[(T, u8)], name: T) -> u8 {
    table.iter().find(|(known, _)| *known == name).map_or(0, |(_, number)| *number)
}

fn named<T: Copy>(table: &[(T, u8)], number: u8) -> Option<T> {
    table.iter().find(|(_, known)| *known == number).map(|(name, _)| *name)
}
