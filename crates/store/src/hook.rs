//! Named steps of the durable path and a hook that runs before each: tests break the disk or copy it there.
//!
//! In production there is no hook and a step costs one branch.

use std::io;
use std::sync::Arc;

/// A moment at which a crash or a failing disk must do no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Before a new log segment is created.
    WalCreate,
    /// Before a group of records is written.
    WalWrite,
    /// After the write, before the sync.
    WalSync,
    /// After the sync, before the rows are visible.
    WalSynced,
    /// Before a data file is written.
    FileWrite,
    /// Before a data file is synced.
    FileSync,
    /// Files are durable, the catalogue does not know them yet.
    CatalogCommit,
    /// The catalogue knows them, the log still holds their records.
    CatalogCommitted,
    /// A merged file is durable, the catalogue does not know it yet.
    MergeCommit,
    /// The catalogue knows it and no longer the files it was made of.
    MergeCommitted,
    /// Before one log segment is removed.
    WalDrop,
}

/// What a test hangs into a [`Step`].
pub(crate) type StepFn = Arc<dyn Fn(Step) -> io::Result<()> + Send + Sync>;

/// Maybe a hook.
#[derive(Clone, Default)]
pub(crate) struct Hook(Option<StepFn>);

impl Hook {
    /// A hook that runs `f` before every step.
    #[cfg(test)]
    pub(crate) fn new(f: impl Fn(Step) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(f)))
    }

    /// Announces a step; an error is to be treated as if the step itself had failed.
    pub(crate) fn at(&self, step: Step) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |f| f(step))
    }
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Hook(set)" } else { "Hook(none)" })
    }
}
