//! One question's session: the tables and views it may name, and how its SQL is run.
//!
//! In: an [`Access`], the store's source, the limits. Out: planned and executed SQL, always inside the time bound. A
//! table is read from the store at its first mention and stays the same for the whole session.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, ParamValues, Result as PlanResult, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::ViewTable;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::{SendableRecordBatchStream, SessionState, SessionStateBuilder};
use datafusion::prelude::SessionContext;
use futures::StreamExt as _;
use pellucid_model::{Error, ErrorKind, Frame, ProjectId, Result};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::fault;
use crate::frame;
use crate::provider::ProjectTable;
use crate::source::Source;
use crate::view_plans::{ViewPlans, over, tables_of};
use crate::views::{CALL_ROWS, VIEWS, View};
use crate::wrappers::WithWrappers;
use pellucid_store::Table;

/// Named parameters of a statement.
pub(crate) type Params = Vec<(String, ScalarValue)>;

const CATALOG: &str = "pellucid";
const SCHEMA: &str = "public";

/// The stored tables by name.
const TABLES: &[(&str, Table)] = &[("spans", Table::Spans), ("logs", Table::Logs), ("metrics", Table::Metrics)];

/// Everything a query may name, for hints.
pub(crate) const TABLE_NAMES: &[&str] = &["spans", "llm_calls", "traces", "sessions", "logs", "metrics"];

/// A session over one project's rows.
pub(crate) struct Session {
    context: SessionContext,
    timeout: Duration,
}

impl Session {
    /// A fresh session. `late_columns`: see [`ProjectTable::new`].
    pub(crate) fn new(engine: &Engine, project: &ProjectId, late_columns: bool) -> Result<Self> {
        let tables = Arc::new(Tables {
            source: Arc::clone(&engine.source),
            project: project.clone(),
            late_columns,
            cells: TABLES.iter().map(|(name, table)| (*name, (*table, OnceLock::new()))).collect(),
        });
        let (base, plans) = (Arc::clone(&engine.base), Arc::clone(&engine.views));
        let schema = Arc::new(TablesAndViews { tables, base, plans });
        let context = context(&engine.base, schema).map_err(fault::from)?;
        Ok(Self { context, timeout: engine.limits.timeout })
    }

    /// DataFusion's session.
    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Runs one of our own statements to its end.
    pub(crate) async fn rows(&self, sql: &str, params: Params) -> Result<Frame> {
        self.answer(sql, params).await?.to_frame()
    }

    /// The same, as columns.
    pub(crate) async fn answer(&self, sql: &str, params: Params) -> Result<Answer> {
        let run = async {
            let frame = self.plan(sql, params).await?;
            let schema = Arc::new(frame.schema().as_arrow().clone());
            let batches = frame.collect().await?;
            Ok(Answer { schema, batches, truncated: false })
        };
        self.bounded(run).await
    }

    /// Runs one of our own statements and hands over its rows as they come: they are never all in memory.
    pub(crate) async fn each(
        &self,
        sql: &str,
        params: Params,
        mut each: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let run = async {
            let mut stream = self.plan(sql, params).await?.execute_stream().await?;
            while let Some(batch) = stream.next().await {
                each(batch?).map_err(|cause| DataFusionError::External(cause.into()))?;
            }
            Ok(())
        };
        self.bounded(run).await
    }

    /// Begins one of our own statements: rows come as they are asked for, and only the beginning is inside the time bound.
    pub(crate) async fn stream(&self, sql: &str, params: Params) -> Result<SendableRecordBatchStream> {
        self.bounded(async { self.plan(sql, params).await?.execute_stream().await }).await
    }

    /// Runs one of our own statements; each row as an object.
    pub(crate) async fn objects(
        &self,
        sql: &str,
        params: Params,
    ) -> Result<Vec<serde_json::Map<String, serde_json::Value>>> {
        Ok(frame::to_objects(self.rows(sql, params).await?))
    }

    async fn plan(&self, sql: &str, params: Params) -> PlanResult<DataFrame> {
        let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let frame = self.context.sql_with_options(sql, read_only).await?;
        if params.is_empty() { Ok(frame) } else { frame.with_param_values(param_values(params)) }
    }

