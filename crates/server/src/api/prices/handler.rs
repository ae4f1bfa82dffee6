//! `/api/v1/prices`: list, set and remove prices, and list what has none.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{Request, StatusCode};
use pellucid_genai::{CostChoice, PriceBook};
use pellucid_model::{Error, ErrorKind, Result, Timestamp};

use super::wire::{ChoiceBody, PeriodParams, PriceItem, PriceList, ScopeParams, UnpricedList};
use crate::api::error::ErrorBody;
use crate::api::listing;
use crate::api::request::{Keeper, Params, Reader, json};
use crate::api::{Answered, Desk};
use crate::prices::{PriceShape, Scope};

/// List your prices, in the order in which they are asked
#[utoipa::path(get, path = "/api/v1/prices", operation_id = "list_prices", tag = "prices", responses((status = 200, body = PriceList)))]
pub(crate) async fn list(Reader(access): Reader, State(desk): State<Desk>) -> Answered {
    let (items, choice) = desk.prices.list(&access.project).await?;
    let body = PriceList {
        items: items.into_iter().map(PriceItem::from).collect(),
        choice: choice.as_str().to_owned(),
        books: PriceBook::sources().map(str::to_owned).to_vec(),
    };
    Ok(Json(body).into_response())
}

/// Set a price; calls from now on are priced by it, stored ones when they are re-priced
#[utoipa::path(put, path = "/api/v1/prices/{id}", operation_id = "set_price", tag = "prices", request_body = PriceShape,
    params(("id" = String, Path, description = "A name of your own"), ScopeParams),
    responses((status = 200, body = PriceItem), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn set(
    Keeper(grant): Keeper,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    params: Params,
    request: Request<Body>,
) -> Answered {
    let scope = scope(&params.only(&["scope"])?)?;
    let mut shape: PriceShape = json(&desk, request).await?;
    if shape.project.take().is_some_and(|project| project != grant.project.as_str()) {
        return Err(Error::new(ErrorKind::Forbidden, "this key may not set prices of another project").into());
    }
    let listed = desk.prices.set(&grant, scope, &id, shape).await?;
    Ok(Json(PriceItem::from(listed)).into_response())
}

/// Remove a price
#[utoipa::path(delete, path = "/api/v1/prices/{id}", operation_id = "remove_price", tag = "prices",
    params(("id" = String, Path, description = "Its name"), ScopeParams),
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn remove(
    Keeper(grant): Keeper,
    State(desk): State<Desk>,
    Path(id): Path<String>,
    params: Params,
) -> Answered {
    let scope = scope(&params.only(&["scope"])?)?;
    if desk.prices.remove(&grant, scope, &id).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let error = Error::new(ErrorKind::NotFound, format!("no price {id:?} was set for this {}", scope.as_str()));
    Err(error.with_hint("rows of the configuration file are removed there").into())
}

/// Choose whose number is the cost of a call
#[utoipa::path(put, path = "/api/v1/prices/choice", operation_id = "choose_cost", tag = "prices", request_body = ChoiceBody,
    responses((status = 200, body = ChoiceBody), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn choose(Keeper(grant): Keeper, State(desk): State<Desk>, request: Request<Body>) -> Answered {
    let ChoiceBody { choice } = json(&desk, request).await?;
    let choice = CostChoice::parse(&choice).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{choice:?} is no choice")).with_hint("reported or computed")
    })?;
    desk.prices.choose(&grant, choice).await?;
    Ok(Json(ChoiceBody { choice: choice.as_str().to_owned() }).into_response())
}

/// List the models whose calls have no cost
#[utoipa::path(get, path = "/api/v1/prices/unpriced", operation_id = "unpriced_models", tag = "prices", params(PeriodParams),
    responses((status = 200, body = UnpricedList), (status = 400, body = ErrorBody)))]
pub(crate) async fn unpriced(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let params = params.only(&["from", "to"])?;
    let window = listing::window(Some(params.time("from")?.unwrap_or(Timestamp::ZERO)), params.time("to")?);
    Ok(Json(desk.engine.unpriced(&access, window).await?).into_response())
}

fn scope(params: &Params) -> Result<Scope> {
    match params.one("scope") {
        None | Some("project") => Ok(Scope::Project),
        Some("org") => Ok(Scope::Org),
        Some(other) => {
            Err(Error::new(ErrorKind::Invalid, format!("{other:?} is no scope")).with_hint("project or org"))
        }
    }
}
