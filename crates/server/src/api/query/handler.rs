//! `POST /api/v1/query`: metrics of the catalogue by split and over time.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Request;
use pellucid_model::{Error, ErrorKind, Result, Timestamp};
use pellucid_query::{Filter, MetricQuery, Op};

use super::wire::{MetricFilter, MetricFrame, MetricRequest, TimeInput};
use crate::api::error::ErrorBody;
use crate::api::listing::window;
use crate::api::request::{Reader, json, parse_time};
use crate::api::{Answered, Desk};

/// Series a chart can still show.
const SERIES: usize = 100;

/// Ask for metrics of the catalogue
#[utoipa::path(post, path = "/api/v1/query", tag = "query", request_body = MetricRequest,
    responses((status = 200, body = MetricFrame), (status = 400, body = ErrorBody)))]
pub(crate) async fn query(Reader(access): Reader, State(desk): State<Desk>, request: Request<Body>) -> Answered {
    let request: MetricRequest = json(&desk, request).await?;
    let answer = desk.engine.metrics(&access, &question(request)?).await?;
    Ok(Json(MetricFrame::from(answer)).into_response())
}

fn question(request: MetricRequest) -> Result<MetricQuery> {
    let filters = request.filters.into_iter().map(filter).collect::<Result<_>>()?;
    Ok(MetricQuery {
        metrics: request.metrics,
        splits: request.splits,
        filters,
        window: window(time("from", request.from)?, time("to", request.to)?),
        step_s: request.step_s,
        limit: request.limit.unwrap_or(SERIES),
        order_by: request.order_by,
    })
}

fn filter(filter: MetricFilter) -> Result<Filter> {
    let op = Op::parse(&filter.op)?;
    if op == Op::In && !filter.value.is_array() {
        return Err(Error::new(ErrorKind::Invalid, format!("the filter on {} needs a list", filter.field)));
    }
    Ok(Filter { field: filter.field, op, value: filter.value })
}

fn time(name: &str, input: Option<TimeInput>) -> Result<Option<Timestamp>> {
    let text = input.map(|input| match input {
        TimeInput::Millis(millis) => millis.to_string(),
        TimeInput::Text(text) => text,
    });
    text.map(|text| parse_time(name, &text)).transpose()
}
