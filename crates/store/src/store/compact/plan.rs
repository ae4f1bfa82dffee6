//! Which files to merge next: a pure choice from what is known of them.
//!
//! Files of one table whose oldest rows are of one day (UTC) belong together. By themselves, files of one size class are
//! merged once there are enough of them, so a row is written anew about once a class; on request all are, until they are
//! full. Files in the order they came keep rows of one time together.

use std::collections::BTreeMap;

/// Rows and bytes of a merged file at most: large enough to be worth opening, small enough to be made again.
const MAX_ROWS: u64 = 1 << 20;
const MAX_BYTES: u64 = 128 << 20;
/// A file from here on is not merged with others any more.
const FULL_ROWS: u64 = MAX_ROWS / 2;
const FULL_BYTES: u64 = MAX_BYTES / 2;
/// Files merged in one go: bounds what is open and in memory.
const MAX_FILES: usize = 16;
/// Files below this size are of one class; each class reaches four times as far as the one below.
const SMALLEST_CLASS_BYTES: u64 = 1 << 20;
/// The share of masked rows from which a file is written anew for their sake: one in so many.
const MASKED_SHARE: u64 = 4;
const DAY_NS: i64 = 24 * 3600 * 1_000_000_000;

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) id: i64,
    pub(super) bytes: u64,
    pub(super) rows: u64,
    pub(super) min_time: i64,
    /// Rows that a merge would leave out.
    pub(super) masked: u64,
    /// Whether deleted rows may be among those.
    pub(super) purge: bool,
}

impl Facts {
    fn is_full(&self) -> bool {
        self.bytes >= FULL_BYTES || self.rows >= FULL_ROWS
    }

    /// Full files have no class; of the others, the smallest have the lowest.
    fn class(&self) -> Option<u32> {
        (!self.is_full()).then(|| (self.bytes / SMALLEST_CLASS_BYTES).checked_ilog2().map_or(0, |log| log / 2 + 1))
    }

    fn is_worn(&self) -> bool {
        self.masked == self.rows || (self.bytes >= SMALLEST_CLASS_BYTES && self.masked * MASKED_SHARE >= self.rows)
    }
}

/// What should be merged now, as ids of files of one table: nothing, or the smallest files first. `alike` files of one
/// class are enough.
pub(super) fn due(files: &[Facts], alike: usize) -> Option<Vec<i64>> {
    if let Some(file) = to_purge(files) {
        return Some(vec![file]);
    }
    if let Some(worn) = files.iter().find(|file| file.is_worn()) {
        return Some(vec![worn.id]);
    }
    let mut classes: BTreeMap<(u32, i64), Vec<Facts>> = BTreeMap::new();
    for file in files {
        if let Some(class) = file.class() {
            classes.entry((class, day(file))).or_default().push(*file);
        }
    }
    let groups = classes.into_values().filter(|files| files.len() >= alike.max(2));
    groups.filter_map(|files| packed(&files).into_iter().next()).find(|group| group.len() > 1)
}

/// A file of which deleted rows are known to the catalogue: it is written anew, whatever its size.
pub(super) fn to_purge(files: &[Facts]) -> Option<i64> {
    files.iter().find(|file| file.purge && file.masked > 0).map(|file| file.id)
}

/// Everything that can be merged or has masked rows, as groups of ids.
pub(super) fn everything(files: &[Facts]) -> Vec<Vec<i64>> {
    let (full, rest): (Vec<Facts>, Vec<Facts>) = files.iter().partition(|file| file.is_full());
    let mut days: BTreeMap<i64, Vec<Facts>> = BTreeMap::new();
    rest.iter().for_each(|file| days.entry(day(file)).or_default().push(*file));
    let masked = |group: &[i64]| files.iter().any(|file| group.contains(&file.id) && file.masked > 0);
    let groups = days.values().flat_map(|files| packed(files)).chain(full.iter().map(|file| vec![file.id]));
    groups.filter(|group| group.len() > 1 || masked(group)).collect()
}

fn day(file: &Facts) -> i64 {
    file.min_time.div_euclid(DAY_NS)
}

