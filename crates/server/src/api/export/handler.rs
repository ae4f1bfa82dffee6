//! `POST /api/v1/export`: rows of a table as one file, however many there are.

use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Request;
use http::header::CONTENT_TYPE;

use super::wire::ExportRequest;
use crate::api::error::ErrorBody;
use crate::api::request::{Reader, json};
use crate::api::{Answered, Desk};
use crate::export::pieces;

/// Export rows of a table as a file
#[utoipa::path(post, path = "/api/v1/export", operation_id = "export", tag = "sql", request_body = ExportRequest,
    responses(
        (status = 200, description = "The file; a connection that breaks off means that it is not whole", content(
            (String = "application/x-ndjson"), (Vec<u8> = "application/vnd.apache.parquet"))),
        (status = 400, body = ErrorBody)))]
pub(crate) async fn export(Reader(access): Reader, State(desk): State<Desk>, request: Request<Body>) -> Answered {
    let request: ExportRequest = json(&desk, request).await?;
    let rows = desk.engine.export(&access, &request.query()?).await?;
    let file = Body::from_stream(pieces(rows, request.format)?);
    Ok(([(CONTENT_TYPE, request.format.media_type())], file).into_response())
}
