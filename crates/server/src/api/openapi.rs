//! The description of the API, made from the handlers and the wire types; the UI's client is generated from it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;

use super::{
    backup, deletions, export, facets, histogram, metrics, prices, query, reports, rewrites, sessions, spans, sql,
    status, traces, users,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pellucid",
        description = "What LLM applications did: calls, tokens, cost, traces. Every answer is confined to the project of the key \
            that asks. Errors have one form, with `code` for programs and `message` for people."
    ),
    paths(
        status::handler::status,
        sql::handler::sql,
        export::handler::export,
        backup::handler::backup,
        query::handler::query,
        metrics::handler::metrics,
        traces::handler::list,
        traces::handler::trace,
        spans::handler::span,
        sessions::handler::list,
        sessions::handler::one,
        users::handler::list,
        facets::handler::facets,
        histogram::handler::histogram,
        reports::handler::unmapped,
        prices::handler::list,
        prices::handler::set,
        prices::handler::remove,
        prices::handler::choose,
        prices::handler::unpriced,
        rewrites::handler::reprice,
        rewrites::handler::renormalize,
        rewrites::handler::list,
        rewrites::handler::one,
        deletions::handler::order,
        deletions::handler::list,
        deletions::handler::one,
    ),
    servers((url = "/"))
)]
struct Document;

/// Open to everybody: it tells nothing about the data.
pub(super) async fn serve() -> Response {
    Json(Document::openapi()).into_response()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use utoipa::OpenApi;

    /// Generated clients name their functions by these.
    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = serde_json::to_value(super::Document::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|path| path.as_object().unwrap().values());
        let mut names: Vec<&str> = operations.map(|one| one["operationId"].as_str().unwrap()).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
    }

    /// The golden file at the root of the repository; `UPDATE=1 cargo test -p pellucid-server openapi` rewrites it.
    #[test]
    fn the_golden_file_is_current() {
        let path = Path::new("../../openapi.json");
        let now = super::Document::openapi().to_pretty_json().unwrap() + "\n";
        if crate::config::update_goldens() {
            std::fs::write(path, &now).unwrap();
        }
        let golden = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(golden, now, "openapi.json is stale: run with UPDATE=1");
    }
}
