//! What every handler needs of a request: who asks, the parameters, the JSON body, times.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Query};
use chrono::{DateTime, SecondsFormat};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Request};
use pellucid_model::{Error, ErrorKind, Result, Timestamp};
use pellucid_query::Access;
use serde::de::DeserializeOwned;

use super::{Desk, error::Fault};
use crate::auth::Grant;
use crate::config::Right;
use crate::receive::{Bounds, collect};

/// No question is longer.
const MAX_BODY_BYTES: u64 = 1024 * 1024;
const BODY_TIME: Duration = Duration::from_secs(30);
const NANOS_A_MILLI: i64 = 1_000_000;

/// A reader: the project that every query of this request is confined to.
pub(crate) struct Reader(pub(crate) Access);

impl FromRequestParts<Desk> for Reader {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> std::result::Result<Self, Fault> {
        desk.keyring.check_host(&parts.uri, &parts.headers)?;
        let grant = desk.keyring.grant(&parts.headers, Right::Read)?;
        Ok(Self(Access { project: grant.project }))
    }
}

/// An administrator: who it is, and for which project.
pub(crate) struct Keeper(pub(crate) Grant);

impl FromRequestParts<Desk> for Keeper {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> std::result::Result<Self, Fault> {
        desk.keyring.check_host(&parts.uri, &parts.headers)?;
        Ok(Self(desk.keyring.grant(&parts.headers, Right::Admin)?))
    }
}

/// The body as JSON. Asking for the content type keeps web pages of other origins from posting without a preflight.
pub(crate) async fn json<T: DeserializeOwned>(desk: &Desk, request: Request<Body>) -> Result<T> {
    let (parts, mut body) = request.into_parts();
    require_json(&parts.headers)?;
    let mut reservation = desk.budget.reserve();
    let body = collect(&mut body, Bounds { bytes: MAX_BODY_BYTES, time: BODY_TIME }, &mut reservation).await?;
    serde_json::from_slice(&body).map_err(|cause| Error::new(ErrorKind::Invalid, format!("the body: {cause}")))
}

fn require_json(headers: &HeaderMap) -> Result<()> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unsupported, "the content type must be application/json"))
}

/// Query parameters, of which some may repeat.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Fault> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|cause| Error::new(ErrorKind::Invalid, format!("query string: {cause}")))?;
        Ok(Self(pairs.0))
    }
}

impl Params {
    /// Fails on a name that is not among `known`: a mistyped filter must not look like an answer.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Error::new(ErrorKind::Invalid, format!("unknown parameter {name:?}"))
                .with_hint(format!("known are {}", known.join(", ")))),
            None => Ok(self),
        }
    }

    /// Every non-empty value of a parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.clone()).collect()
    }

    /// The last value of a parameter; an empty one counts as none.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// True or false; false if it is not given.
    pub(crate) fn truth(&self, name: &str) -> Result<bool> {
        match self.one(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Error::new(ErrorKind::Invalid, format!("{name} must be true or false"))),
        }
    }

    /// A whole number within bounds.
    pub(crate) fn number(&self, name: &str, default: usize, max: usize) -> Result<usize> {
        let Some(text) = self.one(name) else { return Ok(default) };
        let number: usize =
            text.parse().map_err(|_| Error::new(ErrorKind::Invalid, format!("{name} is no whole number")))?;
        if (1..=max).contains(&number) {
            return Ok(number);
        }
        Err(Error::new(ErrorKind::Invalid, format!("{name} must lie between 1 and {max}")))
    }

    /// A time, if given.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>> {
        self.one(name).map(|text| parse_time(name, text)).transpose()
    }
}

/// RFC 3339, or milliseconds since 1970.
pub(crate) fn parse_time(name: &str, text: &str) -> Result<Timestamp> {
    let nanos = match text.parse::<i64>() {
        Ok(millis) => millis.checked_mul(NANOS_A_MILLI),
        Err(_) => DateTime::parse_from_rfc3339(text).ok().and_then(|time| time.timestamp_nanos_opt()),
    };
    nanos.map(Timestamp::from_nanos).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{name} is no time: {text:?}"))
            .with_hint("write RFC 3339, such as 2026-01-31T12:00:00Z, or milliseconds since 1970")
    })
}

/// The same, or a day: its midnight in UTC.
pub(crate) fn parse_moment(name: &str, text: &str) -> Result<Timestamp> {
    pellucid_genai::day(text).map_or_else(|| parse_time(name, text), Ok)
}

/// RFC 3339 in UTC with nanoseconds.
pub(crate) fn show_time(time: Timestamp) -> String {
    DateTime::from_timestamp_nanos(time.as_nanos()).to_rfc3339_opts(SecondsFormat::Nanos, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_two_forms() {
        let want = Timestamp::from_nanos(1_769_860_800_000_000_000);
        for text in ["1769860800000", "2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00"] {
            assert_eq!(parse_time("from", text).unwrap(), want, "{text}");
        }
        assert_eq!(show_time(want), "2026-01-31T12:00:00.000000000Z");
        assert!(parse_time("from", "yesterday").is_err());
        assert!(parse_time("from", "9223372036854775807").is_err());
    }

    #[test]
    fn parameters_repeat_and_mistyped_ones_are_told() {
        let params = Params(vec![("app".into(), "a".into()), ("app".into(), "b".into()), ("limit".into(), "0".into())]);
        assert_eq!(params.all("app"), ["a", "b"]);
        assert!(params.number("limit", 50, 100).is_err());
        assert_eq!(params.number("after", 7, 100).unwrap(), 7);
        assert!(params.only(&["app"]).unwrap_err().hint.unwrap().contains("app"));
    }
}
