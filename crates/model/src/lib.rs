//! The words of Pellucid: ids, times, money, attribute values, raw telemetry, canonical spans, frames and errors.
//!
//! Everything here is plain data. Nothing does I/O, takes a lock or reads a clock, so nothing here can fail for
//! outside reasons. Every other crate speaks in these types; none of them knows about Arrow, HTTP or SQL.

#![warn(missing_docs)]

mod document;
mod error;
mod flag;
mod frame;
mod id;
mod money;
mod raw;
mod span;
mod time;
mod value;

pub use document::Document;
pub use error::{CODES, Code, Error, ErrorKind, Result};
pub use flag::{Flag, Flags};
pub use frame::{Cell, Column, ColumnType, Frame};
pub use id::{IdError, ProjectId, SpanId, TraceId};
pub use money::{Usd, UsdError};
pub use raw::{
    RawEvent, RawLink, RawLog, RawPoint, RawPointValue, RawSpan, RawStatus, Resource, Scope, SpanKind, Temporality,
};
pub use span::{
    Content, Cost, CostSource, Currency, Kind, Params, PricedSpan, Span, SpanSource, Status, TokenCount, Tool, Usage,
    UsageSource, VectorDb, Who,
};
pub use time::Timestamp;
pub use value::{Attributes, Value};
