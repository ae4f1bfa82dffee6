//! The rows of one table that came between two flushes: chunks, and the indexes into them.

use std::sync::Arc;

use super::chunk::{AsBatch, Chunk};
use super::row::Row;
use crate::join::RowRef;
use crate::rows::{KeyMap, LookupKey};

/// Where a row stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    chunk: usize,
    slot: usize,
}

/// Rows between two flushes.
pub(super) struct Part<R: Row> {
    chunks: Vec<Arc<Chunk<R>>>,
    places: KeyMap<R::Key, Place>,
    /// May name rows that carry the key no longer: readers compare.
    lookups: KeyMap<LookupKey, Vec<R::Key>>,
    /// Rows in files that rows of this part replace, or replaced before they were removed.
    replaces: KeyMap<R::Key, RowRef>,
    /// Rows in files that were removed.
    removed: Vec<RowRef>,
    /// Whether rows were removed: chunks have empty slots, look-ups name rows that are gone.
    gaps: bool,
}

impl<R: Row> Default for Part<R> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            places: KeyMap::default(),
            lookups: KeyMap::default(),
            replaces: KeyMap::default(),
            removed: Vec::new(),
            gaps: false,
        }
    }
}

impl<R: Row> Part<R> {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether a flush has nothing to do: no rows, and none in files to be masked.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.replaces.is_empty() && self.removed.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes()).sum()
    }

    pub(super) fn contains(&self, key: &R::Key) -> bool {
        self.places.contains_key(key)
    }

    pub(super) fn get(&self, key: &R::Key) -> Option<&Arc<R>> {
        let place = self.places.get(key)?;
        self.chunks.get(place.chunk)?.get(place.slot)
    }

    /// Rows that carry a key, and perhaps some that did once.
    pub(super) fn find(&self, lookup: LookupKey) -> impl Iterator<Item = &Arc<R>> {
        self.lookups.get(&lookup).into_iter().flatten().filter_map(|key| self.get(key))
    }

    /// How many rows carry a key, at most.
    pub(super) fn count(&self, lookup: LookupKey) -> usize {
        self.lookups.get(&lookup).map_or(0, Vec::len)
    }

    /// Adds a row or replaces the one of the same key.
    pub(super) fn put(&mut self, row: R, replaces: Option<RowRef>) {
        let key = row.key();
        let known = self.get(&key).map(|old| old.lookups()).unwrap_or_default();
        for lookup in row.lookups().into_iter().filter(|lookup| !known.contains(lookup)) {
            let keys = self.lookups.entry(lookup).or_default();
            // Only a row that lost a key and got it back, or that was removed, can stand there already.
            if (known.is_empty() && !self.gaps) || !keys.contains(&key) {
                keys.push(key.clone());
            }
        }
        if let Some(old) = replaces {
            self.replaces.insert(key.clone(), old);
        }
        match self.places.get(&key) {
            Some(place) => self.set(*place, Some(row)),
            None => {
                let place = self.push(Arc::new(row));
                self.places.insert(key, place);
            }
        }
    }

    /// Hides a row because a newer version stands elsewhere. Tells where it stood.
    pub(super) fn hide(&mut self, key: &R::Key) -> Option<Place> {
        let place = self.places.remove(key)?;
        self.set(place, None);
        Some(place)
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, key: &R::Key) {
        self.gaps |= self.hide(key).is_some();
    }

    /// Rows in files are to be masked without a newer version.
    pub(super) fn remove_in_files(&mut self, rows: impl IntoIterator<Item = RowRef>) {
        self.removed.extend(rows);
    }

    /// The same rows in chunks without empty slots: a flush counts rows by their slots.
    pub(super) fn closed_up(self) -> Self {
        if !self.gaps {
            return self;
        }
        let Self { chunks, lookups, replaces, removed, .. } = self;
        let mut whole = Self { lookups, replaces, removed, ..Self::default() };
        for row in chunks.iter().flat_map(|chunk| chunk.iter()) {
            let place = whole.push(Arc::clone(row));
            whole.places.insert(row.key(), place);
        }
        whole
    }

    fn push(&mut self, row: Arc<R>) -> Place {
        if self.chunks.last().is_none_or(|chunk| chunk.is_full()) {
            self.chunks.push(Arc::default());
        }
        let chunk = self.chunks.len() - 1;
        let slot = Arc::make_mut(&mut self.chunks[chunk]).push(row);
        Place { chunk, slot }
    }

    fn set(&mut self, place: Place, row: Option<R>) {
        if let Some(chunk) = self.chunks.get_mut(place.chunk) {
            Arc::make_mut(chunk).set(place.slot, row);
        }
    }

    /// The place as a row number, counted through all chunks.
    pub(super) fn number(&self, place: Place) -> usize {
        self.chunks.iter().take(place.chunk).map(|chunk| chunk.len()).sum::<usize>() + place.slot
    }

    /// Rows in files that these rows replace, and those that were removed.
    pub(super) fn replaced(&self) -> Vec<RowRef> {
        self.replaces.values().chain(&self.removed).copied().collect()
    }

    /// The row of `key` replaces a row in a file.
    pub(super) fn set_replaced(&mut self, key: R::Key, row: RowRef) {
        self.replaces.insert(key, row);
    }

    /// Rows in files have moved: `to` tells where, or that nothing is left to be replaced.
    pub(super) fn moved(&mut self, to: &impl Fn(RowRef) -> Option<RowRef>) {
        self.replaces.retain(|_, row| {
            to(*row).is_some_and(|there| {
                *row = there;
                true
            })
        });
        self.removed = self.removed.iter().filter_map(|row| to(*row)).collect();
    }

    /// All chunks, to be turned into batches without anybody waiting.
    pub(super) fn share(&self) -> impl Iterator<Item = Arc<dyn AsBatch>> {
        self.chunks.iter().map(|chunk| Arc::clone(chunk) as Arc<dyn AsBatch>)
    }
}