/// Files in order, cut into groups that make one file each.
fn packed(files: &[Facts]) -> Vec<Vec<i64>> {
    let mut groups: Vec<Vec<i64>> = Vec::new();
    let (mut rows, mut bytes) = (0, 0);
    for file in files {
        let fits = rows + file.rows <= MAX_ROWS && bytes + file.bytes <= MAX_BYTES;
        match groups.last_mut() {
            Some(group) if fits && group.len() < MAX_FILES => group.push(file.id),
            _ => {
                groups.push(vec![file.id]);
                (rows, bytes) = (0, 0);
            }
        }
        (rows, bytes) = (rows + file.rows, bytes + file.bytes);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: i64, bytes: u64, day: i64) -> Facts {
        Facts { id, bytes, rows: 1000, min_time: day * DAY_NS + id, masked: 0, purge: false }
    }

    #[test]
    fn files_of_one_class_and_day_are_merged_once_there_are_enough() {
        let small: Vec<Facts> = (0..4).map(|id| file(id, 500_000, -1)).collect();
        assert_eq!(due(&small, 4), Some(vec![0, 1, 2, 3]));
        assert_eq!(due(&small[..3], 4), None);
        assert_eq!(due(&[&small[..3], &[file(9, 500_000, 0)]].concat(), 4), None, "another day");
        assert_eq!(due(&[&small[..3], &[file(9, 5 << 20, -1)]].concat(), 4), None, "another class");
        let full: Vec<Facts> = (0..9).map(|id| file(id, FULL_BYTES, 0)).collect();
        assert_eq!(due(&full, 4), None);
    }

    #[test]
    fn a_merge_is_never_larger_than_a_file_may_be() {
        let large: Vec<Facts> = (0..5).map(|id| file(id, 50 << 20, 0)).collect();
        assert_eq!(due(&large, 4), Some(vec![0, 1]));
        assert_eq!(everything(&large), [vec![0, 1], vec![2, 3]]);
        let many: Vec<Facts> = (0..40).map(|id| file(id, 1000, 0)).collect();
        assert_eq!(due(&many, 4).map(|group| group.len()), Some(MAX_FILES));
        let long: Vec<Facts> = (0..4).map(|id| Facts { rows: FULL_ROWS - 1, ..file(id, 9, 0) }).collect();
        assert_eq!(due(&long, 4), Some(vec![0, 1]));
    }

    #[test]
    fn a_file_with_deleted_rows_is_first() {
        let mut files: Vec<Facts> = (0..4).map(|id| file(id, 500_000, 0)).collect();
        files.push(Facts { purge: true, ..file(8, FULL_BYTES, 0) });
        assert_eq!(due(&files, 4), Some(vec![0, 1, 2, 3]), "no commit knows of its masks yet");
        files.push(Facts { purge: true, masked: 1, ..file(9, FULL_BYTES, 0) });
        assert_eq!((due(&files, 4), to_purge(&files)), (Some(vec![9]), Some(9)));
    }

    #[test]
    fn masked_rows_leave_at_a_share_or_on_request() {
        let full = Facts { masked: 249, ..file(1, FULL_BYTES, 0) };
        assert_eq!(due(&[full], 4), None);
        assert_eq!(everything(&[full]), [vec![1]]);
        assert_eq!(due(&[Facts { masked: 250, ..full }], 4), Some(vec![1]));
        assert_eq!(due(&[Facts { masked: 1000, ..file(1, 10, 0) }], 4), Some(vec![1]), "nothing is left of it");
        assert!(everything(&[file(1, FULL_BYTES, 0), file(2, 10, 0)]).is_empty());
    }

    #[test]
    fn what_was_merged_on_request_is_not_merged_again() {
        let mut files: Vec<Facts> = (0..50).map(|id| file(id, 1 << (10 + id % 16), id % 3)).collect();
        for next in 100.. {
            let Some(group) = everything(&files).into_iter().next() else { break };
            let (old, rest): (Vec<Facts>, Vec<Facts>) = files.iter().partition(|file| group.contains(&file.id));
            let (bytes, rows) = (old.iter().map(|file| file.bytes).sum(), old.iter().map(|file| file.rows).sum());
            files = rest;
            files.push(Facts { id: next, bytes, rows, ..old[0] });
            assert!(next < 1000, "it never ends");
        }
        assert!(files.len() <= 6, "{files:?}");
    }
}
