//! Why a row says what it says: each column with the place it came from, what was refused, and what contradicts it.
//!
//! In: a row as it is stored, and its content records. Out: an [`Explanation`]. Nothing is worked out a second time: the
//! row is normalised again, which gives the same row, with a recorder that listens. So an explanation is always about
//! today's tables; where the stored row says something else, the explanation tells that too.

mod columns;
mod same;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use pellucid_model::{Cost, CostSource, PricedSpan, RawLog};
use serde_json::{Map, Value as Json};

use self::columns::{COLUMNS, CONCLUDED, DECIDED_BY, FROM_ELSEWHERE, NOTED};
use self::same::agree;
use crate::content_log::joined;
use crate::dialects::Source;
use crate::field::{Fact, Field};
use crate::json;
use crate::trail::{FromLogs, Outcome, Reading, Sight, Trail};

/// Longer values are shown by their beginning: whole they stand in the row.
const MAX_SHOWN_CHARS: usize = 200;

/// Where the columns of one row come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Every column that has a value or was told something, in the order of the contract.
    pub columns: Vec<Explained>,
    /// What is to be said of the row as a whole.
    pub notes: Vec<&'static str>,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Its name.
    pub column: &'static str,
    /// What it says, long texts cut.
    pub value: Json,
    /// What a row normalised today would say; nothing if that is the same.
    pub today: Option<Json>,
    /// The place it was read from; nothing if it follows from others, or if nobody told.
    pub origin: Option<Place>,
    /// By what it follows, a word such as `host` or `by_kind`.
    pub rule: Option<&'static str>,
    /// The price row, for money.
    pub price_id: Option<String>,
    /// What was done to the number, as in `usage_notes`.
    pub notes: Vec<&'static str>,
    /// Places that held something that was not taken, with a word for why.
    pub refused: Vec<(Place, &'static str)>,
    /// Other places that say something else.
    pub conflicts: Vec<Place>,
}

/// A place in the span or in one of its records, and what stood there.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// `attribute`, `resource`, `event`, `name`, `status_message`, or `log` for a record whose keys are not told apart.
    pub kind: &'static str,
    /// The attribute's key, or the event's name.
    pub name: String,
    /// The key inside an event.
    pub key: Option<&'static str>,
    /// Where inside the attribute's data, as a JSON pointer.
    pub pointer: Option<&'static str>,
    /// Names of the records in which it stood; empty for the span itself.
    pub logs: Vec<String>,
    /// The dialect whose row says that this place means this.
    pub dialect: Option<&'static str>,
    /// Where that is written down.
    pub spec: Option<&'static str>,
    /// What stood there, its beginning.
    pub sent: Option<String>,
}

/// Explains a stored row by itself and its content records.
pub fn explain(row: &PricedSpan, logs: &[Arc<RawLog>]) -> Explanation {
    let mut trail = Trail::default();
    let again = joined(&row.span, logs, &mut trail);
    let scene = Scene {
        stored: json::columns(&row.span, &row.cost),
        today: json::columns(&again, &row.cost),
        row,
        trail: &trail,
    };
    let columns = COLUMNS.iter().filter_map(|(column, fields)| scene.column(column, fields)).collect();
    let about_row = |note: &&&'static str| !NOTED.iter().any(|(known, _)| *known == **note);
    Explanation { columns, notes: row.span.usage.notes.iter().filter(about_row).copied().collect() }
}

struct Scene<'a> {
    stored: Map<String, Json>,
    today: Map<String, Json>,
    row: &'a PricedSpan,
    trail: &'a Trail,
}

