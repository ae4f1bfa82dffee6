//! A wall between a query and the rows of other projects.
//!
//! In: a plan that ends in the project filter. Out: the same rows. An optimiser may move a query's conditions below the
//! project filter, where they meet rows of others; a condition that fails on a value (a cast, a division) would tell
//! that value in its error. Only conditions that cannot fail pass this wall.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics};
use datafusion::config::ConfigOptions;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, DynamicFilterPhysicalExpr, InListExpr, IsNotNullExpr, IsNullExpr, LikeExpr, Literal, NotExpr,
};
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::filter_pushdown::{ChildFilterDescription, FilterDescription, FilterPushdownPhase};
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;
use pellucid_store::FilePath;

/// The name of no column.
const NOT_BELOW: &str = "\u{0}";

/// Passes rows up, and down only conditions that cannot fail.
#[derive(Debug)]
pub(crate) struct Barrier {
    input: Arc<dyn ExecutionPlan>,
    /// Files that the rows come from: held until the last row has come, so that a merge does not remove them before.
    files: Arc<[FilePath]>,
}

impl Barrier {
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>, files: Arc<[FilePath]>) -> Self {
        Self { input, files }
    }
}

/// True if the condition has a value for every row: columns and constants, compared, combined, tested for null.
fn cannot_fail(condition: &Arc<dyn PhysicalExpr>) -> bool {
    let this = condition.as_ref();
    let known = this.is::<Column>()
        || this.is::<Literal>()
        || this.is::<InListExpr>()
        || this.is::<IsNullExpr>()
        || this.is::<IsNotNullExpr>()
        || this.is::<NotExpr>()
        || this.is::<LikeExpr>()
        || this.is::<DynamicFilterPhysicalExpr>()
        || this.downcast_ref::<BinaryExpr>().is_some_and(|binary| compares(binary.op()));
    known && condition.children().into_iter().all(cannot_fail)
}

fn compares(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
            | Operator::And
            | Operator::Or
    )
}

impl DisplayAs for Barrier {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Barrier")
    }
}

impl ExecutionPlan for Barrier {
    fn name(&self) -> &str {
        "Barrier"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let files = Arc::clone(&self.files);
        Ok(children
            .pop()
            .map_or_else(|| Arc::clone(&self) as Arc<dyn ExecutionPlan>, |input| Arc::new(Self { input, files })))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?;
        let (schema, files) = (rows.schema(), Arc::clone(&self.files));
        // The stream holds the files for as long as it is there.
        let rows = rows.map(move |batch| {
            let _held = &files;
            batch
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    fn supports_limit_pushdown(&self) -> bool {
        true
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        Ok(inputs.first().map_or_else(|| Arc::new(Statistics::new_unknown(&self.schema())), Arc::clone))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        parents: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterDescription> {
        below(parents, &self.input, cannot_fail)
    }
}

/// Lets conditions pass down to the only child of a plan, and leaves the others above.
pub(crate) fn below(
    parents: Vec<Arc<dyn PhysicalExpr>>,
    child: &Arc<dyn ExecutionPlan>,
    may_pass: impl Fn(&Arc<dyn PhysicalExpr>) -> bool,
) -> Result<FilterDescription> {
    // A condition on a column that is not below is left above: so the refused ones become such conditions.
    let passed: Vec<Arc<dyn PhysicalExpr>> = parents
        .into_iter()
        .map(|condition| if may_pass(&condition) { condition } else { Arc::new(Column::new(NOT_BELOW, 0)) })
        .collect();
    let child = ChildFilterDescription::from_child(&passed, child)?;
    Ok(FilterDescription::new().with_child(child))
}
