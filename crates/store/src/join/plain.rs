//! Log records and metric points: each is known by itself, so all there is to do is to know it again.

use std::hash::Hash;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::change::{TableChange, Upsert};
use super::{Older, OlderRows, RowRef, TRACE_REACH_NS, those_in_files};
use crate::error::StoreResult;
use crate::memtable::{Memtable, Row};
use crate::rows::{KeyMap, LookupKey, StoredLog, StoredPoint, batch_to_logs, batch_to_points};
use crate::snapshot::Table;

/// What a batch's records change, and those of them that may tell something of a span.
pub(super) fn logs(
    memory: &Memtable,
    older: &dyn Older,
    rows: Vec<StoredLog>,
) -> StoreResult<(TableChange<StoredLog>, Vec<StoredLog>)> {
    let content = rows.iter().filter(|row| row.content).cloned().collect();
    let kind = Kind {
        table: Table::Logs,
        key: |row: &StoredLog| LookupKey::log(&row.key()),
        times: |row: &StoredLog| {
            let time = row.time().as_nanos();
            // A record without times of its own was filed under when it first came.
            let reach = if row.time() == row.received_at { TRACE_REACH_NS } else { 0 };
            (time.saturating_sub(reach), time.saturating_add(reach))
        },
        read: |found| batch_to_logs(&found.rows),
        merge: StoredLog::merge,
    };
    let in_memory = |row: &StoredLog| memory.log(&row.key()).cloned();
    Ok((upserts(&kind, in_memory, older, rows)?, content))
}

/// What a batch's points change.
pub(super) fn points(
    memory: &Memtable,
    older: &dyn Older,
    rows: Vec<StoredPoint>,
) -> StoreResult<TableChange<StoredPoint>> {
    let kind = Kind {
        table: Table::Metrics,
        key: |row: &StoredPoint| LookupKey::point(&row.key()),
        times: |row: &StoredPoint| (row.time.as_nanos(), row.time.as_nanos()),
        read: |found| batch_to_points(&found.rows),
        merge: StoredPoint::merge,
    };
    upserts(&kind, |row| memory.point(&row.key()).cloned(), older, rows)
}

/// What differs between the two.
struct Kind<R> {
    table: Table,
    key: fn(&R) -> LookupKey,
    /// Between which values of the time column the row lies in files.
    times: fn(&R) -> (i64, i64),
    read: fn(&OlderRows) -> StoreResult<Vec<R>>,
    /// One row of two that are the same.
    merge: fn(&R, &R) -> R,
}

fn upserts<R: Row + PartialEq>(
    kind: &Kind<R>,
    in_memory: impl Fn(&R) -> Option<Arc<R>>,
    older: &dyn Older,
    rows: Vec<R>,
) -> StoreResult<TableChange<R>>
where
    R::Key: Hash + Eq,
{
    let found = in_files(kind, &in_memory, older, &rows)?;
    let mut change = TableChange::default();
    let mut places: KeyMap<R::Key, usize> = KeyMap::default();
    for row in rows {
        let key = row.key();
        if let Some(place) = places.get(&key) {
            let before = &change.upserts[*place].row;
            let row = (kind.merge)(before, &row);
            change.commit.count(true, row != *before);
            change.upserts[*place].row = row;
            continue;
        }
        let file_row = found.get(&key);
        let known = in_memory(&row).map(|old| (old, None));
        let known = known.or_else(|| file_row.map(|(at, old)| (Arc::clone(old), Some(*at))));
        let (row, replaces, changed) = match &known {
            Some((old, at)) => {
                let merged = (kind.merge)(old, &row);
                let changed = merged != **old;
                (merged, *at, changed)
            }
            None => (row, None, true),
        };
        change.commit.count(known.is_some(), changed);
        if changed {
            places.insert(key, change.upserts.len());
            change.upserts.push(Upsert { row, replaces });
        }
    }
    Ok(change)
}

/// Older versions of rows in files, by identity: where each stands and what it says.
type Found<R> = KeyMap<<R as Row>::Key, (RowRef, Arc<R>)>;

/// The rows among these that lie in files already.
fn in_files<R: Row>(
    kind: &Kind<R>,
    in_memory: impl Fn(&R) -> Option<Arc<R>>,
    older: &dyn Older,
    rows: &[R],
) -> StoreResult<Found<R>> {
    let mut found = KeyMap::default();
    let Some(times) = span_of(rows.iter().map(kind.times)) else { return Ok(found) };
    let keys = rows.iter().filter(|row| in_memory(row).is_none()).map(kind.key);
    let keys = those_in_files(older, kind.table, keys, &times)?;
    if keys.is_empty() {
        return Ok(found);
    }
    for part in older.find(kind.table, &keys, &times)? {
        for (row, position) in (kind.read)(&part)?.into_iter().zip(&part.positions) {
            found.insert(row.key(), (RowRef { file: part.file, position: *position }, Arc::new(row)));
        }
    }
    Ok(found)
}

/// The least range over all ranges.
pub(super) fn span_of(ranges: impl Iterator<Item = (i64, i64)>) -> Option<RangeInclusive<i64>> {
    ranges
        .reduce(|(from, to), (other_from, other_to)| (from.min(other_from), to.max(other_to)))
        .map(|(from, to)| from..=to)
}
