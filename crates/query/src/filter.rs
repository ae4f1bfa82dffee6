//! Filters that all questions share: which spans count.
//!
//! In: a time window and filters by field. Out: a SQL condition with named parameters; a value of the user never
//! becomes SQL text. The fields are one table, from which splits, facets and filters all read.

use datafusion::common::ScalarValue;
use pellucid_model::{Error, ErrorKind, Result, Timestamp};
use pellucid_search::Query;
use serde_json::Value as Json;

use crate::fault::nearest;
use crate::matches::{MATCHES, searched};
use crate::session::Params;

/// What values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// Numbers.
    Number,
    /// True or false.
    Bool,
}

/// A name by which spans are filtered and split.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name in requests.
    pub name: &'static str,
    /// Its value as SQL over `spans`.
    pub sql: &'static str,
    /// Its type.
    pub of: FieldType,
}

const fn text(name: &'static str, sql: &'static str) -> Field {
    Field { name, sql, of: FieldType::Text }
}

/// Every field.
pub const FIELDS: &[Field] = &[
    text("app", "coalesce(app_name, service_name)"),
    text("model", "coalesce(response_model, request_model)"),
    text("request_model", "request_model"),
    text("provider", "provider"),
    text("operation", "operation"),
    text("kind", "kind"),
    text("status", "status"),
    text("error_type", "error_type"),
    text("user_id", "user_id"),
    text("session_id", "session_id"),
    text("environment", "environment"),
    Field { name: "temperature", sql: "temperature", of: FieldType::Number },
    text("db_system", "db_system"),
    text("db_operation", "db_operation"),
    text("tool_name", "tool_name"),
    text("agent_name", "agent_name"),
    text("finish_reason", "finish_reasons[1]"),
    Field { name: "stream", sql: "stream", of: FieldType::Bool },
    text("service_name", "service_name"),
    text("usage_source", "usage_source"),
];

/// The field called `name`.
pub(crate) fn field(name: &str) -> Result<&'static Field> {
    FIELDS.iter().find(|field| field.name == name).ok_or_else(|| {
        let near = nearest(name, FIELDS.iter().map(|field| field.name));
        let hint = near.map_or_else(
            || format!("fields are {}", FIELDS.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        Error::new(ErrorKind::Invalid, format!("no field named {name}")).with_hint(hint)
    })
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal; null finds rows without a value.
    Eq,
    /// Not equal; rows without a value are found too.
    Ne,
    /// One of a list.
    In,
    /// Contains the text, in any case.
    Contains,
    /// Greater.
    Gt,
    /// Less.
    Lt,
}

impl Op {
    /// The words of the API.
    pub fn parse(word: &str) -> Result<Self> {
        const WORDS: &[(&str, Op)] = &[
            ("eq", Op::Eq),
            ("ne", Op::Ne),
            ("in", Op::In),
            ("contains", Op::Contains),
            ("gt", Op::Gt),
            ("lt", Op::Lt),
        ];
        WORDS.iter().find(|(name, _)| *name == word).map(|(_, op)| *op).ok_or_else(|| {
            Error::new(ErrorKind::Invalid, format!("no comparison named {word}"))
                .with_hint("comparisons are eq, ne, in, contains, gt, lt")
        })
    }
}

/// One condition on a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// A name of [`FIELDS`].
    pub field: String,
    /// The comparison.
    pub op: Op,
    /// What to compare with; a list for [`Op::In`].
    pub value: Json,
}

/// A stretch of time: from inclusive, to exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

/// A growing SQL condition with its parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Where {
    terms: Vec<String>,
    params: Params,
}

impl Where {
    /// Spans that start inside `window`.
    pub(crate) fn window(window: Window) -> Result<Self> {
        if window.from >= window.to {
            return Err(Error::new(ErrorKind::Invalid, "the time range is empty: `from` must lie before `to`"));
        }
        let mut condition = Self::default();
        let from = condition.bind(time(window.from.as_nanos()));
        let to = condition.bind(time(window.to.as_nanos()));
        condition.and(format!("start_time >= {from} AND start_time < {to}"));
        Ok(condition)
    }

    /// Adds a condition made of our own SQL.
    pub(crate) fn and(&mut self, term: impl Into<String>) {
        self.terms.push(term.into());
    }

    /// A placeholder for a value.
    pub(crate) fn bind(&mut self, value: ScalarValue) -> String {
        let name = format!("p{}", self.params.len());
        let placeholder = format!("${name}");
        self.params.push((name, value));
        placeholder
    }

    /// Adds every filter.
    pub(crate) fn filters(&mut self, filters: &[Filter]) -> Result<()> {
        filters.iter().try_for_each(|filter| self.filter(filter))
    }

