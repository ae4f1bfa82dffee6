//! What may be asked of texts.
//!
//! | written | means |
//! |---|---|
//! | `退款 refund` | both, in any of a row's texts; `AND` between them changes nothing |
//! | `"not found"` | side by side in one text; what stands between words does not matter, signs in the phrase do |
//! | `-test`, `NOT test` | in none of the row's texts |
//! | `a OR b`, `(…)` | either; binds weaker than "both" |
//! | `refun*` | words that begin so |
//! | `foo_bar`, `/v1/chat`, `C++` | these characters side by side, letters at their ends not going on |

mod matcher;
mod parse;
mod pattern;
mod shape;

pub use matcher::{MAX_RANGES, Matcher};
pub use parse::{MAX_QUERY_BYTES, QueryError};

use self::pattern::Pattern;
use crate::rows::RowSet;
use crate::terms::Probe;

/// A question that was understood.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    root: Node,
}

/// A part of a question.
#[derive(Debug, Clone)]
enum Node {
    /// Stands in a text of the row.
    Is(Box<Pattern>),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

impl Query {
    /// Understands a question; an error says where and what to do.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        Ok(Self { text: text.to_owned(), root: parse::parse(text)? })
    }

    /// As it was asked.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What decides texts.
    pub fn matcher(&self) -> Matcher {
        Matcher::new(&self.root)
    }

    /// The rows of `0..total` that may answer, by what an index tells of terms: `lookup` gives the rows that have a term.
    /// All rows, where the question names nothing that an index knows.
    pub fn rows<E>(&self, total: u32, mut lookup: impl FnMut(&Probe) -> Result<RowSet, E>) -> Result<RowSet, E> {
        Ok(narrow(&self.root, total, &mut lookup)?.unwrap_or_else(|| RowSet::all(total)))
    }
}

/// Nothing: every row may.
fn narrow<E>(
    node: &Node,
    total: u32,
    lookup: &mut impl FnMut(&Probe) -> Result<RowSet, E>,
) -> Result<Option<RowSet>, E> {
    match node {
        Node::Is(pattern) => {
            let mut found: Option<RowSet> = None;
            for choice in pattern.probes() {
                if found.as_ref().is_some_and(RowSet::is_empty) {
                    break;
                }
                let mut rows = RowSet::none(total);
                for probe in &choice {
                    rows.add(&lookup(probe)?);
                }
                found = Some(both(found, rows));
            }
            Ok(found)
        }
        // Which rows lack a thing, an index of what may be there cannot tell.
        Node::Not(_) => Ok(None),
        Node::All(parts) => {
            let mut found: Option<RowSet> = None;
            for part in parts {
                if found.as_ref().is_some_and(RowSet::is_empty) {
                    break;
                }
                if let Some(rows) = narrow(part, total, lookup)? {
                    found = Some(both(found, rows));
                }
            }
            Ok(found)
        }
        Node::Any(parts) => {
            let mut found = RowSet::none(total);
            for part in parts {
                let Some(rows) = narrow(part, total, lookup)? else { return Ok(None) };
                found.add(&rows);
            }
            Ok(Some(found))
        }
    }
}

fn both(found: Option<RowSet>, mut rows: RowSet) -> RowSet {
    if let Some(found) = &found {
        rows.keep(found);
    }
    rows
}
