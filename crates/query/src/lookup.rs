//! What the conditions of a question say of files before one of them is opened.
//!
//! In: the conditions on one stored table and whose rows are asked for. Out: for each file whether it can have such rows
//! (its times, its projects, its key index), and which. It may give more than the conditions: they are asked again.

use std::ops::RangeInclusive;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};
use pellucid_model::{ProjectId, Result};
use pellucid_search::Query;
use pellucid_store::{FileRef, LookupKey, Table};

use crate::matches::question_of;

/// Most keys that are looked up; with more the rows are read.
const MAX_KEYS: usize = 1024;

/// Rows of a file for which its word index is not asked.
const FEW_ROWS: usize = 64;

/// Makes the key of a value within a project.
type MakeKey = fn(&str, &str) -> LookupKey;

/// Columns that files have keys of. Of log records only those with content have keys: no file is left out for them.
const KEYED: &[(Table, &str, MakeKey)] = &[
    (Table::Spans, "trace_id", LookupKey::trace),
    (Table::Spans, "response_id", LookupKey::response),
    (Table::Spans, "session_id", LookupKey::session),
];

/// The files and rows that a question is about.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    project: ProjectId,
    times: RangeInclusive<i64>,
    keys: Option<Vec<LookupKey>>,
    question: Option<Query>,
}

/// What a question needs of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Nothing.
    Nothing,
    /// Every row has to be looked at.
    All,
    /// The rows at these positions, ascending.
    Rows(Vec<u32>),
}

impl Wanted {
    /// What `filters`, all of which must hold, say of the files of `table`, whose time column is `time`.
    pub(crate) fn of(table: Table, time: &str, project: &ProjectId, filters: &[Expr]) -> Self {
        let times = filters.iter().map(|filter| times_of(filter, time));
        let times = times.fold(i64::MIN..=i64::MAX, |one, other| both(&one, &other));
        let keys = filters.iter().filter_map(|filter| Named::of(table, filter));
        let keys = keys.filter(|named| named.values.len() <= MAX_KEYS).min_by_key(|named| named.values.len());
        let keys = keys.map(|named| named.values.iter().map(|value| (named.make)(project.as_str(), value)).collect());
        let question = filters.iter().find_map(question_of);
        Self { project: project.clone(), times, keys, question }
    }

    /// Whether indexes are asked, which reads them.
    pub(crate) fn asks_indexes(&self) -> bool {
        self.keys.is_some() || self.question.is_some()
    }

    /// What it needs of a file.
    pub(crate) fn part(&self, file: &FileRef) -> Result<Part> {
        let apart = file.max_time < *self.times.start() || file.min_time > *self.times.end();
        if apart || file.projects.as_ref().is_some_and(|projects| !projects.may_have(self.project.as_str())) {
            return Ok(Part::Nothing);
        }
        let by_key = self.keys.as_ref().zip(file.keys.as_ref()).map(|(keys, index)| index.find(keys)).transpose()?;
        // Few rows are read sooner than the words of a whole file are looked up.
        let few = by_key.as_ref().is_some_and(|rows| rows.len() <= FEW_ROWS);
        let by_word = match (&self.question, &file.words) {
            (Some(question), Some(words)) if !few => words.candidates(question),
            _ => None,
        };
        let mut rows = match (by_key, by_word) {
            (None, None) => return Ok(Part::All),
            (Some(rows), None) => rows,
            (None, Some(found)) => found.iter().collect(),
            (Some(mut rows), Some(found)) => {
                rows.retain(|row| found.contains(*row));
                rows
            }
        };
        rows.retain(|row| file.deleted.binary_search(row).is_err());
        Ok(if rows.is_empty() { Part::Nothing } else { Part::Rows(rows) })
    }
}

/// Whether a condition says something of files.
pub(crate) fn speaks_of_files(table: Table, time: &str, filter: &Expr) -> bool {
    Named::of(table, filter).is_some()
        || times_of(filter, time) != (i64::MIN..=i64::MAX)
        || question_of(filter).is_some()
}

/// The values that a column with keys may have.
struct Named {
    column: &'static str,
    make: MakeKey,
    values: Vec<String>,
}

impl Named {
    fn of(table: Table, filter: &Expr) -> Option<Self> {
        match filter {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
                Self::equal(table, left, right).or_else(|| Self::equal(table, right, left))
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                let (mut one, other) = (Self::of(table, left)?, Self::of(table, right)?);
                one.values.extend(other.values);
                (one.column == other.column).then_some(one)
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                Self::of(table, left).or_else(|| Self::of(table, right))
            }
            Expr::InList(InList { expr, list, negated: false }) => {
                let (column, make) = keyed(table, expr)?;
                let values = list.iter().map(text).collect::<Option<_>>()?;
                Some(Self { column, make, values })
            }
            _ => None,
        }
    }

    fn equal(table: Table, column: &Expr, value: &Expr) -> Option<Self> {
        let (column, make) = keyed(table, column)?;
        Some(Self { column, make, values: vec![text(value)?] })
    }
}

