//! Calls with what their wrappers know: the rows behind `llm_calls`.
//!
//! In: the spans of one project. Out: the same rows; a counting call that lacks messages, session, user or agent shows
//! those of the model span around it that does not count (a second instrumentation of the same call). The wrappers are
//! looked up only if a query reads such a column, so plain sums cost what they cost over `spans`.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{JoinType, Result, ScalarValue};
use datafusion::datasource::{TableType, provider_as_source};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlanBuilder, Operator, TableProviderFilterPushDown, when};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{col, ident, lit};
use pellucid_store::TRACE_REACH_NS;

/// What a wrapper may lend.
const LENT: &[&str] = &[
    "system_instructions",
    "input_messages",
    "output_messages",
    "tool_definitions",
    "input_value",
    "output_value",
    "session_id",
    "user_id",
    "agent_id",
    "agent_name",
];

/// Columns that say which wrapper belongs to a call.
const LINKS: &[&str] = &["trace_id", "span_id", "parent_span_id", "kind", "counts"];

/// How many wrappers may lie around each other.
const LAYERS: &[&str] = &["w1", "w2"];

/// Spans whose calls borrow from their wrappers.
#[derive(Debug)]
pub(crate) struct WithWrappers {
    spans: Arc<dyn TableProvider>,
}

impl WithWrappers {
    pub(crate) fn new(spans: Arc<dyn TableProvider>) -> Self {
        Self { spans }
    }

    fn names(&self, projection: Option<&Vec<usize>>) -> Vec<String> {
        let schema = self.spans.schema();
        let all = schema.fields().iter().map(|field| field.name().clone());
        match projection {
            None => all.collect(),
            Some(wanted) => wanted.iter().map(|index| schema.field(*index).name().clone()).collect(),
        }
    }

    fn all(&self) -> Result<LogicalPlanBuilder> {
        LogicalPlanBuilder::scan("spans", provider_as_source(Arc::clone(&self.spans)), None)
    }

    /// The query's rows beside the wrappers around them, layer by layer.
    fn joined(&self, wanted: &[String], lent: &[&str], filters: &[Expr]) -> Result<LogicalPlanBuilder> {
        let mut own: Vec<&str> = wanted.iter().map(String::as_str).collect();
        own.extend(LINKS.iter().filter(|name| !wanted.iter().any(|known| known == *name)));
        let mut rows = filters.iter().try_fold(self.all()?, |rows, filter| rows.filter(filter.clone()))?;
        rows = rows.project(own.into_iter().map(ident).collect::<Vec<_>>())?;
        let mut parent = "parent_span_id".to_owned();
        for layer in LAYERS {
            let mut wrappers = self.all()?.filter(is_model().and(!ident("counts")))?;
            for filter in filters.iter().filter_map(of_wrapper) {
                wrappers = wrappers.filter(filter)?;
            }
            let columns = ["trace_id", "span_id", "parent_span_id"].iter().chain(lent);
            let columns: Vec<Expr> = columns.map(|name| ident(*name).alias(format!("{layer}_{name}"))).collect();
            let keys = (
                vec![format!("{layer}_trace_id"), format!("{layer}_span_id")],
                vec!["trace_id".to_owned(), std::mem::replace(&mut parent, format!("{layer}_parent_span_id"))],
            );
            // The few wrappers are on the left, where they are held in memory; the rows stream past them.
            rows = wrappers.project(columns)?.join(rows.build()?, JoinType::Right, keys, None)?;
        }
        Ok(rows)
    }
}

fn is_model() -> Expr {
    ident("kind").in_list(["llm", "embedding", "rerank"].map(lit).to_vec(), false)
}

/// What a filter of the calls says of their wrappers, which begin no later and end no earlier than the calls, and not
/// longer before them than parts of a trace are joined.
fn of_wrapper(filter: &Expr) -> Option<Expr> {
    if filter.column_refs().iter().all(|column| column.name == "trace_id") {
        return Some(filter.clone());
    }
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return None };
    let (Expr::Column(column), Expr::Literal(..)) = (left.as_ref(), right.as_ref()) else { return None };
    match (column.name.as_str(), op) {
        ("start_time", Operator::Lt | Operator::LtEq) => Some(filter.clone()),
        ("start_time", Operator::Gt | Operator::GtEq) => {
            let ends = col("end_time").gt_eq(right.as_ref().clone());
            Some(match earliest(right) {
                Some(earliest) => ends.and(col("start_time").gt_eq(earliest)),
                None => ends,
            })
        }
        _ => None,
    }
}

/// The earliest start of a wrapper around a call that starts at a literal time.
fn earliest(start: &Expr) -> Option<Expr> {
    let Expr::Literal(ScalarValue::TimestampNanosecond(Some(nanos), zone), _) = start else { return None };
    let earliest = nanos.saturating_sub(TRACE_REACH_NS);
    Some(lit(ScalarValue::TimestampNanosecond(Some(earliest), zone.clone())))
}

/// The column as the view shows it.
fn shown(name: &str) -> Result<Expr> {
    if !LENT.contains(&name) {
        return Ok(ident(name));
    }
    let lenders = LAYERS.iter().map(|layer| ident(format!("{layer}_{name}")));
    let borrowed = coalesce(std::iter::once(ident(name)).chain(lenders).collect());
    Ok(when(is_model().and(ident("counts")), borrowed).otherwise(ident(name))?.alias(name))
}

#[async_trait]
impl TableProvider for WithWrappers {
    fn schema(&self) -> SchemaRef {
        self.spans.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let own = |filter: &&Expr| filter.column_refs().iter().all(|column| !LENT.contains(&column.name.as_str()));
        let verdict = |filter| match own(filter) {
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(verdict).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = self.names(projection);
        let lent: Vec<&str> = LENT.iter().copied().filter(|name| wanted.iter().any(|known| known == name)).collect();
        if lent.is_empty() {
            return self.spans.scan(state, projection, filters, limit).await;
        }
        let rows = self.joined(&wanted, &lent, filters)?;
        let columns = wanted.iter().map(|name| shown(name)).collect::<Result<Vec<_>>>()?;
        state.create_physical_plan(&rows.project(columns)?.build()?).await
    }
}
