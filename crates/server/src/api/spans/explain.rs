//! Where the columns of a span come from, on the wire: the part `explain` of a span.

use pellucid_genai::{Explained, Explanation, Place};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

/// Every column of the span that has a value or was told something, with the place it came from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanExplanation {
    pub(crate) columns: Vec<ColumnOrigin>,
    /// What is to be said of the row as a whole.
    pub(crate) notes: Vec<String>,
}

/// One column and why it says what it says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnOrigin {
    /// Name in the table `spans`.
    pub(crate) column: String,
    /// What it says; texts of more than 200 characters by their beginning.
    #[schema(value_type = Value)]
    pub(crate) value: Json,
    /// What today's tables would make of what was sent, where the stored row is older and says something else.
    #[schema(value_type = Value)]
    pub(crate) today: Option<Json>,
    /// Where it was read; null if it follows from other columns.
    pub(crate) origin: Option<Origin>,
    /// By what it follows: `marker`, `operation`, `telling_key`, `name`, `model_embeds`, `by_kind`, `host`,
    /// `sent`, `model`, `exception_event`, `error_type`, `finish_reason`, `level`, `error_message`, `sum`, `price_book`,
    /// `reported`, `estimated`, `aggregate`, `a_call_of_its_own`, `another_row_tells_of_this_call`, `no_call_below_it`, `no_model_call` or
    /// `nothing_tells`.
    pub(crate) rule: Option<String>,
    /// The price row of a cost.
    pub(crate) price_id: Option<String>,
    /// What was done to the number, such as `input+=cache`.
    pub(crate) notes: Vec<String>,
    /// Places whose value was not taken.
    pub(crate) refused: Vec<RefusedOrigin>,
    /// Places that say something else.
    pub(crate) conflicts: Vec<Origin>,
}

/// A place that held something which was not taken.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusedOrigin {
    pub(crate) origin: Origin,
    /// `filler` (the SDK writes it where nobody said anything), `masked`, `unreadable`, `impossible` or `not_used`.
    pub(crate) why: String,
}

/// A place in the span or in one of its log records.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Origin {
    /// `attribute`, `resource`, `event`, `name`, `status_message`, or `log` for a record as a whole.
    pub(crate) kind: String,
    /// Key of the attribute, or name of the event; `*` stands for any.
    pub(crate) name: String,
    /// Key inside the event.
    pub(crate) key: Option<String>,
    /// JSON pointer into the attribute's data.
    pub(crate) pointer: Option<String>,
    /// Names of the log records in which it stood; empty for the span itself.
    pub(crate) logs: Vec<String>,
    /// The dialect by whose table this place means this.
    pub(crate) dialect: Option<String>,
    /// Where that is written down: an address, or what was read.
    pub(crate) spec: Option<String>,
    /// What stood there; more than 200 characters by their beginning.
    pub(crate) sent: Option<String>,
}

fn owned(words: Vec<&'static str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

impl From<Explanation> for SpanExplanation {
    fn from(told: Explanation) -> Self {
        Self { columns: told.columns.into_iter().map(ColumnOrigin::from).collect(), notes: owned(told.notes) }
    }
}

impl From<Explained> for ColumnOrigin {
    fn from(told: Explained) -> Self {
        let refused = |(place, why): (Place, &str)| RefusedOrigin { origin: place.into(), why: why.to_owned() };
        Self {
            column: told.column.to_owned(),
            value: told.value,
            today: told.today,
            origin: told.origin.map(Origin::from),
            rule: told.rule.map(str::to_owned),
            price_id: told.price_id,
            notes: owned(told.notes),
            refused: told.refused.into_iter().map(refused).collect(),
            conflicts: told.conflicts.into_iter().map(Origin::from).collect(),
        }
    }
}

impl From<Place> for Origin {
    fn from(place: Place) -> Self {
        Self {
            kind: place.kind.to_owned(),
            name: place.name,
            key: place.key.map(str::to_owned),
            pointer: place.pointer.map(str::to_owned),
            logs: place.logs,
            dialect: place.dialect.map(str::to_owned),
            spec: place.spec.map(str::to_owned),
            sent: place.sent,
        }
    }
}