fn keyed(table: Table, column: &Expr) -> Option<(&'static str, MakeKey)> {
    let Expr::Column(column) = column else { return None };
    let row = KEYED.iter().find(|(of, name, _)| *of == table && *name == column.name)?;
    Some((row.1, row.2))
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Literal(value, _) => value.try_as_str().flatten().map(str::to_owned),
        _ => None,
    }
}

/// The times, both ends included, outside of which a condition does not hold.
fn times_of(filter: &Expr, time: &str) -> RangeInclusive<i64> {
    let is_time = |expr: &Expr| matches!(expr, Expr::Column(column) if column.name == time);
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            both(&times_of(left, time), &times_of(right, time))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (nanos(left), nanos(right)) {
            (None, Some(at)) if is_time(left) => compared(*op, at),
            (Some(at), None) if is_time(right) => op.swap().map_or(i64::MIN..=i64::MAX, |op| compared(op, at)),
            _ => i64::MIN..=i64::MAX,
        },
        Expr::Between(Between { expr, negated: false, low, high }) if is_time(expr) => {
            nanos(low).unwrap_or(i64::MIN)..=nanos(high).unwrap_or(i64::MAX)
        }
        _ => i64::MIN..=i64::MAX,
    }
}

fn compared(op: Operator, at: i64) -> RangeInclusive<i64> {
    match op {
        Operator::Eq => at..=at,
        Operator::Lt => i64::MIN..=at.saturating_sub(1),
        Operator::LtEq => i64::MIN..=at,
        Operator::Gt => at.saturating_add(1)..=i64::MAX,
        Operator::GtEq => at..=i64::MAX,
        _ => i64::MIN..=i64::MAX,
    }
}

fn both(one: &RangeInclusive<i64>, other: &RangeInclusive<i64>) -> RangeInclusive<i64> {
    *one.start().max(other.start())..=*one.end().min(other.end())
}

fn nanos(value: &Expr) -> Option<i64> {
    match value {
        Expr::Literal(ScalarValue::TimestampNanosecond(nanos, _), _) => *nanos,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::{col, ident, lit};

    use super::*;

    fn wanted(filters: &[Expr]) -> Wanted {
        Wanted::of(Table::Spans, "start_time", &ProjectId::new("p"), filters)
    }

    fn at(nanos: i64) -> Expr {
        Expr::Literal(ScalarValue::TimestampNanosecond(Some(nanos), Some("UTC".into())), None)
    }

    #[test]
    fn conditions_bound_the_times() {
        let time = || col("start_time");
        for (filters, times) in [
            (vec![time().gt_eq(at(5)), time().lt(at(9))], 5..=8),
            (vec![time().gt(at(5)).and(time().lt_eq(at(9)))], 6..=9),
            (vec![at(5).lt(time())], 6..=i64::MAX),
            (vec![time().between(at(1), at(2)), col("name").eq(lit("x"))], 1..=2),
            (vec![time().eq(at(4))], 4..=4),
            (vec![time().gt(at(5)).or(time().lt(at(2)))], i64::MIN..=i64::MAX),
            (vec![col("end_time").gt(at(5)), time().not_between(at(1), at(2))], i64::MIN..=i64::MAX),
        ] {
            assert_eq!(wanted(&filters).times, times, "{filters:?}");
        }
    }

    #[test]
    fn conditions_name_keys() {
        let trace = |id: &str| LookupKey::trace("p", id);
        let list = |ids: &[&str]| ids.iter().map(|id| lit(*id)).collect::<Vec<_>>();
        for (filter, keys) in [
            (col("trace_id").eq(lit("a")), Some(vec![trace("a")])),
            (lit("a").eq(ident("trace_id")), Some(vec![trace("a")])),
            (col("trace_id").in_list(list(&["a", "b"]), false), Some(vec![trace("a"), trace("b")])),
            (col("trace_id").eq(lit("a")).or(col("trace_id").eq(lit("b"))), Some(vec![trace("a"), trace("b")])),
            (col("name").eq(lit("a")).and(col("session_id").eq(lit("s"))), Some(vec![LookupKey::session("p", "s")])),
            (col("response_id").eq(lit("r")), Some(vec![LookupKey::response("p", "r")])),
            (col("trace_id").eq(lit("a")).or(col("session_id").eq(lit("b"))), None),
            (col("trace_id").eq(lit("a")).or(col("name").eq(lit("b"))), None),
            (col("trace_id").in_list(list(&["a"]), true), None),
            (col("trace_id").not_eq(lit("a")), None),
            (col("trace_id").eq(col("name")), None),
            (col("span_id").eq(lit("a")), None),
        ] {
            assert_eq!(wanted(std::slice::from_ref(&filter)).keys, keys, "{filter}");
            assert_eq!(speaks_of_files(Table::Spans, "start_time", &filter), keys.is_some(), "{filter}");
        }
        let fewer = [col("trace_id").in_list(list(&["a", "b"]), false), col("session_id").eq(lit("s"))];
        assert_eq!(wanted(&fewer).keys, Some(vec![LookupKey::session("p", "s")]));
    }
}
