//! `/api/v1/prices` on the wire.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::prices::{Listed, PriceShape};

/// The user's prices that hold for a project, in the order in which they are asked; overlay and book come after.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceList {
    pub(crate) items: Vec<PriceItem>,
    /// Whose number is the cost where both are known: `reported` or `computed`.
    pub(crate) choice: String,
    /// What is asked after the items.
    pub(crate) books: Vec<String>,
}

/// One price.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceItem {
    /// Its name; `price_id` of the calls it prices begins with `override:` and the name.
    pub(crate) id: String,
    /// `project` or `org`.
    pub(crate) scope: String,
    /// `api`, or `file` for the configuration file, where it can only be changed there.
    pub(crate) source: String,
    /// How often it was set; the number stands behind the id in `price_id`. Null for a row of the file.
    pub(crate) revision: Option<u64>,
    pub(crate) price: PriceShape,
}

impl From<Listed> for PriceItem {
    fn from(listed: Listed) -> Self {
        let source = if listed.revision.is_some() { "api" } else { "file" };
        Self {
            id: listed.id,
            scope: listed.scope.as_str().to_owned(),
            source: source.to_owned(),
            revision: listed.revision,
            price: listed.shape,
        }
    }
}

/// Whose number is the cost of a call where the client and a price row both give one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoiceBody {
    /// `reported` or `computed`.
    pub(crate) choice: String,
}

/// Models whose calls have no cost, most calls first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct UnpricedList {
    pub(crate) items: Vec<Unpriced>,
    /// Calls of all items.
    pub(crate) calls: u64,
}

/// One model without a price.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unpriced {
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
    /// `no_price`: no row fits. `no_tokens`: what is billed was not told.
    pub(crate) reason: String,
    pub(crate) calls: u64,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    /// RFC 3339.
    pub(crate) first_seen: String,
    /// RFC 3339.
    pub(crate) last_seen: String,
}

/// For whom a price is.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct ScopeParams {
    /// `project` (default): the key's project. `org`: all projects.
    scope: Option<String>,
}

/// A period.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what api::request::Params reads")]
pub(crate) struct PeriodParams {
    /// First moment: RFC 3339 or milliseconds since 1970. Default: the first there is.
    from: Option<String>,
    /// First moment after. Default: now.
    to: Option<String>,
}
