//! A client of a running server, for the commands that talk to one: its refusals become this program's errors.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use pellucid_model::{CODES, Error, ErrorKind, Result};
use serde_json::Value as Json;

use crate::config::key_from_env;

const JSON: &str = "application/json";
/// A server that is there answers a connection at once.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// A client of one server.
#[derive(Debug)]
pub(crate) struct Client {
    url: String,
    key: Option<String>,
    http: reqwest::Client,
}

impl Client {
    /// A client of the server at `url`. Without a key the one of the environment is used, if there is one.
    pub(crate) fn new(url: &str, key: Option<String>) -> Result<Self> {
        // Plain HTTP needs no cryptography, https does; a second installation finds the first in place.
        rustls::crypto::ring::default_provider().install_default().unwrap_or_default();
        let http = reqwest::Client::builder().connect_timeout(CONNECT_TIME).build();
        let http = http.map_err(|cause| Error::new(ErrorKind::Internal, "cannot make a client").caused_by(cause))?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), key: key.or_else(key_from_env), http })
    }

    /// Posts a body; asks for `accept`.
    pub(crate) async fn post(&self, path: &str, content_type: &str, accept: &str, body: Vec<u8>) -> Result<Bytes> {
        let request = self.http.post(format!("{}{path}", self.url));
        self.send(request.header(CONTENT_TYPE, content_type).header(ACCEPT, accept).body(body)).await
    }

    /// Gets what the API answers at a path.
    pub(crate) async fn get(&self, path: &str) -> Result<Bytes> {
        self.send(self.http.get(format!("{}{path}", self.url))).await
    }

    /// Gets JSON.
    pub(crate) async fn get_json(&self, path: &str) -> Result<Json> {
        self.json(Method::GET, path, None).await
    }

    /// Puts JSON; gives the answer.
    pub(crate) async fn put_json(&self, path: &str, body: &Json) -> Result<Json> {
        self.json(Method::PUT, path, Some(body)).await
    }

    /// Posts JSON; gives the answer.
    pub(crate) async fn post_json(&self, path: &str, body: &Json) -> Result<Json> {
        self.json(Method::POST, path, Some(body)).await
    }

    /// Deletes.
    pub(crate) async fn delete(&self, path: &str) -> Result<()> {
        self.json(Method::DELETE, path, None).await.map(drop)
    }

    /// Posts JSON and hands the answer over piece by piece: it may be larger than memory.
    pub(crate) async fn post_pieces(
        &self,
        path: &str,
        body: &Json,
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let request = self.http.post(format!("{}{path}", self.url)).header(CONTENT_TYPE, JSON).body(body.to_string());
        let mut response = self.signed(request).send().await.map_err(|cause| self.lost(cause))?;
        let status = response.status();
        if !status.is_success() {
            let bytes = response.bytes().await.map_err(|cause| self.lost(cause))?;
            return Err(refusal(status.as_u16(), &bytes));
        }
        let broken = |cause| Error::new(ErrorKind::Unavailable, "the server broke off in the middle").caused_by(cause);
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            each(&piece)?;
        }
        Ok(())
    }

    async fn json(&self, method: Method, path: &str, body: Option<&Json>) -> Result<Json> {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).header(ACCEPT, JSON);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, JSON).body(body.to_string());
        }
        let bytes = self.send(request).await?;
        if bytes.is_empty() {
            return Ok(Json::Null);
        }
        serde_json::from_slice(&bytes)
            .map_err(|cause| Error::new(ErrorKind::Internal, "the server did not answer in JSON").caused_by(cause))
    }

    fn signed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.key {
            Some(secret) => request.bearer_auth(secret),
            None => request,
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Bytes> {
        let response = self.signed(request).send().await.map_err(|cause| self.lost(cause))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|cause| self.lost(cause))?;
        if status.is_success() { Ok(bytes) } else { Err(refusal(status.as_u16(), &bytes)) }
    }

    fn lost(&self, cause: reqwest::Error) -> Error {
        Error::new(ErrorKind::Unavailable, format!("cannot reach {}", self.url))
            .with_hint("is `pellucid serve` running there? --url names another server")
            .caused_by(cause)
    }
}

/// The server's own words: of the API, or of OTLP's `google.rpc.Status`.
fn refusal(status: u16, body: &[u8]) -> Error {
    let answer: Json = serde_json::from_slice(body).unwrap_or_default();
    let detail = if answer["error"].is_object() { &answer["error"] } else { &answer };
    let message = detail["message"].as_str().map_or_else(|| format!("the server answered {status}"), str::to_owned);
    let code = CODES.iter().find(|row| detail["code"] == row.code).or(CODES.iter().find(|row| row.http == status));
    let kind = code.map_or(ErrorKind::Internal, |row| row.kind);
    let mut error = Error::new(kind, message);
    if let Some(hint) = detail["hint"].as_str() {
        error = error.with_hint(hint);
    }
    match (detail["position"]["line"].as_u64(), detail["position"]["column"].as_u64()) {
        (Some(line), Some(column)) => error.at(line, column),
        _ => error,
    }
}
