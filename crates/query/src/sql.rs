//! SQL from outside: read-only, bounded, with named parameters.
//!
//! In: a query, `$name` parameters as JSON, a row limit. Out: an [`Answer`], or an error that says where and what. Only
//! the statements of [`allowed`] pass the parser, and DataFusion checks the plan again.

use std::sync::Arc;

use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use datafusion::common::{Result as PlanResult, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::{Query, SetExpr, Statement as SqlStatement};
use futures::StreamExt;
use pellucid_model::{Error, ErrorKind, Result};
use serde_json::{Map, Value as Json};

use crate::answer::Answer;
use crate::engine::{Access, Engine, Reading};
use crate::fault;
use crate::matches::spell_out;
use crate::session::{Params, Session, param_values};

/// Longest query text; a longer one is a mistake, and the parser's recursion is bounded by it too.
const MAX_QUERY_BYTES: usize = 256 << 10;

impl Engine {
    /// Runs a read-only query and gives at most `limit` rows.
    pub async fn sql(&self, access: &Access, query: &str, params: &Map<String, Json>, limit: usize) -> Result<Answer> {
        let mut statement = guard(query)?;
        spell_out(&mut statement);
        let params = named(params)?;
        let session = self.session(access, Reading::Sums)?;
        let limit = limit.min(self.limits().max_rows);
        let bytes = self.limits().max_answer_bytes;
        session.bounded(run(&session, statement, params, limit, bytes)).await
    }
}

async fn run(
    session: &Session,
    statement: Statement,
    params: Params,
    limit: usize,
    max_bytes: usize,
) -> PlanResult<Answer> {
    let state = session.context().state();
    let plan = state.statement_to_plan(statement).await?;
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false).verify_plan(&plan)?;
    let bare = matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_));
    let mut frame = DataFrame::new(state, plan);
    if !params.is_empty() {
        frame = frame.with_param_values(param_values(params))?;
    }
    if !bare {
        frame = frame.limit(0, Some(limit.saturating_add(1)))?;
    }
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let mut stream = frame.execute_stream().await?;
    let mut answer = Answer { schema, batches: Vec::new(), truncated: false };
    let (mut rows, mut bytes) = (0, 0);
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let kept = batch.slice(0, batch.num_rows().min(limit - rows));
        rows += kept.num_rows();
        bytes += kept.get_array_memory_size();
        answer.truncated = kept.num_rows() < batch.num_rows() || bytes > max_bytes;
        push(&mut answer, kept);
        if answer.truncated {
            break;
        }
    }
    Ok(answer)
}

fn push(answer: &mut Answer, batch: RecordBatch) {
    if batch.num_rows() > 0 {
        answer.batches.push(batch);
    }
}

/// The one statement in `query`, if it only reads.
fn guard(query: &str) -> Result<Statement> {
    if query.len() > MAX_QUERY_BYTES {
        return Err(Error::new(ErrorKind::TooLarge, format!("the query is longer than {MAX_QUERY_BYTES} bytes")));
    }
    let mut statements = DFParser::parse_sql(query).map_err(|error| fault::from_parser(error, query))?;
    match (statements.pop_front(), statements.is_empty()) {
        (Some(statement), true) => allowed(&statement).map(|()| statement),
        (None, _) => Err(Error::new(ErrorKind::Invalid, "the query is empty")),
        (_, false) => Err(Error::new(ErrorKind::Invalid, "one statement at a time, please")
            .with_hint("send each statement in a request of its own")),
    }
}

/// The list of statements that may run: queries, and looking at plans and tables.
fn allowed(statement: &Statement) -> Result<()> {
    match statement {
        Statement::Statement(statement) => match statement.as_ref() {
            SqlStatement::Query(query) if reads_only(query) => Ok(()),
            SqlStatement::Explain { statement, .. } => match statement.as_ref() {
                SqlStatement::Query(query) if reads_only(query) => Ok(()),
                _ => Err(refused()),
            },
            SqlStatement::ExplainTable { .. } | SqlStatement::ShowTables { .. } | SqlStatement::ShowColumns { .. } => {
                Ok(())
            }
            _ => Err(refused()),
        },
        Statement::Explain(explain) => allowed(&explain.statement),
        _ => Err(refused()),
    }
}

/// A query may hide a write in its body or in a common table expression.
fn reads_only(query: &Query) -> bool {
    let inner = query.with.iter().flat_map(|with| &with.cte_tables).all(|table| reads_only(&table.query));
    inner && set_reads_only(&query.body)
}

fn set_reads_only(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.into.is_none(),
        SetExpr::Query(query) => reads_only(query),
        SetExpr::SetOperation { left, right, .. } => set_reads_only(left) && set_reads_only(right),
        SetExpr::Values(_) | SetExpr::Table(_) => true,
        _ => false,
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::Invalid, "only reading is allowed here")
        .with_hint("use SELECT, WITH, VALUES, EXPLAIN, DESCRIBE, SHOW TABLES or SHOW COLUMNS")
}

fn named(params: &Map<String, Json>) -> Result<Params> {
    let values = params.iter().map(|(name, value)| Ok((name.clone(), scalar(name, value)?)));
    values.collect()
}

/// A JSON parameter as a SQL value. Lists become SQL lists of text or of numbers.
fn scalar(name: &str, value: &Json) -> Result<ScalarValue> {
    let wrong = || {
        Error::new(ErrorKind::Invalid, format!("the parameter {name} is no text, number, truth value or list of these"))
    };
    Ok(match value {
        Json::Null => ScalarValue::Null,
        Json::Bool(truth) => ScalarValue::Boolean(Some(*truth)),
        Json::String(text) => ScalarValue::Utf8(Some(text.clone())),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => ScalarValue::Int64(Some(whole)),
            None => ScalarValue::Float64(Some(number.as_f64().ok_or_else(wrong)?)),
        },
        Json::Array(items) => {
            let items = items.iter().map(|item| scalar(name, item)).collect::<Result<Vec<_>>>()?;
            let item_type = items.first().map_or(DataType::Utf8, ScalarValue::data_type);
            if item_type.is_nested() || items.iter().any(|item| item.data_type() != item_type) {
                return Err(wrong());
            }
            ScalarValue::List(ScalarValue::new_list_nullable(&items, &item_type))
        }
        Json::Object(_) => return Err(wrong()),
    })
}

#[cfg(test)]
mod tests;
