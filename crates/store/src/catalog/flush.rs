//! One flush as one transaction: files, their bounds, masked positions, a snapshot, and how far the log is covered.

use sqlx::{Connection, Row, SqliteConnection};

use super::create::{Snapshot, latest, snapshot};
use super::{Catalog, KEY_SEGMENT, TableIds};
use crate::files::{LeafBounds, Written, WrittenTexts};
use crate::snapshot::Table;

/// What one flush changes.
#[derive(Debug)]
pub(crate) struct Flush<'a> {
    /// New data files.
    pub(crate) files: Vec<NewFile<'a>>,
    /// Files with rows that the new ones replace.
    pub(crate) masked: &'a [Masked],
    /// The first log segment whose rows are not in data files afterwards.
    pub(crate) wal_first_segment: u64,
}

/// A finished data file.
#[derive(Debug)]
pub(crate) struct NewFile<'a> {
    /// Whose rows it holds.
    pub(crate) table: Table,
    /// Its file name inside the table's folder.
    pub(crate) name: String,
    /// The file.
    pub(crate) written: &'a Written,
}

/// A data file with all positions masked so far, and the delete file that says so to others.
#[derive(Debug)]
pub(crate) struct Masked {
    /// The data file.
    pub(crate) file_id: i64,
    /// Whose rows it holds.
    pub(crate) table: Table,
    /// Sorted positions, old and new.
    pub(crate) positions: Vec<u32>,
    /// The delete file's name inside the table's folder.
    pub(crate) name: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Size of its Parquet footer.
    pub(crate) footer_bytes: u64,
}

/// Commits a flush; returns the new files' ids. A flush whose commit failed halfway may be committed again: if its files
/// are known, it is done.
pub(super) async fn commit(
    connection: &mut SqliteConnection,
    catalog: &Catalog,
    flush: &Flush<'_>,
) -> sqlx::Result<Vec<i64>> {
    let mut work = connection.begin().await?;
    let known = known_files(&mut work, flush).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    let mut next = latest(&mut work).await?;
    next.id += 1;
    let mut ids = Vec::new();
    let mut changes = Vec::new();
    for file in &flush.files {
        let table = table_ids(catalog, file.table)?;
        ids.push(next.next_file_id);
        add_file(&mut work, table, &mut next, file).await?;
        changes.push(format!("inserted_into_table:{}", table.id));
        let of_texts = table.texts_id.filter(|_| file.written.texts.is_some());
        changes.extend(of_texts.map(|id| format!("inserted_into_table:{id}")));
    }
    for masked in flush.masked {
        let table_id = table_ids(catalog, masked.table)?.id;
        mask(&mut work, table_id, &mut next, masked.file_id, masked).await?;
        changes.push(format!("deleted_from_table:{table_id}"));
    }
    sqlx::query("UPDATE pellucid_meta SET value = ? WHERE key = ?")
        .bind(signed(flush.wal_first_segment))
        .bind(KEY_SEGMENT)
        .execute(&mut *work)
        .await?;
    if !changes.is_empty() {
        changes.sort_unstable();
        changes.dedup();
        snapshot(&mut work, next, &changes.join(",")).await?;
    }
    work.commit().await?;
    Ok(ids)
}

async fn known_files(work: &mut SqliteConnection, flush: &Flush<'_>) -> sqlx::Result<Vec<i64>> {
    let mut known = Vec::new();
    for file in &flush.files {
        let found = sqlx::query("SELECT data_file_id FROM ducklake_data_file WHERE path = ?").bind(&file.name);
        known.extend(found.fetch_optional(&mut *work).await?.map(|row| row.try_get::<i64, _>(0)).transpose()?);
    }
    Ok(known)
}

pub(super) fn table_ids(catalog: &Catalog, table: Table) -> sqlx::Result<&TableIds> {
    catalog.ids(table).map_err(|cause| sqlx::Error::Configuration(Box::new(cause)))
}

