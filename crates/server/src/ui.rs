//! The web UI, built by Vite and embedded at compile time.
//!
//! Files under `assets/` carry a hash in their names and may be cached for ever; everything else is checked by ETag. A
//! path that is no file is a view of the single-page app and gets `index.html`. A binary built without the UI says so.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use rust_embed::{EmbeddedFile, RustEmbed};

const INDEX: &str = "index.html";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK: HeaderValue = HeaderValue::from_static("no-cache");
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Pellucid</title>\
<h1>Pellucid is running</h1><p>This binary was built without the web UI. <code>make run</code> builds both.</p>\
<p>The API is at <a href=\"/api/v1/status\">/api/v1/status</a>, its description at \
<a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></html>\n";

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Answers every path that nothing else answers.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        let mut response = page(StatusCode::METHOD_NOT_ALLOWED, "this is a page, use GET\n");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let path = uri.path().trim_start_matches('/');
    if let Some(found) = Files::get(path).filter(|_| !path.is_empty()) {
        return file(path, &found, &headers);
    }
    if path.starts_with("assets/") {
        return page(StatusCode::NOT_FOUND, "no such file\n");
    }
    match Files::get(INDEX) {
        Some(index) => file(INDEX, &index, &headers),
        None => page(StatusCode::OK, NOT_BUILT),
    }
}

fn file(path: &str, found: &EmbeddedFile, request: &HeaderMap) -> Response {
    let etag = etag(&found.metadata.sha256_hash());
    let known = request.get(IF_NONE_MATCH).is_some_and(|tags| tags.as_bytes() == etag.as_bytes());
    let body = match (&found.data, known) {
        (_, true) => Body::empty(),
        (Cow::Borrowed(bytes), false) => Body::from(*bytes),
        (Cow::Owned(bytes), false) => Body::from(bytes.clone()),
    };
    let mut response = Response::new(body);
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let media_type = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
    let media_type = if media_type == "text/html" { "text/html; charset=utf-8" } else { media_type };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, if path.starts_with("assets/") { FOREVER } else { ASK });
    if let Ok(value) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, value);
    }
    response
}

fn etag(hash: &[u8; 32]) -> String {
    let mut text = String::from("\"");
    for byte in hash.iter().take(12) {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text.push('"');
    text
}

fn page(status: StatusCode, html: &'static str) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, ASK);
    response
}
