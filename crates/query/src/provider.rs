//! A stored table as DataFusion sees it: files and memory together, one project's rows only.
//!
//! In: a [`TableSnapshot`] and a project. Out: a plan that scans the Parquet files (masked rows left out) and the rows in
//! memory under **the** project filter: this is the one place that adds it, and every question is answered from
//! providers made here. Filters of the query reach the files through DataFusion's physical push-down.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DataFusionError, Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, Operator};
use datafusion::object_store::path::Path as StorePath;
use datafusion::parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExecBuilder;
use datafusion::physical_plan::union::UnionExec;
use pellucid_model::ProjectId;

use pellucid_store::{FileRef, Table, TableSnapshot, pieces_field, text_columns};

use crate::barrier::Barrier;
use crate::texts::{WithTexts, file_field};

/// The column that says whose a row is.
const PROJECT_COLUMN: &str = "project";

/// One project's rows of one table.
#[derive(Debug)]
pub(crate) struct ProjectTable {
    table: Table,
    snapshot: TableSnapshot,
    project: ProjectId,
    project_index: usize,
    time_index: Option<usize>,
    late_columns: bool,
}

impl ProjectTable {
    /// A view of `snapshot` for `project`. `late_columns` reads the other columns only where the filter holds: faster
    /// for lists and look-ups, slower for wide sums.
    pub(crate) fn new(table: Table, snapshot: TableSnapshot, project: ProjectId, late_columns: bool) -> Result<Self> {
        let project_index = snapshot.schema.index_of(PROJECT_COLUMN)?;
        let time_index = snapshot.schema.index_of(time_column(table)).ok();
        Ok(Self { table, snapshot, project, project_index, time_index, late_columns })
    }

    /// The rows in files. If they are asked for texts that lie beside the files, these are put back.
    fn files(&self, columns: &[usize], partitions: usize) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        if self.snapshot.files.is_empty() {
            return Ok(None);
        }
        let schema = &self.snapshot.schema;
        let is_text = |column: &usize| text_columns(self.table).contains(&schema.field(*column).name().as_str());
        let apart = self.snapshot.files.iter().any(|file| file.texts.is_some()) && columns.iter().any(is_text);
        if !apart {
            return Ok(Some(self.scan_files(
                TableSchema::from(SchemaRef::clone(schema)),
                columns,
                partitions,
                false,
            )?));
        }
        let fields: Vec<FieldRef> = schema.fields().iter().cloned().chain([pieces_field()]).collect();
        let with_references = TableSchema::builder(Arc::new(Schema::new(fields)));
        let with_references = with_references.with_table_partition_cols(vec![file_field()]).build();
        let references = schema.fields().len();
        let light: Vec<usize> = columns.iter().copied().chain([references, references + 1]).collect();
        let light = self.scan_files(with_references, &light, partitions, true)?;
        let texts = self.snapshot.files.iter().map(|file| file.texts.clone()).collect();
        Ok(Some(Arc::new(WithTexts::new(self.table, texts, light, Arc::new(schema.project(columns)?)))))
    }

    fn scan_files(
        &self,
        schema: TableSchema,
        columns: &[usize],
        partitions: usize,
        numbered: bool,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut files: Vec<(usize, &FileRef)> = self.snapshot.files.iter().enumerate().collect();
        files.sort_by_key(|(_, file)| std::cmp::Reverse(file.max_time));
        let mut groups = vec![Vec::new(); partitions.min(files.len()).max(1)];
        let count = groups.len();
        for (position, (number, file)) in files.into_iter().enumerate() {
            groups[position % count].push(self.file(file, schema.file_schema(), numbered.then_some(number))?);
        }
        // A row that a condition leaves out needs no texts: then conditions are always asked while reading.
        let late_columns = self.late_columns || numbered;
        let source = ParquetSource::new(schema)
            .with_pushdown_filters(late_columns)
            .with_reorder_filters(late_columns)
            .with_enable_page_index(true)
            .with_bloom_filter_on_read(true);
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(groups.into_iter().map(FileGroup::new).collect())
            .with_projection_indices(Some(columns.to_vec()))?
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    /// A file of rows under `schema`, told its number if it is asked for.
    fn file(&self, file: &FileRef, schema: &SchemaRef, number: Option<usize>) -> Result<PartitionedFile> {
        let path = std::path::absolute(&file.path)?;
        let path = StorePath::from_absolute_path(path).map_err(|source| DataFusionError::External(source.into()))?;
        let mut part = PartitionedFile::new(String::new(), file.bytes);
        part.object_meta.location = path;
        let number = number.map(|number| ScalarValue::Int32(i32::try_from(number).ok()));
        let part = part.with_partition_values(number.into_iter().collect());
        let mut part = part.with_statistics(Arc::new(self.statistics(file, schema)));
        if !file.deleted.is_empty() {
            part = part.with_extension(ParquetRowSelection::new(kept_rows(&file.deleted, file.rows)));
        }
        Ok(part)
    }

    /// What the catalogue knows of a file: enough for the reader to skip it by time without opening it.
    fn statistics(&self, file: &FileRef, schema: &SchemaRef) -> Statistics {
        let mut statistics = Statistics::new_unknown(schema);
        if let Some(index) = self.time_index
            && let DataType::Timestamp(_, zone) = self.snapshot.schema.field(index).data_type()
        {
            let bound = |nanos| Precision::Exact(ScalarValue::TimestampNanosecond(Some(nanos), zone.clone()));
            statistics.column_statistics[index] = ColumnStatistics::new_unknown()
                .with_min_value(bound(file.min_time))
                .with_max_value(bound(file.max_time));
        }
        statistics
    }

    fn memory(&self, columns: &[usize], partitions: usize) -> Result<Arc<dyn ExecutionPlan>> {
        let mut groups = vec![Vec::new(); partitions.min(self.snapshot.memory.len()).max(1)];
        let count = groups.len();
        for (position, batch) in self.snapshot.memory.iter().enumerate() {
            groups[position % count].push(batch.clone());
        }
        let schema = SchemaRef::clone(&self.snapshot.schema);
        let plan = MemorySourceConfig::try_new_exec(&groups, schema, Some(columns.to_vec()))?;
        Ok(plan)
    }

    /// Keeps the rows of this table's project, then the first `width` columns.
    fn only_project(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        position: usize,
        width: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(PROJECT_COLUMN, position));
        let name = ScalarValue::Utf8(Some(self.project.as_str().to_owned()));
        let name = name.cast_to(self.snapshot.schema.field(self.project_index).data_type())?;
        let name: Arc<dyn PhysicalExpr> = Arc::new(Literal::new(name));
        let same: Arc<dyn PhysicalExpr> = Arc::new(BinaryExpr::new(column, Operator::Eq, name));
        let filter = FilterExecBuilder::new(same, plan).apply_projection(Some((0..width).collect()))?.build()?;
        let files = self.snapshot.files.iter().map(|file| file.path.clone()).collect();
        Ok(Arc::new(Barrier::new(Arc::new(filter), files)))
    }
}

