//! Data files: rows as Parquet, and what the store must know of them without opening them.
//!
//! In: record batches of one table. Out: a file that is on disk for good before anybody names it, its statistics, and
//! an index from trace ids to row positions. Files are never changed; a row that was replaced is masked by its position.

mod bounds;
mod layout;
mod read;
#[cfg(test)]
mod tests;
mod trace_index;
mod write;

use std::fs::File;
use std::io;
use std::path::Path;

pub(crate) use bounds::LeafBounds;
pub(crate) use layout::Layout;
pub(crate) use read::{read_column, read_rows};
pub(crate) use trace_index::TraceIndex;
pub(crate) use write::{Written, write_table};

/// Makes names created or removed in a directory survive a crash.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