    fn filter(&mut self, filter: &Filter) -> Result<()> {
        let field = field(&filter.field)?;
        let sql = field.sql;
        let term = match (filter.op, &filter.value) {
            (Op::Eq, Json::Null) => format!("{sql} IS NULL"),
            (Op::Ne, Json::Null) => format!("{sql} IS NOT NULL"),
            (Op::Eq, value) => format!("{sql} = {}", self.value(field, value)?),
            (Op::Ne, value) => format!("{sql} IS DISTINCT FROM {}", self.value(field, value)?),
            (Op::Gt, value) => format!("{sql} > {}", self.value(field, value)?),
            (Op::Lt, value) => format!("{sql} < {}", self.value(field, value)?),
            (Op::In, Json::Array(values)) => self.one_of(field, values)?,
            (Op::In, value) => format!("{sql} = {}", self.value(field, value)?),
            (Op::Contains, Json::String(part)) if field.of == FieldType::Text => {
                format!("{sql} ILIKE {}", self.bind(text_value(&like_pattern(part))))
            }
            (Op::Contains, _) => return Err(wrong_type(field)),
        };
        self.and(term);
        Ok(())
    }

    fn one_of(&mut self, field: &Field, values: &[Json]) -> Result<String> {
        let sql = field.sql;
        let bound = values.iter().filter(|value| !value.is_null()).map(|value| self.value(field, value));
        let bound = bound.collect::<Result<Vec<_>>>()?.join(", ");
        let listed = if bound.is_empty() { "false".to_owned() } else { format!("{sql} IN ({bound})") };
        let or_null = if values.iter().any(Json::is_null) { format!(" OR {sql} IS NULL") } else { String::new() };
        Ok(format!("({listed}{or_null})"))
    }

    fn value(&mut self, field: &Field, value: &Json) -> Result<String> {
        let value = match (field.of, value) {
            (FieldType::Text, Json::String(text)) => text_value(text),
            (FieldType::Number, Json::Number(number)) => ScalarValue::Float64(number.as_f64()),
            (FieldType::Number, Json::String(text)) => {
                ScalarValue::Float64(Some(text.parse().map_err(|_| wrong_type(field))?))
            }
            (FieldType::Bool, Json::Bool(truth)) => ScalarValue::Boolean(Some(*truth)),
            (FieldType::Bool, Json::String(text)) => {
                ScalarValue::Boolean(Some(text.parse().map_err(|_| wrong_type(field))?))
            }
            _ => return Err(wrong_type(field)),
        };
        Ok(self.bind(value))
    }

    /// "The field has exactly this value", null included.
    pub(crate) fn same(&mut self, field: &Field, value: &Json) -> Result<String> {
        if value.is_null() {
            return Ok(format!("{} IS NULL", field.sql));
        }
        Ok(format!("{} = {}", field.sql, self.value(field, value)?))
    }

    /// Adds "the texts answer the question".
    pub(crate) fn answers(&mut self, question: &Query) {
        let question = self.bind(text_value(question.text()));
        self.and(format!("{MATCHES}({}, {question})", searched().join(", ")));
    }

    /// The condition as SQL, `true` if there is none.
    pub(crate) fn sql(&self) -> String {
        if self.terms.is_empty() { "true".to_owned() } else { self.terms.join(" AND ") }
    }

    /// The values behind the placeholders.
    pub(crate) fn params(&self) -> Params {
        self.params.clone()
    }
}

fn wrong_type(field: &Field) -> Error {
    let of = match field.of {
        FieldType::Text => "text",
        FieldType::Number => "a number",
        FieldType::Bool => "true or false",
    };
    Error::new(ErrorKind::Invalid, format!("the field {} is compared with {of}", field.name))
}

/// An instant as a parameter.
pub(crate) fn time(nanos: i64) -> ScalarValue {
    ScalarValue::TimestampNanosecond(Some(nanos), Some("UTC".into()))
}

/// A text as a parameter.
pub(crate) fn text_value(text: &str) -> ScalarValue {
    ScalarValue::Utf8(Some(text.to_owned()))
}

/// A pattern that finds exactly this text anywhere.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sql(field: &str, op: Op, value: Json) -> Result<String> {
        let mut condition = Where::default();
        condition.filters(&[Filter { field: field.into(), op, value }])?;
        Ok(condition.sql())
    }

    #[test]
    fn values_never_become_sql() {
        let sneaky = "x' OR true --";
        for op in [Op::Eq, Op::Ne, Op::In, Op::Contains, Op::Gt, Op::Lt] {
            assert!(!sql("provider", op, json!(sneaky)).unwrap().contains("true --"), "{op:?}");
        }
        assert_eq!(sql("provider", Op::In, json!(["a", null])).unwrap(), "(provider IN ($p0) OR provider IS NULL)");
        assert_eq!(sql("provider", Op::In, json!([])).unwrap(), "(false)");
    }

    #[test]
    fn wrong_fields_and_types_are_told() {
        assert_eq!(sql("provder", Op::Eq, json!("x")).unwrap_err().hint.as_deref(), Some("did you mean provider?"));
        assert_eq!(sql("stream", Op::Eq, json!(3)).unwrap_err().kind, ErrorKind::Invalid);
    }

    #[test]
    fn patterns_find_wildcards_literally() {
        assert_eq!(like_pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
