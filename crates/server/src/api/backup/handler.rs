//! `POST /api/v1/store/backup`: copies the directory into the folder that the configuration names. A request names no folder:
//! nobody writes where the operator did not say.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use pellucid_model::{Error, ErrorKind};

use super::wire::BackupAnswer;
use crate::api::error::ErrorBody;
use crate::api::request::Keeper;
use crate::api::{Answered, Desk};

/// Back the data directory up, all projects together
#[utoipa::path(post, path = "/api/v1/store/backup", operation_id = "backup", tag = "status",
    responses(
        (status = 200, description = "Done: the folder holds what was stored before the request", body = BackupAnswer),
        (status = 400, description = "The configuration names no folder", body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 503, body = ErrorBody)))]
pub(crate) async fn backup(Keeper(_): Keeper, State(desk): State<Desk>) -> Answered {
    let folder = desk.backup_dir.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::Invalid, "this server has no folder for backups")
            .with_hint("start it with `backup_dir` under [store] in the configuration, or PELLUCID_STORE_BACKUP_DIR")
    })?;
    let report = desk.store.backup(folder).await?;
    Ok(Json(BackupAnswer::new(folder.display().to_string(), report)).into_response())
}
