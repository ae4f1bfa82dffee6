//! `POST /api/v1/deletions`, `GET /api/v1/deletions[/{id}]`.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{Request, StatusCode};
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_store::{DeletionOrder, Subject, SubjectKind};

use super::wire::{DeletionBody, DeletionList, DeletionParams, DeletionView};
use crate::api::error::ErrorBody;
use crate::api::request::{Keeper, Params, json};
use crate::api::{Answered, Desk};
use crate::clock;

const PAGE: usize = 50;
const MAX_PAGE: usize = 500;
/// The longest reason that is kept.
const MAX_REASON_BYTES: usize = 1000;

/// Delete a trace, a session or a user for good
#[utoipa::path(post, path = "/api/v1/deletions", operation_id = "delete_data", tag = "status", request_body = DeletionBody,
    responses(
        (status = 202, description = "Taken: no query sees the rows any more, unless the state is still `accepted`; \
            ask `/api/v1/deletions/{id}` until it is `purged`", body = DeletionView),
        (status = 400, body = ErrorBody), (status = 403, body = ErrorBody), (status = 503, body = ErrorBody)))]
pub(crate) async fn order(Keeper(grant): Keeper, State(desk): State<Desk>, request: Request<Body>) -> Answered {
    let body: DeletionBody = json(&desk, request).await?;
    let order = DeletionOrder {
        project: grant.project.clone(),
        subject: subject(&body)?,
        who: grant.who,
        reason: body.reason,
        ordered_at: clock::now(),
    };
    if order.reason.as_ref().is_some_and(|reason| reason.len() > MAX_REASON_BYTES) {
        return Err(Error::new(ErrorKind::Invalid, format!("reason is longer than {MAX_REASON_BYTES} bytes")).into());
    }
    let deletion = desk.deletions.start(&order).await?;
    Ok((StatusCode::ACCEPTED, Json(DeletionView::from(deletion))).into_response())
}

fn subject(body: &DeletionBody) -> Result<Subject> {
    let ids = [
        (SubjectKind::Trace, &body.trace_id),
        (SubjectKind::Session, &body.session_id),
        (SubjectKind::User, &body.user_id),
    ];
    let mut named = ids.iter().filter_map(|(kind, id)| Some((*kind, id.as_ref()?)));
    let (Some((kind, id)), None) = (named.next(), named.next()) else {
        return Err(Error::new(ErrorKind::Invalid, "a deletion is of one thing")
            .with_hint("give exactly one of trace_id, session_id and user_id"));
    };
    if id.is_empty() {
        return Err(Error::new(ErrorKind::Invalid, format!("{}_id is empty", kind.as_str())));
    }
    Subject::new(kind, id).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{id:?} is no id of a {}", kind.as_str()))
            .with_hint("a trace id has 32 hexadecimal digits")
    })
}

/// List what was deleted, by whom, and how far it is
#[utoipa::path(get, path = "/api/v1/deletions", operation_id = "list_deletions", tag = "status", params(DeletionParams),
    responses((status = 200, body = DeletionList), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(Keeper(grant): Keeper, State(desk): State<Desk>, params: Params) -> Answered {
    let params = params.only(&["cursor", "limit"])?;
    let limit = params.number("limit", PAGE, MAX_PAGE)?;
    let before = params
        .one("cursor")
        .map(|cursor| cursor.parse().map_err(|_| Error::new(ErrorKind::Invalid, format!("{cursor:?} is no cursor"))));
    let page = u32::try_from(limit).unwrap_or(u32::MAX);
    let found = desk.store.deletions(grant.project.as_str(), before.transpose()?, page).await?;
    let next_cursor = found.last().filter(|_| found.len() == limit).map(|deletion| deletion.id.to_string());
    Ok(Json(DeletionList { items: found.into_iter().map(DeletionView::from).collect(), next_cursor }).into_response())
}

/// One deletion
#[utoipa::path(get, path = "/api/v1/deletions/{id}", operation_id = "deletion", tag = "status",
    params(("id" = i64, Path, description = "The deletion's number")),
    responses((status = 200, body = DeletionView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(Keeper(grant): Keeper, State(desk): State<Desk>, Path(id): Path<String>) -> Answered {
    let number = id.parse().map_err(|_| Error::new(ErrorKind::NotFound, format!("no deletion {id}")))?;
    let found = desk.deletions.find(grant.project.as_str(), number).await?;
    Ok(Json(DeletionView::from(found)).into_response())
}
