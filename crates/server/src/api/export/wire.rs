//! `POST /api/v1/export` on the wire.

use pellucid_model::Result;
use pellucid_query::ExportQuery;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::parse_moment;
use crate::export::ExportForm;

/// What to export.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportRequest {
    /// `spans`, `logs` or `metrics`.
    #[serde(default = "default_table")]
    pub(crate) table: String,
    /// The form of the file.
    #[serde(default)]
    pub(crate) format: ExportForm,
    /// First moment: RFC 3339, a day, or milliseconds since 1970.
    #[serde(default)]
    pub(crate) since: Option<String>,
    /// First moment after.
    #[serde(default)]
    pub(crate) until: Option<String>,
    /// A condition in SQL over the table's columns.
    #[serde(default, rename = "where")]
    pub(crate) condition: Option<String>,
}

fn default_table() -> String {
    "spans".to_owned()
}

impl ExportRequest {
    /// The same for the engine.
    pub(crate) fn query(&self) -> Result<ExportQuery> {
        let moment = |name, text: &Option<String>| text.as_deref().map(|text| parse_moment(name, text)).transpose();
        Ok(ExportQuery {
            table: self.table.clone(),
            since: moment("since", &self.since)?,
            until: moment("until", &self.until)?,
            condition: self.condition.clone(),
        })
    }
}
