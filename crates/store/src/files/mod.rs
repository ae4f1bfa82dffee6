//! Data files: rows as Parquet, and what the store must know of them without opening them.
//!
//! In: record batches of one table. Out: a file that is on disk for good before anybody names it, its statistics, and
//! an index from look-up keys to row positions. Files are never changed; a row that was replaced is masked by its position.

mod bounds;
mod check;
mod delete;
mod key_index;
mod layout;
mod merge;
mod read;
#[cfg(test)]
mod tests;
mod texts;
mod words;
mod write;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

pub(crate) use bounds::LeafBounds;
pub(crate) use check::{Claims, check};
pub(crate) use delete::write_deletes;
pub use key_index::KeyIndex;
pub(crate) use key_index::{Held, INDEX_ENDING};
pub(crate) use layout::Layout;
pub(crate) use merge::{GONE, Source, merge};
pub(crate) use read::{read_columns, read_rows, read_some, scan_columns};
pub use texts::{PIECES, TextsFile, pieces_field, put_back, set_apart, text_columns};
pub(crate) use texts::{Pieces, WrittenTexts, stored_schema, texts_path, texts_schema};
pub(crate) use words::{WORDS_ENDING, make_words, words_path};
pub use words::{WordIndex, searched_columns};
pub(crate) use write::{Packing, Schemas, TableWriter, Written, write_table};

use crate::error::{StoreError, StoreResult};

/// Makes names created or removed in a directory survive a crash.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Removes a data file and what lies beside it. Best effort: what stays is removed by the next open, since the catalogue
/// does not know it.
pub(crate) fn remove_data_file(path: &Path) {
    drop(fs::remove_file(path));
    drop(fs::remove_file(KeyIndex::path_of(path)));
    drop(fs::remove_file(texts_path(path)));
    drop(fs::remove_file(words_path(path)));
}

/// Size of a Parquet file's footer, told by its last eight bytes: footer length and magic.
fn footer_bytes(path: &Path) -> StoreResult<u64> {
    let mut tail = [0; 8];
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::End(-8))?;
        file.read_exact(&mut tail)
    });
    read.map_err(StoreError::io("read", path))?;
    Ok(u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]])))
}