impl Scene<'_> {
    /// What there is to say of a column; nothing of one of which nobody told anything.
    fn column(&self, column: &'static str, fields: &[Field]) -> Option<Explained> {
        let value = self.stored.get(column).unwrap_or(&Json::Null);
        let today = self.today.get(column).unwrap_or(&Json::Null);
        let from = self.trail.logs.iter().find(|log| log.filled.iter().any(|name| name == column));
        let reading = from.map_or(&self.trail.own, |log| &log.reading);
        let decided = reading.rule(column).and_then(|rule| deciding(column, rule)).unwrap_or(fields);
        let taken = origin(reading, decided, today).filter(|_| !is_nothing(today) && self.may_be_read(column));
        let place = taken.map(|sight| place(sight, from));
        let origin = place.or_else(|| from.map(whole_record));
        let explained = Explained {
            column,
            value: shown(value),
            today: (value != today && !FROM_ELSEWHERE.contains(&column)).then(|| shown(today)),
            rule: self.rule(column, reading, taken.is_some()),
            price_id: self.row.cost.price_id.clone().filter(|_| self.is_priced(column)),
            notes: self.notes(column),
            refused: self.refused(fields, taken),
            conflicts: if CONCLUDED.contains(&column) { Vec::new() } else { self.conflicts(fields, taken) },
            origin,
        };
        let silent = explained.refused.is_empty() && is_nothing(value) && explained.today.is_none();
        (!silent).then_some(explained)
    }

    /// Money that we computed was read nowhere.
    fn may_be_read(&self, column: &str) -> bool {
        column != "cost_usd" || self.row.cost.source == Some(CostSource::Reported)
    }

    fn is_priced(&self, column: &str) -> bool {
        let computed = self.row.cost.source == Some(CostSource::Computed);
        column == "computed_cost_usd"
            || (computed && matches!(column, "cost_usd" | "input_cost_usd" | "output_cost_usd"))
    }

    fn rule(&self, column: &str, reading: &Reading, read: bool) -> Option<&'static str> {
        let Cost { source, .. } = self.row.cost;
        let usage = &self.row.span.usage;
        match column {
            "cost_usd" | "input_cost_usd" | "output_cost_usd" => match source {
                Some(CostSource::Computed) => Some("price_book"),
                Some(CostSource::Reported) => Some("reported"),
                None => None,
            },
            "computed_cost_usd" => self.row.cost.computed.map(|_| "price_book"),
            "counts" => Some(match (self.row.span.kind.is_model_call(), self.row.span.counts) {
                (true, true) => "a_call_of_its_own",
                (true, false) => "another_row_tells_of_this_call",
                (false, true) => "no_call_below_it",
                (false, false) => "no_model_call",
            }),
            "usage_source" => usage.source.map(|source| source.as_str()),
            "total_tokens" if !read => usage.total.map(|_| "sum"),
            _ => reading.rule(column),
        }
    }

    fn notes(&self, column: &str) -> Vec<&'static str> {
        let about =
            |note: &&&'static str| NOTED.iter().any(|(known, columns)| known == *note && columns.contains(&column));
        self.row.span.usage.notes.iter().filter(about).copied().collect()
    }

    /// What held something and gave nothing. Only the span's own places: a record is asked for gaps alone.
    fn refused(&self, fields: &[Field], taken: Option<&Sight>) -> Vec<(Place, &'static str)> {
        let Some(field) = fields.first() else { return Vec::new() };
        let of_field = self.trail.own.sights.iter().filter(|sight| sight.field == *field);
        let refused = of_field.filter_map(|sight| {
            let why = match sight.outcome {
                Outcome::Filler => "filler",
                Outcome::Masked => "masked",
                Outcome::Unreadable => "unreadable",
                Outcome::Impossible => "impossible",
                Outcome::Taken if taken.is_none_or(|used| used.field != *field) => "not_used",
                Outcome::Taken | Outcome::Behind => return None,
            };
            Some((place(sight, None), why))
        });
        refused.collect()
    }

    /// Other places, of the span or of its records, that say something else of the same field.
    fn conflicts(&self, fields: &[Field], taken: Option<&Sight>) -> Vec<Place> {
        let taken = taken.filter(|sight| fields.first() == Some(&sight.field));
        let Some((sight, fact)) = taken.and_then(|sight| Some((sight, sight.fact.as_ref()?))) else {
            return Vec::new();
        };
        let differs = |other: &&Sight| {
            let told = matches!(other.outcome, Outcome::Taken | Outcome::Behind);
            told && other.field == sight.field
                && other.fact.as_ref().is_some_and(|fact_there| !agree(sight.field, fact, fact_there))
        };
        let own = self.trail.own.sights.iter().filter(differs).map(|other| place(other, None));
        let logs = self.trail.logs.iter().filter(|log| log.joined);
        let told =
            logs.flat_map(|log| log.reading.sights.iter().filter(differs).map(move |other| place(other, Some(log))));
        own.chain(told).collect()
    }
}

