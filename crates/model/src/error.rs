//! The error at the edge: a kind that a caller can act on, a code for programs, a message for people.

use std::error::Error as StdError;
use std::fmt;

/// What a caller must do differently. The message is not part of the interface, the kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong; sending it again is useless.
    Invalid,
    /// Who are you?
    Unauthenticated,
    /// You may not.
    Forbidden,
    /// No such thing.
    NotFound,
    /// Too large for a named limit.
    TooLarge,
    /// A content type or encoding nobody here speaks.
    Unsupported,
    /// Over a quota or rate; try again later.
    Exhausted,
    /// Cannot now, may soon: try again later.
    Unavailable,
    /// It took longer than allowed.
    Timeout,
    /// Our fault.
    Internal,
}

/// One row of the table of codes: what stands in responses and documents for a kind.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// The kind.
    pub kind: ErrorKind,
    /// The word in `error.code`.
    pub code: &'static str,
    /// HTTP status.
    pub http: u16,
    /// gRPC status number (`google.rpc.Code`).
    pub grpc: i32,
    /// Whether a client should send the same again.
    pub retry: bool,
}

/// Every kind with its codes. OTLP lets clients retry only 429, 502, 503 and 504, so nothing transient may become 500.
pub const CODES: &[Code] = &[
    Code { kind: ErrorKind::Invalid, code: "invalid", http: 400, grpc: 3, retry: false },
    Code { kind: ErrorKind::Unauthenticated, code: "unauthenticated", http: 401, grpc: 16, retry: false },
    Code { kind: ErrorKind::Forbidden, code: "forbidden", http: 403, grpc: 7, retry: false },
    Code { kind: ErrorKind::NotFound, code: "not_found", http: 404, grpc: 5, retry: false },
    Code { kind: ErrorKind::TooLarge, code: "too_large", http: 413, grpc: 8, retry: false },
    Code { kind: ErrorKind::Unsupported, code: "unsupported", http: 415, grpc: 3, retry: false },
    Code { kind: ErrorKind::Exhausted, code: "exhausted", http: 429, grpc: 8, retry: true },
    Code { kind: ErrorKind::Unavailable, code: "unavailable", http: 503, grpc: 14, retry: true },
    Code { kind: ErrorKind::Timeout, code: "timeout", http: 504, grpc: 4, retry: true },
    Code { kind: ErrorKind::Internal, code: "internal", http: 500, grpc: 13, retry: false },
];

impl ErrorKind {
    /// This kind's row in [`CODES`].
    pub fn code(self) -> Code {
        let internal = CODES[CODES.len() - 1];
        CODES.iter().copied().find(|row| row.kind == self).unwrap_or(internal)
    }
}

/// A result with the edge error.
pub type Result<T> = std::result::Result<T, Error>;

/// The one error that crosses crate boundaries.
#[derive(Debug)]
pub struct Error {
    /// What the caller must do.
    pub kind: ErrorKind,
    /// Says what is wrong and names the thing; lower-case, no full stop, no secrets.
    pub message: String,
    /// What to do about it, if that is known.
    pub hint: Option<String>,
    /// Line and column, both from 1, inside the query that is wrong.
    pub position: Option<(u64, u64)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A new error without a cause.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, position: None, source: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds where in the query.
    #[must_use]
    pub fn at(mut self, line: u64, column: u64) -> Self {
        self.position = Some((line, column));
        self
    }

    /// Adds the cause, which is logged but never shown.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}
