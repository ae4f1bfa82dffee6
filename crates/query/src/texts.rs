//! Long texts back into the rows of files.
//!
//! In: rows of files without their long texts, with references to pieces of them and the number of their file. Out: the
//! rows as the table has them, in batches of bounded size. Only the pieces that the columns at hand need are read.
//! Conditions that name no text pass down to the files; one that does is left above.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::AsArray as _;
use arrow::datatypes::{DataType, Field, FieldRef, Int32Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::config::ConfigOptions;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, CardinalityEffect, EmissionType};
use datafusion::physical_plan::filter_pushdown::{FilterDescription, FilterPushdownPhase};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, Partitioning, PlanProperties,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use pellucid_store::{Table, TextsFile, put_back, text_columns};

use crate::barrier::below;

/// Rows that get their texts at once: few enough that a limit is soon reached and little is held.
const ROWS: usize = 1024;
/// The column with the number of a row's file.
const FILE: &str = "\u{1}file";

/// The column with the number of a row's file, which scans add.
pub(crate) fn file_field() -> FieldRef {
    Arc::new(Field::new(FILE, DataType::Int32, false))
}

/// Puts texts back into rows.
#[derive(Debug)]
pub(crate) struct WithTexts {
    table: Table,
    /// The files of texts by the number of the file of rows.
    files: Arc<Vec<Option<PathBuf>>>,
    input: Arc<dyn ExecutionPlan>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl WithTexts {
    /// The rows of `input` under `schema`: its first columns. Behind them it has the references and the file's number.
    pub(crate) fn new(
        table: Table,
        files: Vec<Option<PathBuf>>,
        input: Arc<dyn ExecutionPlan>,
        schema: SchemaRef,
    ) -> Self {
        Self::of(table, Arc::new(files), input, schema)
    }

    fn of(table: Table, files: Arc<Vec<Option<PathBuf>>>, input: Arc<dyn ExecutionPlan>, schema: SchemaRef) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(SchemaRef::clone(&schema)),
            Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Self { table, files, input, schema, properties }
    }
}

/// Rows of one stream: most follow others of the same file.
struct Restorer {
    table: Table,
    files: Arc<Vec<Option<PathBuf>>>,
    schema: SchemaRef,
    open: Option<(usize, Arc<TextsFile>)>,
}

impl Restorer {
    /// The texts of a file of rows; nothing if it has none.
    fn open(&mut self, file: usize) -> Result<Option<Arc<TextsFile>>> {
        if let Some((open, texts)) = &self.open
            && *open == file
        {
            return Ok(Some(Arc::clone(texts)));
        }
        let Some(path) = self.files.get(file).and_then(Option::as_ref) else { return Ok(None) };
        let texts = Arc::new(TextsFile::open(path).map_err(|cause| DataFusionError::External(cause.into()))?);
        self.open = Some((file, Arc::clone(&texts)));
        Ok(Some(texts))
    }

    fn restore(&mut self, rows: &RecordBatch) -> Result<Vec<RecordBatch>> {
        let (width, last) = (self.schema.fields().len(), rows.num_columns().saturating_sub(1));
        let file = rows.column(last).as_primitive::<Int32Type>().values().first().copied().unwrap_or(0);
        let texts = self.open(usize::try_from(file).unwrap_or(usize::MAX))?;
        let light = rows.project(&Vec::from_iter(0..=width))?;
        let whole = put_back(self.table, &light, texts.as_deref());
        let whole = whole.map_err(|cause| DataFusionError::External(cause.into()))?.into_iter();
        let whole = whole.map(|rows| RecordBatch::try_new(SchemaRef::clone(&self.schema), rows.columns().to_vec()));
        Ok(whole.collect::<std::result::Result<_, _>>()?)
    }
}

/// A batch in runs of one file, none longer than [`ROWS`].
fn runs(rows: &RecordBatch) -> Vec<RecordBatch> {
    let files = rows.column(rows.num_columns() - 1).as_primitive::<Int32Type>();
    let (mut runs, mut start) = (Vec::new(), 0);
    for row in 1..=files.len() {
        if row == files.len() || row - start == ROWS || files.value(row) != files.value(start) {
            runs.push(rows.slice(start, row - start));
            start = row;
        }
    }
    runs
}

impl DisplayAs for WithTexts {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithTexts")
    }
}

impl ExecutionPlan for WithTexts {
    fn name(&self) -> &str {
        "WithTexts"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    /// It does, but a sort by a text must not sink below: there the text is not what it will be.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
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
        let input = children.pop().unwrap_or_else(|| Arc::clone(&self.input));
        Ok(Arc::new(Self::of(self.table, Arc::clone(&self.files), input, SchemaRef::clone(&self.schema))))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (table, files, schema) = (self.table, Arc::clone(&self.files), SchemaRef::clone(&self.schema));
        let restorer = Restorer { table, files, schema, open: None };
        let rows = self.input.execute(partition, context)?;
        let runs = rows.map_ok(|rows| stream::iter(runs(&rows)).map(Ok::<_, DataFusionError>)).try_flatten();
        let whole = stream::try_unfold((Box::pin(runs), restorer), |(mut runs, mut restorer)| async move {
            let Some(run) = runs.try_next().await? else { return Ok::<_, DataFusionError>(None) };
            // Reads files: not on a thread that others wait for.
            let restored = SpawnedTask::spawn_blocking(move || (restorer.restore(&run), restorer)).join_unwind().await;
            let (whole, restorer) = restored.map_err(|cause| DataFusionError::External(Box::new(cause)))?;
            Ok(Some((stream::iter(whole?).map(Ok::<_, DataFusionError>), (runs, restorer))))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(SchemaRef::clone(&self.schema), whole.try_flatten())))
    }

    fn supports_limit_pushdown(&self) -> bool {
        true
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
        let texts = text_columns(self.table);
        below(parents, &self.input, |condition| {
            collect_columns(condition).iter().all(|column| !texts.contains(&column.name()))
        })
    }
}
