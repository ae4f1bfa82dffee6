//! DataFusion's errors in our words: a kind, a short message, where in the query, and the nearest right name.
//!
//! In: a `DataFusionError`. Out: the edge [`Error`]. What the writer of a query can mend is `Invalid`; what ran out is
//! `Exhausted`; the rest is ours.

use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::common::{DataFusionError, Diagnostic, SchemaError};
use pellucid_model::{Error, ErrorKind};

use crate::session::TABLE_NAMES;

/// A name further away than this many edits is no likely typing error.
const NEAR_EDITS: usize = 3;

/// The edge error of a failed plan or query.
pub(crate) fn from(error: DataFusionError) -> Error {
    let kind = kind_of(error.find_root());
    let message = message_of(&error);
    let mut edge = Error::new(kind, message.clone());
    if let Some((line, column)) = position(error.diagnostic(), &message) {
        edge = edge.at(line, column);
    }
    if let Some(hint) = hint(error.find_root(), &message) {
        edge = edge.with_hint(hint);
    }
    edge.caused_by(error)
}

/// The edge error of a text that does not parse; "at the end" is a place too.
pub(crate) fn from_parser(error: DataFusionError, query: &str) -> Error {
    let edge = from(error);
    if edge.position.is_some() || !edge.message.ends_with("found: EOF") {
        return edge;
    }
    let (line, last) = query.trim_end().lines().enumerate().last().unwrap_or_default();
    edge.at(line as u64 + 1, last.chars().count() as u64 + 1)
}

fn kind_of(root: &DataFusionError) -> ErrorKind {
    match root {
        DataFusionError::SQL(..)
        | DataFusionError::Plan(_)
        | DataFusionError::SchemaError(..)
        | DataFusionError::NotImplemented(_)
        | DataFusionError::Configuration(_)
        | DataFusionError::Execution(_)
        | DataFusionError::ArrowError(..) => ErrorKind::Invalid,
        DataFusionError::Collection(errors) => {
            errors.first().map_or(ErrorKind::Internal, |first| kind_of(first.find_root()))
        }
        DataFusionError::ResourcesExhausted(_) => ErrorKind::Exhausted,
        _ => ErrorKind::Internal,
    }
}

/// The message without DataFusion's layers, our catalogue's prefix and its list of every column.
fn message_of(error: &DataFusionError) -> String {
    let root = match error.find_root() {
        DataFusionError::Collection(errors) => errors.first().map_or(error, |first| first.find_root()),
        root => root,
    };
    match root {
        DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
            SchemaError::FieldNotFound { field, .. } => format!("no column named {}", field.flat_name()),
            other => other.to_string(),
        },
        DataFusionError::SQL(parser, _) => {
            let text = parser.to_string();
            text.strip_prefix("sql parser error: ").unwrap_or(&text).to_owned()
        }
        DataFusionError::ResourcesExhausted(_) => "the query needs more memory than one query may use".to_owned(),
        other => {
            let text = other.strip_backtrace().replace("pellucid.public.", "");
            let text = text.split(": ").skip_while(|part| LAYERS.contains(part)).collect::<Vec<_>>().join(": ");
            text.lines().next().unwrap_or_default().to_owned()
        }
    }
}

/// Words DataFusion puts before its messages.
const LAYERS: &[&str] = &[
    "Error during planning",
    "Execution error",
    "This feature is not implemented",
    "Schema error",
    "Arrow error",
    "Optimizer rule 'simplify_expressions' failed",
    "Invalid or Unsupported Configuration",
    "External error",
];

/// Line and column from the diagnostic, else from the parser's text.
fn position(diagnostic: Option<&Diagnostic>, message: &str) -> Option<(u64, u64)> {
    let span = diagnostic.and_then(|diagnostic| diagnostic.span);
    span.map(|span| (span.start.line, span.start.column)).filter(|(line, _)| *line > 0).or_else(|| {
        let (_, place) = message.rsplit_once("at Line: ")?;
        let (line, column) = place.split_once(", Column: ")?;
        let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
        Some((line.trim().parse().ok()?, digits.parse().ok()?))
    })
}

fn hint(root: &DataFusionError, message: &str) -> Option<String> {
    if let DataFusionError::SchemaError(schema, _) = root
        && let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref()
    {
        let near = nearest(&field.name, valid_fields.iter().map(|field| field.name.as_str()))?;
        return Some(format!("did you mean {near}?"));
    }
    let missing = message.strip_prefix("table '").and_then(|rest| rest.strip_suffix("' not found"))?;
    let tables = TABLE_NAMES.join(", ");
    Some(nearest(missing, TABLE_NAMES.iter().copied()).map_or_else(
        || format!("there are the tables {tables}"),
        |near| format!("did you mean {near}? There are the tables {tables}"),
    ))
}

/// The name that is most like `wanted`, if one is alike at all.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let scored = names.map(|name| (levenshtein(&wanted, &name.to_lowercase()), name));
    scored.min().filter(|(edits, _)| *edits <= NEAR_EDITS.min(wanted.chars().count() / 2).max(1)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_nonsense_is_not() {
        assert_eq!(nearest("request_modle", ["request_model", "name"].into_iter()), Some("request_model"));
        assert_eq!(nearest("zzz", ["request_model", "name"].into_iter()), None);
    }
}
