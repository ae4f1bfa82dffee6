//! One table in memory: the rows that are being flushed and the rows that came since.
//!
//! A row stands in one layer only. When a row that is being flushed changes, the new version enters the newer layer and
//! the old one is hidden from views; once the flush is done, the old version is a row of a file that the new replaces.

use std::sync::Arc;

use super::MemoryView;
use super::part::Part;
use super::row::Row;
use crate::join::RowRef;
use crate::rows::{KeyMap, LookupKey};

/// One table in memory.
pub(super) struct Layers<R: Row> {
    active: Part<R>,
    frozen: Option<Frozen<R>>,
}

/// Rows being flushed.
struct Frozen<R: Row> {
    /// What is still valid of them.
    visible: Part<R>,
    /// All of them, as the flush writes them.
    rows: MemoryView,
    /// Row numbers of those that changed or were removed since.
    outdated: KeyMap<R::Key, usize>,
    /// Whether rows were removed since: their bytes go to the file all the same.
    removed: bool,
}

/// What a flush writes for one table.
#[derive(Debug, Clone, Default)]
pub(crate) struct FrozenTable {
    /// The rows.
    pub(crate) rows: MemoryView,
    /// Rows in files that they replace or that were removed: to be masked in the transaction that adds these rows, not before and not later.
    pub(crate) replaced: Vec<RowRef>,
}

/// Rows that left memory. To let go of hundreds of thousands of them takes long: do it where nobody waits.
pub(crate) type Retired = Box<dyn Send>;

impl<R: Row> Default for Layers<R> {
    fn default() -> Self {
        Self { active: Part::default(), frozen: None }
    }
}

impl<R: Row> Layers<R> {
    fn parts(&self) -> impl Iterator<Item = &Part<R>> {
        std::iter::once(&self.active).chain(self.frozen.as_ref().map(|frozen| &frozen.visible))
    }

    pub(super) fn len(&self) -> usize {
        self.parts().map(Part::len).sum()
    }

    /// Bytes of all rows.
    pub(super) fn bytes(&self) -> usize {
        self.parts().map(Part::bytes).sum()
    }

    /// Bytes of the rows that no flush has taken yet.
    pub(super) fn active_bytes(&self) -> usize {
        self.active.bytes()
    }

    pub(super) fn get(&self, key: &R::Key) -> Option<&Arc<R>> {
        self.parts().find_map(|part| part.get(key))
    }

    pub(super) fn find(&self, lookup: LookupKey) -> impl Iterator<Item = &Arc<R>> {
        self.parts().flat_map(move |part| part.find(lookup))
    }

    pub(super) fn count(&self, lookup: LookupKey) -> usize {
        self.parts().map(|part| part.count(lookup)).sum()
    }

    /// Adds a row or replaces the one of the same key; `replaces` is its older version in a file.
    pub(super) fn put(&mut self, row: R, replaces: Option<RowRef>) {
        if let Some(frozen) = &mut self.frozen {
            let key = row.key();
            if !self.active.contains(&key)
                && let Some(place) = frozen.visible.hide(&key)
            {
                frozen.outdated.insert(key, frozen.visible.number(place));
            }
        }
        self.active.put(row, replaces);
    }

    /// Removes rows: those in memory by key, those in files by place.
    pub(super) fn remove(&mut self, keys: &[R::Key], in_files: impl IntoIterator<Item = RowRef>) {
        for key in keys {
            if let Some(frozen) = &mut self.frozen {
                frozen.removed = true;
                if let Some(place) = frozen.visible.hide(key) {
                    frozen.outdated.insert(key.clone(), frozen.visible.number(place));
                }
            }
            self.active.remove(key);
        }
        self.active.remove_in_files(in_files);
    }

    /// Whether rows were removed that a flush under way writes.
    pub(super) fn removed_in_flush(&self) -> bool {
        self.frozen.as_ref().is_some_and(|frozen| frozen.removed)
    }

    /// Hands the rows over to a flush. A flush that failed gets the same rows again.
    pub(super) fn freeze(&mut self) -> FrozenTable {
        if self.frozen.is_none() && !self.active.is_empty() {
            let visible = std::mem::take(&mut self.active).closed_up();
            let rows = MemoryView::new(visible.share());
            self.frozen = Some(Frozen { visible, rows, outdated: KeyMap::default(), removed: false });
        }
        self.frozen.as_ref().map_or_else(FrozenTable::default, |frozen| FrozenTable {
            rows: frozen.rows.clone(),
            replaced: frozen.visible.replaced(),
        })
    }

    /// The frozen rows are in `file` now, row number `n` at `positions[n]`. Gives the positions to be masked there: their
    /// newer versions came while the flush ran.
    pub(super) fn finish(&mut self, file: i64, positions: &[u32]) -> (Vec<RowRef>, Retired) {
        let Some(Frozen { visible, rows, outdated, .. }) = self.frozen.take() else {
            return (Vec::new(), Box::new(()));
        };
        let mut masked = Vec::with_capacity(outdated.len());
        for (key, number) in outdated {
            if let Some(position) = positions.get(number) {
                let row = RowRef { file, position: *position };
                self.active.set_replaced(key, row);
                masked.push(row);
            }
        }
        (masked, Box::new((visible, rows)))
    }

    /// Rows in files have moved. Not while a flush runs: it was told where they stood.
    pub(super) fn moved(&mut self, to: &impl Fn(RowRef) -> Option<RowRef>) {
        debug_assert!(self.frozen.is_none(), "files must not move under a flush");
        self.active.moved(to);
    }

    pub(super) fn view(&self) -> MemoryView {
        MemoryView::new(self.parts().flat_map(Part::share))
    }
}
