//! `GET /api/v1/reports/unmapped`.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use pellucid_genai::{Sender, SentRow, Unmapped};
use pellucid_model::Result;
use pellucid_query::{Access, Engine, SentAttributes, Window};
use utoipa::IntoParams;

use super::wire::UnmappedReport;
use crate::api::error::ErrorBody;
use crate::api::listing::window;
use crate::api::request::{Params, Reader, show_time};
use crate::api::{Answered, Desk, wire};

/// When.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct ReportParams {
    /// First moment: RFC 3339 or milliseconds since 1970. Default: a day before `to`.
    from: Option<String>,
    /// First moment after. Default: now.
    to: Option<String>,
}

/// Which GenAI attributes nobody mapped, by sender
#[utoipa::path(get, path = "/api/v1/reports/unmapped", tag = "status", params(ReportParams),
    responses((status = 200, body = UnmappedReport), (status = 400, body = ErrorBody)))]
pub(crate) async fn unmapped(Reader(access): Reader, State(desk): State<Desk>, params: Params) -> Answered {
    let params = params.only(&["from", "to"])?;
    let window = window(params.time("from")?, params.time("to")?);
    Ok(Json(report(&desk.engine, &access, window).await?).into_response())
}

/// The report over stored rows: nothing has to be counted when they come.
pub(crate) async fn report(engine: &Engine, access: &Access, window: Window) -> Result<UnmappedReport> {
    let mut unmapped = Unmapped::default();
    let senders = engine.senders(access, window, |row| unmapped.add(&sent(row))).await?;
    let (reports, cut) = unmapped.finish();
    let window = wire::Window { from: show_time(window.from), to: show_time(window.to) };
    Ok(UnmappedReport::new(&senders, reports, cut, window))
}

fn sent(row: SentAttributes<'_>) -> SentRow<'_> {
    let [service, scope, scope_version] = row.identity.map(|text| text.map(str::to_owned));
    SentRow {
        sender: Sender { service, scope, scope_version, sdk: row.sdk.map(str::to_owned) },
        dialects: row.dialects,
        flags: row.flags,
        time: row.time,
        attributes: row.attributes,
    }
}
