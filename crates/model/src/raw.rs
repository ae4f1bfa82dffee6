//! Telemetry as decoded and not yet understood: spans, log records and metric points with their resource and scope.

use std::sync::Arc;

use crate::{Attributes, Flags, SpanId, Timestamp, TraceId, Value};

/// Who sent it: OTLP's `Resource`, shared by everything under it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resource {
    /// Resource attributes, such as `service.name`.
    pub attributes: Attributes,
}

/// Which library made it: OTLP's `InstrumentationScope`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope {
    /// Scope name, often the instrumentation package; empty if not sent.
    pub name: String,
    /// Scope version; empty if not sent.
    pub version: String,
    /// Scope attributes.
    pub attributes: Attributes,
}

/// OTLP span kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpanKind {
    /// Not said, or a number this version does not know.
    #[default]
    Unspecified,
    /// In-process work.
    Internal,
    /// Serving a request.
    Server,
    /// Making a request.
    Client,
    /// Sending a message.
    Producer,
    /// Handling a message.
    Consumer,
}

impl SpanKind {
    /// From OTLP's number.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }

    /// The column value. OTLP says: an unspecified kind may be taken as internal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified | Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// OTLP status code as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RawStatus {
    /// Not said.
    #[default]
    Unset,
    /// Said to be fine.
    Ok,
    /// Said to have failed.
    Error,
}

impl RawStatus {
    /// From OTLP's number; unknown numbers mean unset.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Ok,
            2 => Self::Error,
            _ => Self::Unset,
        }
    }

    /// The column value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// A timed note inside a span.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawEvent {
    /// When.
    pub time: Timestamp,
    /// What, such as `exception` or `gen_ai.content.prompt`.
    pub name: String,
    /// Details.
    pub attributes: Attributes,
}

/// A pointer to another span.
#[derive(Debug, Clone, PartialEq)]
pub struct RawLink {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its span.
    pub span_id: SpanId,
    /// Details.
    pub attributes: Attributes,
}

/// A span as sent. Ids are valid; everything else may be nonsense.
#[derive(Debug, Clone, PartialEq)]
pub struct RawSpan {
    /// Who sent it.
    pub resource: Arc<Resource>,
    /// Which library made it.
    pub scope: Arc<Scope>,
    /// Its trace.
    pub trace_id: TraceId,
    /// Itself.
    pub span_id: SpanId,
    /// Its parent; nothing at a root.
    pub parent_span_id: Option<SpanId>,
    /// Span name.
    pub name: String,
    /// Role in the call.
    pub kind: SpanKind,
    /// Start as sent.
    pub start: Timestamp,
    /// End as sent; zero if still running.
    pub end: Timestamp,
    /// Attributes as sent.
    pub attributes: Attributes,
    /// Events in the order sent.
    pub events: Vec<RawEvent>,
    /// Links in the order sent; those with invalid ids were left out.
    pub links: Vec<RawLink>,
    /// Status code as sent.
    pub status: RawStatus,
    /// Status message; empty if not sent.
    pub status_message: String,
    /// How many attributes the SDK says it dropped: usage keys set last are dropped first.
    pub dropped_attributes: u32,
    /// What had to be mended or masked on the way in.
    pub flags: Flags,
}

/// A log record or event as sent.
#[derive(Debug, Clone, PartialEq)]
pub struct RawLog {
    /// Who sent it.
    pub resource: Arc<Resource>,
    /// Which library made it.
    pub scope: Arc<Scope>,
    /// When it happened; zero if not said.
    pub time: Timestamp,
    /// When the SDK saw it; zero if not said.
    pub observed_time: Timestamp,
    /// OTLP severity number, 0 if not said.
    pub severity_number: i32,
    /// Severity as text; empty if not said.
    pub severity_text: String,
    /// `LogRecord.event_name`, else the attribute `event.name`; empty if neither.
    pub event_name: String,
    /// The body, any shape.
    pub body: Value,
    /// Attributes as sent.
    pub attributes: Attributes,
    /// Its trace, if tied to one.
    pub trace_id: Option<TraceId>,
    /// Its span, if tied to one.
    pub span_id: Option<SpanId>,
}

/// Whether a metric's points are totals or differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Temporality {
    /// Not said.
    #[default]
    Unspecified,
    /// Since the last point.
    Delta,
    /// Since `start_time`.
    Cumulative,
}

impl Temporality {
    /// From OTLP's number.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Delta,
            2 => Self::Cumulative,
            _ => Self::Unspecified,
        }
    }

    /// The column value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Delta => "delta",
            Self::Cumulative => "cumulative",
        }
    }
}

/// The measured part of a metric point.
#[derive(Debug, Clone, PartialEq)]
pub enum RawPointValue {
    /// The flag "no recorded value", or a point without one.
    None,
    /// Gauge.
    Gauge(f64),
    /// Sum.
    Sum {
        /// The value.
        value: f64,
        /// Whether it only ever rises.
        monotonic: bool,
    },
    /// Histogram with explicit bounds; `counts` has one entry more than `bounds`, or both are empty.
    Histogram {
        /// Number of observations.
        count: u64,
        /// Their sum, if told.
        sum: Option<f64>,
        /// The least, if told.
        min: Option<f64>,
        /// The greatest, if told.
        max: Option<f64>,
        /// Upper bounds of all buckets but the last.
        bounds: Vec<f64>,
        /// Observations a bucket.
        counts: Vec<u64>,
    },
    /// Exponential histogram: bucket `i` holds `(base^(offset+i), base^(offset+i+1)]` with `base = 2^(2^-scale)`.
    ExponentialHistogram {
        /// Number of observations.
        count: u64,
        /// Their sum, if told.
        sum: Option<f64>,
        /// The least, if told.
        min: Option<f64>,
        /// The greatest, if told.
        max: Option<f64>,
        /// Resolution.
        scale: i32,
        /// Observations taken as zero.
        zero_count: u64,
        /// First index of the positive buckets.
        positive_offset: i32,
        /// Observations a positive bucket.
        positive_counts: Vec<u64>,
        /// First index of the negative buckets.
        negative_offset: i32,
        /// Observations a negative bucket.
        negative_counts: Vec<u64>,
    },
    /// Summary with quantiles made by the client.
    Summary {
        /// Number of observations.
        count: u64,
        /// Their sum.
        sum: f64,
        /// `(quantile, value)` pairs.
        quantiles: Vec<(f64, f64)>,
    },
}

impl RawPointValue {
    /// The column `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gauge(_) => "gauge",
            Self::Sum { .. } => "sum",
            Self::Histogram { .. } => "histogram",
            Self::ExponentialHistogram { .. } => "exponential_histogram",
            Self::Summary { .. } => "summary",
        }
    }
}

/// One point of one metric as sent.
#[derive(Debug, Clone, PartialEq)]
pub struct RawPoint {
    /// Who sent it.
    pub resource: Arc<Resource>,
    /// Which library made it.
    pub scope: Arc<Scope>,
    /// Metric name.
    pub metric_name: Arc<str>,
    /// Description; empty if not sent.
    pub description: Arc<str>,
    /// UCUM unit; empty if not sent.
    pub unit: Arc<str>,
    /// Totals or differences; unspecified for gauges and summaries.
    pub temporality: Temporality,
    /// Start of the interval; zero if not said.
    pub start_time: Timestamp,
    /// The point's time.
    pub time: Timestamp,
    /// Its series' attributes.
    pub attributes: Attributes,
    /// What was measured.
    pub value: RawPointValue,
}
