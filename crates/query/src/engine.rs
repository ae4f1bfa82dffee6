//! The engine: what every question starts from.
//!
//! In: the store's source and the limits, once; then an [`Access`] per question. Out: sessions over that project's rows.
//! The questions themselves are methods of [`Engine`] in the modules named after them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{FunctionRegistry as _, SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use pellucid_model::{ProjectId, Result};

use crate::fault;
use crate::footers::FOOTER_BYTES;
use crate::matches;
use crate::session::{Session, default_names};
use crate::source::Source;
use crate::view_plans::ViewPlans;

/// Whose rows a question may see.
#[derive(Debug, Clone)]
pub struct Access {
    /// The project.
    pub project: ProjectId,
}

/// What all queries together and each alone may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest time one question may take.
    pub timeout: Duration,
    /// Memory of all running queries; beyond it sorts and sums spill to disk.
    pub memory_bytes: usize,
    /// Disk for spilling, all queries together.
    pub spill_bytes: u64,
    /// Where to spill; the system's temporary folder if absent.
    pub spill_dir: Option<PathBuf>,
    /// Most rows a SQL query may give, whatever it asks for.
    pub max_rows: usize,
    /// Most bytes of Arrow data a SQL query may give.
    pub max_answer_bytes: usize,
}

impl Default for Limits {
    /// Generous for a laptop: a dashboard of ten panels over a month fits.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            memory_bytes: 1 << 30,
            spill_bytes: 8 << 30,
            spill_dir: None,
            max_rows: 1_000_000,
            max_answer_bytes: 512 << 20,
        }
    }
}

/// How a question reads: see `ProjectTable::new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Many rows, few columns.
    Sums,
    /// Few rows out of many.
    Rows,
}

/// Answers questions over the store.
pub struct Engine {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) limits: Limits,
    pub(crate) base: Arc<SessionState>,
    pub(crate) views: Arc<ViewPlans>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over `source`.
    pub fn new(source: Arc<dyn Source>, limits: Limits) -> Result<Self> {
        let mut runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
            .with_max_temp_directory_size(limits.spill_bytes)
            .with_metadata_cache_limit(FOOTER_BYTES);
        if let Some(dir) = &limits.spill_dir {
            runtime = runtime.with_temp_file_path(dir);
        }
        let (catalog, schema) = default_names();
        let mut config = SessionConfig::new()
            .with_information_schema(true)
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema(catalog, schema);
        config.options_mut().sql_parser.collect_spans = true;
        let mut base = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime.build_arc().map_err(fault::from)?)
            .with_default_features()
            .build();
        base.register_udf(matches::function()).map_err(fault::from)?;
        Ok(Self { source, limits, base: Arc::new(base), views: Arc::default() })
    }

    /// The limits it was made with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A session over the rows of `access`.
    pub(crate) fn session(&self, access: &Access, reading: Reading) -> Result<Session> {
        Session::new(self, &access.project, reading == Reading::Rows)
    }
}