pub(super) async fn add_file(
    work: &mut SqliteConnection,
    table: &TableIds,
    next: &mut Snapshot,
    file: &NewFile<'_>,
) -> sqlx::Result<()> {
    let Written { rows, bytes, footer_bytes, leaves, min_time, max_time, texts, .. } = file.written;
    let data = DataFile { name: &file.name, rows: *rows, bytes: *bytes, footer_bytes: *footer_bytes, leaves };
    let id = add_data_file(work, table.id, next, &data).await?;
    sqlx::query("INSERT INTO pellucid_file VALUES (?, ?, ?)")
        .bind(id)
        .bind(min_time)
        .bind(max_time)
        .execute(&mut *work)
        .await?;
    let (Some(texts), Some(texts_id)) = (texts, table.texts_id) else { return Ok(()) };
    let WrittenTexts { path, rows, bytes, footer_bytes, leaves } = texts;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let data = DataFile { name: &name, rows: *rows, bytes: *bytes, footer_bytes: *footer_bytes, leaves };
    let texts_file_id = add_data_file(work, texts_id, next, &data).await?;
    sqlx::query("INSERT INTO pellucid_texts_file VALUES (?, ?)").bind(id).bind(texts_file_id).execute(work).await?;
    Ok(())
}

/// What the catalogue says of any data file.
struct DataFile<'a> {
    name: &'a str,
    rows: u64,
    bytes: u64,
    footer_bytes: u64,
    leaves: &'a [LeafBounds],
}

async fn add_data_file(
    work: &mut SqliteConnection,
    table_id: i64,
    next: &mut Snapshot,
    file: &DataFile<'_>,
) -> sqlx::Result<i64> {
    let id = next.next_file_id;
    next.next_file_id += 1;
    let row_id: i64 = sqlx::query("SELECT next_row_id FROM ducklake_table_stats WHERE table_id = ?")
        .bind(table_id)
        .fetch_one(&mut *work)
        .await?
        .try_get(0)?;
    sqlx::query(
        "INSERT INTO ducklake_data_file VALUES (?, ?, ?, NULL, NULL, ?, 1, 'parquet', ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
    )
    .bind(id)
    .bind(table_id)
    .bind(next.id)
    .bind(file.name)
    .bind(signed(file.rows))
    .bind(signed(file.bytes))
    .bind(signed(file.footer_bytes))
    .bind(row_id)
    .execute(&mut *work)
    .await?;
    for leaf in file.leaves.iter().filter(|leaf| leaf.field_id >= 0) {
        sqlx::query("INSERT INTO ducklake_file_column_stats VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)")
            .bind(id)
            .bind(table_id)
            .bind(leaf.field_id)
            .bind(leaf.bytes)
            .bind(leaf.values)
            .bind(leaf.nulls)
            .bind(&leaf.min)
            .bind(&leaf.max)
            .execute(&mut *work)
            .await?;
    }
    sqlx::query(
        "UPDATE ducklake_table_stats SET record_count = record_count + ?1, next_row_id = next_row_id + ?1, \
         file_size_bytes = file_size_bytes + ?2 WHERE table_id = ?3",
    )
    .bind(signed(file.rows))
    .bind(signed(file.bytes))
    .bind(table_id)
    .execute(work)
    .await?;
    Ok(id)
}

/// Masks rows of the file `file_id`.
pub(super) async fn mask(
    work: &mut SqliteConnection,
    table_id: i64,
    next: &mut Snapshot,
    file_id: i64,
    masked: &Masked,
) -> sqlx::Result<()> {
    sqlx::query("INSERT OR REPLACE INTO pellucid_delete_list VALUES (?, ?)")
        .bind(file_id)
        .bind(pack(&masked.positions))
        .execute(&mut *work)
        .await?;
    sqlx::query("UPDATE ducklake_delete_file SET end_snapshot = ? WHERE data_file_id = ? AND end_snapshot IS NULL")
        .bind(next.id)
        .bind(file_id)
        .execute(&mut *work)
        .await?;
    sqlx::query("INSERT INTO ducklake_delete_file VALUES (?, ?, ?, NULL, ?, ?, 1, 'parquet', ?, ?, ?, NULL, NULL)")
        .bind(next.next_file_id)
        .bind(table_id)
        .bind(next.id)
        .bind(file_id)
        .bind(&masked.name)
        .bind(masked.positions.len() as i64)
        .bind(signed(masked.bytes))
        .bind(signed(masked.footer_bytes))
        .execute(work)
        .await?;
    next.next_file_id += 1;
    Ok(())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn pack(positions: &[u32]) -> Vec<u8> {
    positions.iter().flat_map(|position| position.to_le_bytes()).collect()
}

/// Reads a list of positions back.
pub(super) fn unpack(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect()
}