fn deciding(column: &str, rule: &str) -> Option<&'static [Field]> {
    let row = DECIDED_BY.iter().find(|(of, name, _)| (*of, *name) == (column, rule));
    row.map(|(.., fields)| *fields)
}

/// The place that gave the column: the first whose fact is the value itself, else the first that was taken.
fn origin<'a>(reading: &'a Reading, fields: &[Field], value: &Json) -> Option<&'a Sight> {
    let mut taken = fields.iter().filter_map(|field| reading.taken(*field));
    let same = taken.clone().find(|sight| sight.fact.as_ref().is_some_and(|fact| is_value(fact, value)));
    same.or_else(|| taken.next())
}

fn is_value(fact: &Fact, value: &Json) -> bool {
    match fact {
        Fact::Text(text) => value.as_str() == Some(text),
        Fact::Int(number) => value.as_i64() == Some(*number),
        Fact::Number(number) => value.as_f64() == Some(*number),
        Fact::Truth(truth) => value.as_bool() == Some(*truth),
        Fact::Money(amount) => value.as_str().and_then(|text| text.parse().ok()) == Some(*amount),
        Fact::Texts(texts) => value
            .as_array()
            .is_some_and(|items| items.iter().map(Json::as_str).eq(texts.iter().map(|text| Some(text.as_str())))),
        Fact::List(list) => {
            let text = Json::from(&*list.items()).to_string();
            value.as_str() == Some(text.as_str())
        }
        Fact::Body(_) => false,
    }
}

fn place(sight: &Sight, log: Option<&FromLogs>) -> Place {
    let (kind, name, key, pointer) = match sight.source {
        Source::Attr(key) => ("attribute", key, None, None),
        Source::In(key, pointer) => ("attribute", key, None, Some(pointer)),
        Source::Flat(prefix) => ("attribute", prefix, None, None),
        Source::TimeIn(key) => ("attribute", key, None, None),
        Source::Name => ("name", "", None, None),
        Source::Resource(key) => ("resource", key, None, None),
        Source::EventTime(name) | Source::EventsNamed(name) => ("event", name, None, None),
        Source::Event(name, key) | Source::EachEvent(name, key) => ("event", name, Some(key), None),
        Source::Events => ("event", "*", None, None),
        Source::StatusMessage => ("status_message", "", None, None),
    };
    Place {
        kind,
        name: if matches!(sight.source, Source::Flat(_)) { format!("{name}.*") } else { name.to_owned() },
        key,
        pointer,
        logs: log.map(|log| log.events.clone()).unwrap_or_default(),
        dialect: Some(sight.dialect),
        spec: Some(sight.spec),
        sent: Some(cut(&sight.sent)),
    }
}

/// Records of which only the whole is known to have told it.
fn whole_record(log: &FromLogs) -> Place {
    Place {
        kind: "log",
        name: String::new(),
        key: None,
        pointer: None,
        logs: log.events.clone(),
        dialect: None,
        spec: None,
        sent: None,
    }
}

fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn shown(value: &Json) -> Json {
    match value {
        Json::String(text) => Json::from(cut(text)),
        other => other.clone(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