    /// Runs `work` inside the time bound.
    pub(crate) async fn bounded<T>(&self, work: impl Future<Output = PlanResult<T>>) -> Result<T> {
        match tokio::time::timeout(self.timeout, work).await {
            Ok(done) => done.map_err(fault::from),
            Err(_) => {
                Err(Error::new(ErrorKind::Timeout, format!("the query took longer than {} s", self.timeout.as_secs()))
                    .with_hint("narrow the time range or the columns"))
            }
        }
    }
}

/// Named parameters in DataFusion's form.
pub(crate) fn param_values(params: Params) -> ParamValues {
    ParamValues::from(params.into_iter().collect::<HashMap<String, ScalarValue>>())
}

fn context(base: &SessionState, schema: Arc<dyn SchemaProvider>) -> PlanResult<SessionContext> {
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema(SCHEMA, schema)?;
    let state = SessionStateBuilder::new_from_existing(base.clone())
        .with_catalog_list(Arc::new(datafusion::catalog::MemoryCatalogProviderList::new()))
        .build();
    let context = SessionContext::new_with_state(state);
    context.register_catalog(CATALOG, Arc::new(catalog));
    Ok(context)
}

/// The names every session resolves unqualified tables with.
pub(crate) fn default_names() -> (&'static str, &'static str) {
    (CATALOG, SCHEMA)
}

/// A table, and its provider once it was named.
type Opened = (Table, OnceLock<Arc<dyn TableProvider>>);

/// The stored tables of one project.
struct Tables {
    source: Arc<dyn Source>,
    project: ProjectId,
    late_columns: bool,
    cells: HashMap<&'static str, Opened>,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tables").field("project", &self.project).finish_non_exhaustive()
    }
}

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        TABLES.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    async fn table(&self, name: &str) -> PlanResult<Option<Arc<dyn TableProvider>>> {
        if name == CALL_ROWS {
            let spans = self.table("spans").await?;
            return Ok(spans.map(|spans| Arc::new(WithWrappers::new(spans)) as Arc<dyn TableProvider>));
        }
        let Some((table, cell)) = self.cells.get(name) else { return Ok(None) };
        if let Some(provider) = cell.get() {
            return Ok(Some(Arc::clone(provider)));
        }
        let snapshot = self.source.snapshot(*table).map_err(|cause| DataFusionError::External(cause.into()))?;
        let provider = ProjectTable::new(*table, snapshot, self.project.clone(), self.late_columns)?;
        Ok(Some(Arc::clone(cell.get_or_init(|| Arc::new(provider)))))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.cells.contains_key(name)
    }
}

/// The stored tables and the views over them. A view is planned when it is named for the first time, by whomever.
struct TablesAndViews {
    tables: Arc<Tables>,
    base: Arc<SessionState>,
    plans: Arc<ViewPlans>,
}

impl TablesAndViews {
    async fn view(&self, view: &View) -> PlanResult<Arc<dyn TableProvider>> {
        let plan = match self.plans.get(view) {
            Some(plan) => plan,
            None => {
                let inner = context(&self.base, Arc::<Tables>::clone(&self.tables))?;
                self.plans.keep(view, inner.sql(view.sql).await?.into_unoptimized_plan())?
            }
        };
        let mut tables = HashMap::new();
        for name in tables_of(&plan)? {
            tables.extend(self.tables.table(&name).await?.map(|table| (name, table)));
        }
        let plan = over(plan, |name, _| tables.get(name).map(Arc::clone))?;
        Ok(Arc::new(ViewTable::new(plan, Some(view.sql.to_owned()))))
    }
}

impl std::fmt::Debug for TablesAndViews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TablesAndViews").field("tables", &self.tables).finish_non_exhaustive()
    }
}

#[async_trait]
impl SchemaProvider for TablesAndViews {
    fn table_names(&self) -> Vec<String> {
        let views = VIEWS.iter().map(|view| view.name.to_owned());
        self.tables.table_names().into_iter().chain(views).collect()
    }

    async fn table(&self, name: &str) -> PlanResult<Option<Arc<dyn TableProvider>>> {
        match VIEWS.iter().find(|view| view.name == name) {
            Some(view) => Ok(Some(self.view(view).await?)),
            None => self.tables.table(name).await,
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.table_names().iter().any(|known| known == name)
    }
}
