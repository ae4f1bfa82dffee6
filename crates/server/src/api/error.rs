//! The one form of every API error: `{"error":{"code","message","hint","position"}}`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use pellucid_model::{Error, ErrorKind};
use serde::Serialize;
use utoipa::ToSchema;

const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// What a handler gives back when it cannot answer.
#[derive(Debug)]
pub(crate) struct Fault(pub(crate) Error);

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The body of every answer that is no success.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
struct ErrorDetail {
    /// For programs: invalid, unauthenticated, forbidden, not_found, too_large, unsupported, exhausted, unavailable, timeout, internal.
    code: &'static str,
    /// For people.
    message: String,
    /// What to do about it.
    hint: Option<String>,
    /// Where in the query.
    position: Option<Position>,
}

/// A place in a query, counted from 1.
#[derive(Debug, Serialize, ToSchema)]
struct Position {
    line: u64,
    column: u64,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let code = error.kind.code();
        if error.kind == ErrorKind::Internal {
            tracing::error!(%error, cause = ?std::error::Error::source(&error), "an API request failed");
        }
        let status = StatusCode::from_u16(code.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let position = error.position.map(|(line, column)| Position { line, column });
        let detail = ErrorDetail { code: code.code, message: error.message, hint: error.hint, position };
        let mut response = (status, Json(ErrorBody { error: detail })).into_response();
        if code.retry {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
        }
        if error.kind == ErrorKind::Unauthenticated {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
