//! `POST /api/v1/prices/reprice`, `POST /api/v1/renormalize`, `GET /api/v1/audit[/{id}]`.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{Request, StatusCode};
use pellucid_model::{Error, ErrorKind, ProjectId, Result};
use pellucid_store::{JournalLine, Rewrite, RewriteOrder};

use super::wire::{AuditLine, AuditList, AuditParams, RewriteBody};
use crate::api::error::ErrorBody;
use crate::api::listing;
use crate::api::request::{Keeper, Params, Reader, json, parse_moment, show_time};
use crate::api::{Answered, Desk, broken};
use crate::auth::Grant;
use crate::clock;
use crate::rewrites::{RENORMALIZE, REPRICE};

const PAGE: usize = 50;
const MAX_PAGE: usize = 500;

/// Price the stored calls of a period again
#[utoipa::path(post, path = "/api/v1/prices/reprice", tag = "prices", request_body = RewriteBody,
    responses(
        (status = 200, description = "Done, if the request waited", body = AuditLine),
        (status = 202, description = "Begun: ask `/api/v1/audit/{id}` how far it is", body = AuditLine),
        (status = 400, body = ErrorBody), (status = 403, body = ErrorBody), (status = 503, body = ErrorBody)))]
pub(crate) async fn reprice(Keeper(grant): Keeper, State(desk): State<Desk>, request: Request<Body>) -> Answered {
    rewrite(&desk, &grant, Rewrite::Price, json(&desk, request).await?).await
}

/// Normalise the stored spans of a period again, from the raw attributes they keep
#[utoipa::path(post, path = "/api/v1/renormalize", tag = "status", request_body = RewriteBody,
    responses(
        (status = 200, description = "Done, if the request waited", body = AuditLine),
        (status = 202, description = "Begun: ask `/api/v1/audit/{id}` how far it is", body = AuditLine),
        (status = 400, body = ErrorBody), (status = 403, body = ErrorBody), (status = 503, body = ErrorBody)))]
pub(crate) async fn renormalize(Keeper(grant): Keeper, State(desk): State<Desk>, request: Request<Body>) -> Answered {
    rewrite(&desk, &grant, Rewrite::Normalise, json(&desk, request).await?).await
}

async fn rewrite(desk: &Desk, grant: &Grant, why: Rewrite, body: RewriteBody) -> Answered {
    if why == Rewrite::Normalise && body.model.is_some() {
        return Err(Error::new(ErrorKind::Invalid, "spans are normalised whole: there is no choice by model").into());
    }
    let what = if why == Rewrite::Price { REPRICE } else { RENORMALIZE };
    let (from, to) = (parse_moment("from", &body.from)?, body.to.as_deref().map(|to| parse_moment("to", to)));
    let window = listing::window(Some(from), to.transpose()?);
    let order = RewriteOrder {
        why,
        project: grant.project.clone(),
        from: window.from,
        to: window.to,
        model: body.model,
        dry_run: body.dry_run,
        ordered_at: clock::now(),
    };
    let (id, walk) = desk.rewrites.start(grant, what, order).await?;
    let status = if body.wait {
        walk.await.map_err(broken)??;
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok((status, Json(line(desk, &grant.project, id).await?)).into_response())
}

/// List what was changed by hand: prices set and removed, rows made again
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "list_audit", tag = "status", params(AuditParams),
    responses((status = 200, body = AuditList), (status = 400, body = ErrorBody)))]
pub(crate) async fn list(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let params = params.only(&["cursor", "limit"])?;
    let limit = params.number("limit", PAGE, MAX_PAGE)?;
    let before = params
        .one("cursor")
        .map(|cursor| cursor.parse().map_err(|_| Error::new(ErrorKind::Invalid, format!("{cursor:?} is no cursor"))));
    let limit_lines = u32::try_from(limit).unwrap_or(u32::MAX);
    let lines = desk.store.journal(access.project.as_str(), before.transpose()?, limit_lines).await?;
    let next_cursor = lines.last().filter(|_| lines.len() == limit).map(|line| line.id.to_string());
    let items = lines.iter().map(|line| shown(&desk, line)).collect();
    Ok(Json(AuditList { items, next_cursor }).into_response())
}

/// One line of the audit
#[utoipa::path(get, path = "/api/v1/audit/{id}", operation_id = "audit_line", tag = "status",
    params(("id" = i64, Path, description = "The line's number")),
    responses((status = 200, body = AuditLine), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(Reader(access): Reader, State(desk): State<Desk>, Path(id): Path<String>) -> Answered {
    let number = id.parse().map_err(|_| Error::new(ErrorKind::NotFound, format!("no line {id}")))?;
    Ok(Json(line(&desk, &access.project, number).await?).into_response())
}

async fn line(desk: &Desk, project: &ProjectId, id: i64) -> Result<AuditLine> {
    let lines = desk.store.journal(project.as_str(), Some(id.saturating_add(1)), 1).await?;
    let found = lines.iter().find(|line| line.id == id);
    found.map(|line| shown(desk, line)).ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no line {id}")))
}

fn shown(desk: &Desk, line: &JournalLine) -> AuditLine {
    let entry = &line.entry;
    let is_walk = [REPRICE, RENORMALIZE].contains(&entry.what.as_str());
    let rewrite = if is_walk { desk.rewrites.progress(line) } else { None };
    let details = if is_walk { serde_json::Value::Null } else { serde_json::from_str(&entry.body).unwrap_or_default() };
    AuditLine {
        id: line.id,
        time: show_time(entry.time),
        who: entry.who.clone(),
        what: entry.what.clone(),
        rewrite,
        details,
    }
}
