//! OTLP request bytes, protobuf or JSON, to raw spans, log records and metric points. Pure.
//!
//! In: one request body of one signal. Out: [`Decoded`], with items that cannot be kept counted in [`Rejects`]. One bad
//! item never costs the batch; only a body that is not OTLP at all is an error. Sources of the rules: the OTLP
//! specification 1.11 and `opentelemetry-proto`. This crate does not know what a model is.

mod answer;
mod assemble;
mod json;
mod mask;
mod proto;
mod wire;

pub use answer::{status_body, success_body};
pub use mask::mask;

use pellucid_model::{RawLog, RawPoint, RawSpan};

/// How deep attribute values may nest. OTLP names no limit; the Collector's JSON and protobuf readers stop near 100.
pub const MAX_DEPTH: usize = 100;

/// Reasons kept per request; more would only repeat themselves in the client's log.
const MAX_REASONS: usize = 5;

/// The three stable signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// `ExportTraceServiceRequest`.
    Traces,
    /// `ExportMetricsServiceRequest`.
    Metrics,
    /// `ExportLogsServiceRequest`.
    Logs,
}

impl Signal {
    /// Every signal.
    pub const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// The word in paths and own metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }
}

/// The two encodings of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Binary protobuf.
    Protobuf,
    /// OTLP's JSON mapping (hex ids, integer enums).
    Json,
}

/// What one request held. Only the signal's own list is filled.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// Spans in the order sent.
    pub spans: Vec<RawSpan>,
    /// Log records in the order sent.
    pub logs: Vec<RawLog>,
    /// Metric points in the order sent.
    pub points: Vec<RawPoint>,
    /// Items that were not kept.
    pub rejects: Rejects,
}

/// Items that were not kept, for OTLP's partial success. Reasons without a count are warnings: a field was left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rejects {
    /// Number of items.
    pub count: u64,
    /// The first few reasons.
    pub reasons: Vec<String>,
}

impl Rejects {
    fn add(&mut self, reason: impl FnOnce() -> String) {
        self.count += 1;
        if self.reasons.len() < MAX_REASONS {
            self.reasons.push(reason());
        }
    }

    /// Something was left out of an item that was kept.
    fn warn(&mut self, reason: String) {
        if self.reasons.len() < MAX_REASONS {
            self.reasons.push(reason);
        }
    }

    /// One line for `error_message`.
    pub fn message(&self) -> String {
        self.reasons.join("; ")
    }
}

/// Why a whole body could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not protobuf, or cut.
    #[error("not an OTLP protobuf message: {0}")]
    Protobuf(#[from] wire::WireError),
    /// Not JSON, or not an object.
    #[error("not an OTLP JSON message: {0}")]
    Json(String),
}

/// Decodes one request body.
///
/// # Errors
/// The body as a whole is not a message of this encoding. Sending it again is useless.
pub fn decode(signal: Signal, encoding: Encoding, body: &[u8]) -> Result<Decoded, DecodeError> {
    match encoding {
        Encoding::Protobuf => proto::decode(signal, body),
        Encoding::Json => json::decode(signal, body),
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
