//! The views' plans, made once: parsing and planning thirty sums takes milliseconds, and every question would pay them.
//!
//! In: a view's plan over the tables of the first session that names it. Out: the same plan over those of any other. What
//! is kept names tables and holds none, so that it keeps no rows and no file.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use datafusion::catalog::TableProvider;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::LogicalPlan;

use crate::views::View;

/// The plans of views by name; at most one a view.
#[derive(Debug, Default)]
pub(crate) struct ViewPlans(RwLock<HashMap<&'static str, LogicalPlan>>);

impl ViewPlans {
    /// A view's plan, if somebody has named it.
    pub(crate) fn get(&self, view: &View) -> Option<LogicalPlan> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(view.name).cloned()
    }

    /// Keeps a view's plan, without its tables. Gives what is kept.
    pub(crate) fn keep(&self, view: &View, plan: LogicalPlan) -> Result<LogicalPlan> {
        let plan = over(plan, |_, schema| Some(Arc::new(EmptyTable::new(schema))))?;
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(view.name, plan.clone());
        Ok(plan)
    }
}

/// The names of the tables that a plan reads.
pub(crate) fn tables_of(plan: &LogicalPlan) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            names.insert(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(names)
}

/// The plan over other tables of the same columns; a table that `table` does not give stays.
pub(crate) fn over(
    plan: LogicalPlan,
    table: impl Fn(&str, arrow::datatypes::SchemaRef) -> Option<Arc<dyn TableProvider>>,
) -> Result<LogicalPlan> {
    let plan = plan.transform_up(|node| {
        let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
        let Some(table) = table(scan.table_name.table(), scan.source.schema()) else {
            return Ok(Transformed::no(LogicalPlan::TableScan(scan)));
        };
        scan.source = provider_as_source(table);
        Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
    })?;
    Ok(plan.data)
}
