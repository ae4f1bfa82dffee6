//! `GET /api/v1/status`.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::json;

use super::wire::{RetentionStatus, Status};
use crate::api::error::ErrorBody;
use crate::api::request::Reader;
use crate::api::{Answered, Desk};

/// How the server is doing and who sends to it
#[utoipa::path(get, path = "/api/v1/status", tag = "status",
    responses((status = 200, body = Status), (status = 401, body = ErrorBody)))]
pub(crate) async fn status(Reader(access): Reader, State(desk): State<Desk>) -> Answered {
    let known = desk.engine.status(&access).await?;
    let stats = desk.store.stats();
    let own = desk.store.open_deletions().await?.into_iter().filter(|one| one.project == access.project.as_str());
    let retention = RetentionStatus::of(&desk.keeping, &access.project);
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_s": desk.started.elapsed().as_secs(),
        "empty": known["rows"]["spans"] == 0,
        "auth": desk.keyring.required(),
        "project": access.project.as_str(),
        "store": {
            "rows": known["rows"],
            "files": stats.files,
            "disk_bytes": stats.disk_bytes,
            "memory_bytes": stats.memory_bytes,
            "wal_bytes": stats.wal_bytes,
            "open_deletions": own.count(),
            "retention": retention,
        },
        "senders": known["senders"],
    });
    Ok(Json(body).into_response())
}
