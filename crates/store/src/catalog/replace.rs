//! Files in the place of others, as one transaction.
//!
//! The files that go leave nothing behind, and with them go all snapshots before: they named files that are no more.
//! So the catalogue stays as small as the tables are.

use sqlx::{Connection, Row, SqliteConnection};

use super::Catalog;
use super::create::{latest, snapshot};
use super::flush::{Masked, NewFile, add_file, mask, table_ids};
use crate::snapshot::Table;

/// What one merge changes.
#[derive(Debug)]
pub(crate) struct Replace<'a> {
    /// Whose files.
    pub(crate) table: Table,
    /// Ids of the files that go.
    pub(crate) old: &'a [i64],
    /// The file that holds what is left of their rows.
    pub(crate) new: Option<NewFile<'a>>,
    /// Rows of the new file that newer ones replaced meanwhile; the file's id is not known yet.
    pub(crate) masked: Option<&'a Masked>,
}

/// Commits a merge; gives the id of the new file. One whose commit failed halfway may be committed again: if the old files are gone, it is done.
pub(super) async fn commit(
    connection: &mut SqliteConnection,
    catalog: &Catalog,
    replace: &Replace<'_>,
) -> sqlx::Result<Option<i64>> {
    let mut work = connection.begin().await?;
    if !is_there(&mut work, replace.old).await? {
        return id_of(&mut work, replace.new.as_ref()).await;
    }
    let table = table_ids(catalog, replace.table)?;
    let mut next = latest(&mut work).await?;
    next.id += 1;
    for id in replace.old {
        if let Some((table_id, texts_file)) = table.texts_id.zip(texts_file(&mut work, *id).await?) {
            remove(&mut work, table_id, texts_file).await?;
        }
        remove(&mut work, table.id, *id).await?;
    }
    let mut new_id = None;
    if let Some(file) = &replace.new {
        let id = next.next_file_id;
        add_file(&mut work, table, &mut next, file).await?;
        if let Some(masked) = replace.masked {
            mask(&mut work, table.id, &mut next, id, masked).await?;
        }
        new_id = Some(id);
    }
    snapshot(&mut work, next, &format!("compacted_table:{}", table.id)).await?;
    expire(&mut work, next.id).await?;
    work.commit().await?;
    Ok(new_id)
}

async fn is_there(work: &mut SqliteConnection, ids: &[i64]) -> sqlx::Result<bool> {
    for id in ids {
        let found = sqlx::query("SELECT 1 FROM ducklake_data_file WHERE data_file_id = ?").bind(id);
        if found.fetch_optional(&mut *work).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn id_of(work: &mut SqliteConnection, file: Option<&NewFile<'_>>) -> sqlx::Result<Option<i64>> {
    let Some(file) = file else { return Ok(None) };
    let found = sqlx::query("SELECT data_file_id FROM ducklake_data_file WHERE path = ?").bind(&file.name);
    found.fetch_optional(work).await?.map(|row| row.try_get(0)).transpose()
}

/// Names of the delete files of some files, those that newer ones replaced among them.
pub(super) async fn delete_files(connection: &mut SqliteConnection, ids: &[i64]) -> sqlx::Result<Vec<String>> {
    let mut names = Vec::new();
    for id in ids {
        let found = sqlx::query("SELECT path FROM ducklake_delete_file WHERE data_file_id = ?").bind(id);
        for row in found.fetch_all(&mut *connection).await? {
            names.push(row.try_get(0)?);
        }
    }
    Ok(names)
}

/// The file of texts beside a data file.
async fn texts_file(work: &mut SqliteConnection, id: i64) -> sqlx::Result<Option<i64>> {
    let found = sqlx::query("SELECT texts_file_id FROM pellucid_texts_file WHERE data_file_id = ?").bind(id);
    found.fetch_optional(work).await?.map(|row| row.try_get(0)).transpose()
}

/// Takes a file out of every table.
async fn remove(work: &mut SqliteConnection, table_id: i64, id: i64) -> sqlx::Result<()> {
    let size = sqlx::query("SELECT record_count, file_size_bytes FROM ducklake_data_file WHERE data_file_id = ?");
    if let Some(row) = size.bind(id).fetch_optional(&mut *work).await? {
        let (rows, bytes): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        sqlx::query(
            "UPDATE ducklake_table_stats SET record_count = record_count - ?, file_size_bytes = file_size_bytes - ? \
             WHERE table_id = ?",
        )
        .bind(rows)
        .bind(bytes)
        .bind(table_id)
        .execute(&mut *work)
        .await?;
    }
    for statement in [
        "DELETE FROM ducklake_data_file WHERE data_file_id = ?",
        "DELETE FROM ducklake_file_column_stats WHERE data_file_id = ?",
        "DELETE FROM ducklake_delete_file WHERE data_file_id = ?",
        "DELETE FROM pellucid_file WHERE data_file_id = ?",
        "DELETE FROM pellucid_delete_list WHERE data_file_id = ?",
        "DELETE FROM pellucid_texts_file WHERE data_file_id = ?",
    ] {
        sqlx::query(statement).bind(id).execute(&mut *work).await?;
    }
    Ok(())
}

/// Forgets all snapshots before one, and what only they knew.
async fn expire(work: &mut SqliteConnection, before: i64) -> sqlx::Result<()> {
    for statement in [
        "DELETE FROM ducklake_snapshot WHERE snapshot_id < ?",
        "DELETE FROM ducklake_snapshot_changes WHERE snapshot_id < ?",
        "DELETE FROM ducklake_delete_file WHERE end_snapshot <= ?",
    ] {
        sqlx::query(statement).bind(before).execute(&mut *work).await?;
    }
    Ok(())
}