/// The column by which files of a table are ordered and skipped.
fn time_column(table: Table) -> &'static str {
    match table {
        Table::Spans => "start_time",
        Table::Logs | Table::Metrics => "time",
    }
}

/// The rows of a file that no newer version masks.
fn kept_rows(deleted: &[u32], rows: u64) -> RowSelection {
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let mut selectors = Vec::with_capacity(deleted.len() * 2 + 1);
    let mut next = 0;
    for position in deleted.iter().map(|position| *position as usize) {
        if position < next || position >= rows {
            continue;
        }
        if position > next {
            selectors.push(RowSelector::select(position - next));
        }
        selectors.push(RowSelector::skip(1));
        next = position + 1;
    }
    if next < rows {
        selectors.push(RowSelector::select(rows - next));
    }
    RowSelection::from(selectors)
}

#[async_trait]
impl TableProvider for ProjectTable {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.snapshot.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut columns =
            projection.cloned().unwrap_or_else(|| (0..self.snapshot.schema.fields().len()).collect::<Vec<_>>());
        let width = columns.len();
        let position = columns.iter().position(|column| *column == self.project_index).unwrap_or_else(|| {
            columns.push(self.project_index);
            width
        });
        let partitions = state.config().target_partitions();
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = self.files(&columns, partitions)?.into_iter().collect();
        if !self.snapshot.memory.is_empty() {
            inputs.push(self.memory(&columns, partitions)?);
        }
        let rows: Arc<dyn ExecutionPlan> = match inputs.len() {
            0 => Arc::new(EmptyExec::new(Arc::new(self.snapshot.schema.project(&columns)?))),
            1 => inputs.remove(0),
            _ => UnionExec::try_new(inputs)?,
        };
        self.only_project(rows, position, width)
    }
}

#[cfg(test)]
mod tests;
