//! Makes the word index of a data file.
//!
//! Documents in order: each piece that a searched column uses, standing in the rows that use it; each two pieces that
//! follow each other where a word may go across; each row that has short texts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use arrow::array::{Array, AsArray, StringArray};
use pellucid_search::{Builder, Sizes, open_end, open_start};

use super::references::{Pace, Uses, each_batch};
use super::{label, words_path};
use crate::error::{StoreError, StoreResult};
use crate::files::Layout;
use crate::files::texts::{TextsFile, texts_path};
use crate::snapshot::Table;

/// Makes the index of a data file of `rows` rows. Not synced: what a crash leaves of it is known by its checksums.
pub(crate) fn make_words(
    table: Table,
    data_file: &Path,
    has_texts: bool,
    rows: u64,
    pace: Pace<'_>,
) -> StoreResult<Sizes> {
    let path = words_path(data_file);
    let io = |cause| StoreError::io("write", &path)(cause);
    let label = label(table, data_file).map_err(StoreError::io("read", data_file))?;
    let file = File::create(&path).map_err(StoreError::io("create", &path))?;
    let rows = u32::try_from(rows).map_err(|_| StoreError::Internal(format!("a file of {rows} rows")))?;
    let builder = Builder::new(BufWriter::new(file), &label, rows).map_err(io)?;
    let mut making = Making { layout: Layout::of(table), data_file, path: &path, builder };
    if has_texts {
        making.pieces(&TextsFile::open_file(&texts_path(data_file))?, pace)?;
    }
    making.rows(pace)?;
    let (out, sizes) = making.builder.finish().map_err(io)?;
    out.into_inner().map_err(|cause| io(cause.into_error()))?;
    Ok(sizes)
}

struct Making<'a> {
    layout: &'static Layout,
    data_file: &'a Path,
    path: &'a Path,
    builder: Builder<BufWriter<File>>,
}

/// Ends and beginnings of pieces, where a word may go across.
#[derive(Default)]
struct Sides {
    ends: HashMap<u32, String>,
    starts: HashMap<u32, String>,
}

impl Making<'_> {
    fn pieces(&mut self, texts: &TextsFile, pace: Pace<'_>) -> StoreResult<()> {
        let uses = Uses::count(self.layout, self.data_file, texts.pieces(), pace)?;
        let (firsts, seconds): (HashSet<u32>, HashSet<u32>) = uses.neighbours().unzip();
        let mut sides = Sides::default();
        for range in uses.ranges() {
            let rows = uses.rows(&range, pace)?;
            texts.each_page(range, |bodies| {
                for (piece, body) in bodies {
                    let rows = rows.of(piece);
                    if rows.is_empty() {
                        continue;
                    }
                    self.builder.text(body);
                    self.builder.place(rows).map_err(StoreError::io("write", self.path))?;
                    let kept = |text: Option<&str>| text.map(str::to_owned);
                    if firsts.contains(&piece) {
                        sides.ends.extend(kept(open_end(body)).map(|end| (piece, end)));
                    }
                    if seconds.contains(&piece) {
                        sides.starts.extend(kept(open_start(body)).map(|start| (piece, start)));
                    }
                }
                pace()
            })?;
        }
        self.seams(&uses, &sides, pace)
    }

    fn seams(&mut self, uses: &Uses<'_>, sides: &Sides, pace: Pace<'_>) -> StoreResult<()> {
        let joined = |(one, two): (u32, u32)| {
            let text = format!("{}{}", sides.ends.get(&one)?, sides.starts.get(&two)?);
            Some(((one, two), text))
        };
        // In order, so that the same file makes the same index.
        let seams: BTreeMap<(u32, u32), String> = uses.neighbours().filter_map(joined).collect();
        if seams.is_empty() {
            return Ok(());
        }
        let numbers = seams.keys().copied().zip(0..).collect();
        let rows = uses.rows_of_pairs(&numbers, pace)?;
        for (text, rows) in seams.values().zip(rows) {
            self.document([text.as_str()], &rows)?;
        }
        Ok(())
    }

    /// The texts that stayed in their rows.
    fn rows(&mut self, pace: Pace<'_>) -> StoreResult<()> {
        each_batch(self.data_file, self.layout.searched, pace, |first, batch| {
            let columns: Vec<&StringArray> =
                batch.columns().iter().filter_map(|column| column.as_string_opt()).collect();
            for row in 0..batch.num_rows() {
                let texts = columns.iter().filter(|column| column.is_valid(row)).map(|column| column.value(row));
                let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
                if !texts.is_empty() {
                    self.document(texts, &[first + row as u32])?;
                }
            }
            Ok(())
        })
    }

    fn document<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>, rows: &[u32]) -> StoreResult<()> {
        texts.into_iter().for_each(|text| self.builder.text(text));
        self.builder.place(rows).map_err(StoreError::io("write", self.path))
    }
}
