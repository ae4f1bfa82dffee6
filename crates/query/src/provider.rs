//! A stored table as DataFusion sees it: files and memory together, one project's rows only.
//!
//! In: a [`TableSnapshot`] and a project. Out: a plan that scans the Parquet files (masked rows left out) and the rows in
//! memory under **the** project filter: this is the one place that adds it (but over files of which the catalogue says
//! that no other project has rows in them), and every question is answered from providers made here. Files and rows that
//! a look-up rules out are not opened; filters of the query reach the others through DataFusion's physical push-down.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DataFusionError, Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfigBuilder, ParquetFileReaderFactory, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown};
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
use crate::footers::Footers;
use crate::lookup::{Part, Wanted, speaks_of_files};
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

    /// The files that a question needs, with the rows of each that it needs.
    async fn parts(&self, filters: &[Expr]) -> Result<Vec<FilePart>> {
        let wanted = Wanted::of(self.table, time_column(self.table), &self.project, filters);
        let (files, looks_up) = (self.snapshot.files.clone(), wanted.asks_indexes());
        let choose = move || {
            let parts = files.into_iter().enumerate().map(|(number, file)| {
                let rows = match wanted.part(&file)? {
                    Part::Nothing => return Ok(None),
                    Part::All => None,
                    Part::Rows(rows) => Some(rows),
                };
                Ok(Some(FilePart { number, file, rows }))
            });
            parts.filter_map(Result::transpose).collect::<pellucid_model::Result<Vec<_>>>()
        };
        // Look-ups read: not on a thread that others wait for.
        let parts = match looks_up {
            true => SpawnedTask::spawn_blocking(choose).join_unwind().await.map_err(external)?,
            false => choose(),
        };
        let mut parts = parts.map_err(external)?;
        parts.sort_by_key(|part| std::cmp::Reverse(part.file.max_time));
        Ok(parts)
    }

    /// The rows in files. If they are asked for texts that lie beside the files, these are put back.
    fn files(&self, scan: &Scan<'_>, parts: &[FilePart], columns: &[usize]) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = &self.snapshot.schema;
        let is_text = |column: &usize| text_columns(self.table).contains(&schema.field(*column).name().as_str());
        let apart = parts.iter().any(|part| part.file.texts.is_some()) && columns.iter().any(is_text);
        if !apart {
            return self.scan_files(scan, parts, TableSchema::from(SchemaRef::clone(schema)), columns, false);
        }
        let fields: Vec<FieldRef> = schema.fields().iter().cloned().chain([pieces_field()]).collect();
        let with_references = TableSchema::builder(Arc::new(Schema::new(fields)));
        let with_references = with_references.with_table_partition_cols(vec![file_field()]).build();
        let references = schema.fields().len();
        let light: Vec<usize> = columns.iter().copied().chain([references, references + 1]).collect();
        let light = self.scan_files(scan, parts, with_references, &light, true)?;
        let texts = self.snapshot.files.iter().map(|file| file.texts.clone()).collect();
        Ok(Arc::new(WithTexts::new(self.table, texts, light, Arc::new(schema.project(columns)?))))
    }

    fn scan_files(
        &self,
        scan: &Scan<'_>,
        parts: &[FilePart],
        schema: TableSchema,
        columns: &[usize],
        numbered: bool,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut groups = vec![Vec::new(); scan.partitions.min(parts.len()).max(1)];
        let count = groups.len();
        for (position, part) in parts.iter().enumerate() {
            groups[position % count].push(self.file(part, schema.file_schema(), numbered)?);
        }
        // A row that a condition leaves out needs no texts: then conditions are always asked while reading.
        let late_columns = self.late_columns || numbered;
        let source = ParquetSource::new(schema.clone())
            .with_pushdown_filters(late_columns)
            .with_reorder_filters(late_columns)
            .with_enable_page_index(true)
            .with_bloom_filter_on_read(true)
            .with_parquet_file_reader_factory(Arc::clone(scan.footers) as Arc<dyn ParquetFileReaderFactory>);
        let mut config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(groups.into_iter().map(FileGroup::new).collect())
            .with_projection_indices(Some(columns.to_vec()))?;
        // With every row of every file, a count needs no reading.
        if !numbered && parts.iter().all(FilePart::is_whole) {
            let rows = parts.iter().map(|part| part.file.rows).sum::<u64>();
            let rows = usize::try_from(rows).map_or(Precision::Absent, Precision::Exact);
            config = config.with_statistics(Statistics::new_unknown(schema.table_schema()).with_num_rows(rows));
        }
        Ok(DataSourceExec::from_data_source(config.build()))
    }

    /// A file of rows under `schema`, told its number if it is asked for.
    fn file(&self, part: &FilePart, schema: &SchemaRef, numbered: bool) -> Result<PartitionedFile> {
        let FilePart { number, file, rows } = part;
        let path = std::path::absolute(&file.path)?;
        let path = StorePath::from_absolute_path(path).map_err(external)?;
        let mut scanned = PartitionedFile::new(String::new(), file.bytes);
        scanned.object_meta.location = path;
        let number = numbered.then(|| ScalarValue::Int32(i32::try_from(*number).ok()));
        let scanned = scanned.with_partition_values(number.into_iter().collect());
        let scanned = scanned.with_statistics(Arc::new(self.statistics(part, schema)));
        Ok(match rows {
            Some(rows) => scanned.with_extension(ParquetRowSelection::new(only_rows(rows, file.rows))),
            None if file.deleted.is_empty() => scanned,
            None => scanned.with_extension(ParquetRowSelection::new(kept_rows(&file.deleted, file.rows))),
        })
    }

    /// What the catalogue knows of a file: enough for the reader to skip it by time without opening it.
    fn statistics(&self, part: &FilePart, schema: &SchemaRef) -> Statistics {
        let (file, mut statistics) = (&part.file, Statistics::new_unknown(schema));
        if part.is_whole() {
            statistics.num_rows = usize::try_from(file.rows).map_or(Precision::Absent, Precision::Exact);
        }
        if let Some(index) = self.time_index
            && let DataType::Timestamp(_, zone) = self.snapshot.schema.field(index).data_type()
        {
            let bound = |nanos| Precision::Exact(ScalarValue::TimestampNanosecond(Some(nanos), zone.clone()));
            statistics.column_statistics[index] = ColumnStatistics::new_unknown()
                .with_null_count(Precision::Exact(0))
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
        Ok(Arc::new(FilterExecBuilder::new(same, plan).apply_projection(Some((0..width).collect()))?.build()?))
    }
}

/// How files are read for one question.
struct Scan<'a> {
    partitions: usize,
    footers: &'a Arc<Footers>,
}

/// A file, or some of its rows.
#[derive(Debug)]
struct FilePart {
    /// Its place among the snapshot's files.
    number: usize,
    file: FileRef,
    /// The positions that are needed; all that are not masked if this is absent.
    rows: Option<Vec<u32>>,
}

impl FilePart {
    /// Whether every row of the file is read.
    fn is_whole(&self) -> bool {
        self.rows.is_none() && self.file.deleted.is_empty()
    }
}

fn external(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DataFusionError {
    DataFusionError::External(cause.into())
}

/// The rows of several plans as those of one.
fn union(schema: SchemaRef, mut plans: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
    match plans.len() {
        0 => Ok(Arc::new(EmptyExec::new(schema))),
        1 => Ok(plans.remove(0)),
        _ => UnionExec::try_new(plans),
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

/// The rows at these positions.
fn only_rows(positions: &[u32], rows: u64) -> RowSelection {
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let ranges = positions.iter().map(|position| *position as usize).map(|position| position..position + 1);
    RowSelection::from_consecutive_ranges(ranges, rows)
}

#[async_trait]
impl TableProvider for ProjectTable {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.snapshot.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Conditions that say something of files are shown to [`Self::scan`], and asked above it again.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let time = time_column(self.table);
        let verdict = |filter: &&Expr| match speaks_of_files(self.table, time, filter) {
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
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = &self.snapshot.schema;
        let wanted = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect::<Vec<_>>());
        let (mut columns, width) = (wanted.clone(), wanted.len());
        let position = columns.iter().position(|column| *column == self.project_index).unwrap_or_else(|| {
            columns.push(self.project_index);
            width
        });
        let partitions = state.config().target_partitions();
        let scan = Scan { partitions, footers: &Arc::new(Footers::of(state)?) };
        let is_own = |part: &FilePart| {
            part.file.projects.as_ref().is_some_and(|projects| projects.are_only(self.project.as_str()))
        };
        let (own, mixed): (Vec<_>, Vec<_>) = self.parts(filters).await?.into_iter().partition(is_own);
        let mut plans = Vec::new();
        if !own.is_empty() {
            plans.push(self.files(&scan, &own, &wanted)?);
        }
        let mut inputs = Vec::new();
        if !mixed.is_empty() {
            inputs.push(self.files(&scan, &mixed, &columns)?);
        }
        if !self.snapshot.memory.is_empty() {
            inputs.push(self.memory(&columns, partitions)?);
        }
        if !inputs.is_empty() {
            let rows = union(Arc::new(schema.project(&columns)?), inputs)?;
            plans.push(self.only_project(rows, position, width)?);
        }
        let rows = union(Arc::new(schema.project(&wanted)?), plans)?;
        let held = own.iter().chain(&mixed).map(|part| part.file.path.clone()).collect();
        Ok(Arc::new(Barrier::new(rows, held)))
    }
}

#[cfg(test)]
mod tests;
