//! A new catalogue, and columns that a newer program adds to an old one.

use std::collections::HashMap;

use arrow::datatypes::SchemaRef;
use chrono::Utc;
use sqlx::{Connection, Row, SqliteConnection};
use uuid::Uuid;

use super::columns::{ColumnRow, flatten};
use super::{DATA_PATH, FORMAT_VERSION, KEY_SEGMENT, KEY_VERSION, SCHEMA_NAME};
use crate::error::{StoreError, StoreResult};

/// Every statement that makes an empty catalogue.
const TABLES: &str = include_str!("tables.sql");
/// The version of the DuckLake specification.
const LAKE_VERSION: &str = "1.0";
/// Id of the one schema.
const SCHEMA_ID: i64 = 0;

/// The file of texts beside a data file; of format version 2, so that a catalogue of version 1 gets it too.
const TEXTS_FILES: &str = "CREATE TABLE IF NOT EXISTS pellucid_texts_file \
    (data_file_id BIGINT PRIMARY KEY, texts_file_id BIGINT NOT NULL)";

/// A table that the catalogue shall list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'static str,
    /// The folder of its files, below the schema's.
    pub(super) folder: &'static str,
    pub(super) schema: &'a SchemaRef,
}

/// A table's id and the ids of its columns by path.
type Ids = (i64, HashMap<String, i64>);

/// Makes all tables in one transaction, unless they are there.
pub(super) async fn create_if_empty(connection: &mut SqliteConnection) -> StoreResult<()> {
    create(connection).await.map_err(StoreError::catalog("creating the catalogue"))
}

async fn create(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let there =
        sqlx::query("SELECT 1 FROM sqlite_master WHERE name = 'pellucid_meta'").fetch_optional(&mut *connection);
    if there.await?.is_some() {
        return Ok(());
    }
    let mut work = connection.begin().await?;
    sqlx::raw_sql(TABLES).execute(&mut *work).await?;
    for (key, value) in [(KEY_VERSION, FORMAT_VERSION), (KEY_SEGMENT, 1)] {
        sqlx::query("INSERT INTO pellucid_meta VALUES (?, ?)").bind(key).bind(value).execute(&mut *work).await?;
    }
    let facts = [
        ("version", LAKE_VERSION),
        ("created_by", concat!("pellucid ", env!("CARGO_PKG_VERSION"))),
        ("data_path", DATA_PATH),
        ("encrypted", "false"),
    ];
    for (key, value) in facts {
        sqlx::query("INSERT INTO ducklake_metadata VALUES (?, ?, NULL, NULL)")
            .bind(key)
            .bind(value)
            .execute(&mut *work)
            .await?;
    }
    snapshot(
        &mut work,
        Snapshot { id: 0, schema_version: 0, next_catalog_id: 1, next_file_id: 0 },
        "created_schema:\"main\"",
    )
    .await?;
    sqlx::query("INSERT INTO ducklake_schema VALUES (?, ?, 0, NULL, ?, ?, 1)")
        .bind(SCHEMA_ID)
        .bind(Uuid::now_v7().to_string())
        .bind(SCHEMA_NAME)
        .bind(format!("{SCHEMA_NAME}/"))
        .execute(&mut *work)
        .await?;
    work.commit().await
}

/// One row of `ducklake_snapshot`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snapshot {
    pub(super) id: i64,
    pub(super) schema_version: i64,
    pub(super) next_catalog_id: i64,
    pub(super) next_file_id: i64,
}

/// The newest snapshot.
pub(super) async fn latest(connection: &mut SqliteConnection) -> sqlx::Result<Snapshot> {
    let row = sqlx::query(
        "SELECT snapshot_id, schema_version, next_catalog_id, next_file_id FROM ducklake_snapshot \
         ORDER BY snapshot_id DESC LIMIT 1",
    )
    .fetch_one(connection)
    .await?;
    Ok(Snapshot {
        id: row.try_get(0)?,
        schema_version: row.try_get(1)?,
        next_catalog_id: row.try_get(2)?,
        next_file_id: row.try_get(3)?,
    })
}

/// Adds a snapshot with what it changed.
pub(super) async fn snapshot(connection: &mut SqliteConnection, row: Snapshot, changes: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO ducklake_snapshot VALUES (?, ?, ?, ?, ?)")
        .bind(row.id)
        .bind(Utc::now().format("%Y-%m-%d %H:%M:%S%.6f+00").to_string())
        .bind(row.schema_version)
        .bind(row.next_catalog_id)
        .bind(row.next_file_id)
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO ducklake_snapshot_changes VALUES (?, ?, NULL, NULL, NULL)")
        .bind(row.id)
        .bind(changes)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the catalogue list every table and column of this program; what is there keeps its ids.
pub(super) async fn ensure_columns(connection: &mut SqliteConnection, wanted: &[Wanted<'_>]) -> StoreResult<Vec<Ids>> {
    ensure(connection, wanted).await.map_err(StoreError::catalog("listing the tables' columns"))
}

async fn ensure(connection: &mut SqliteConnection, wanted: &[Wanted<'_>]) -> sqlx::Result<Vec<Ids>> {
    let mut work = connection.begin().await?;
    sqlx::query(TEXTS_FILES).execute(&mut *work).await?;
    let mut next = latest(&mut work).await?;
    next.id += 1;
    let mut changes = Vec::new();
    let mut all = Vec::new();
    for Wanted { name, folder, schema } in wanted.iter().copied() {
        let found = sqlx::query("SELECT table_id FROM ducklake_table WHERE table_name = ? AND end_snapshot IS NULL")
            .bind(name)
            .fetch_optional(&mut *work)
            .await?;
        let id = match found {
            Some(row) => row.try_get(0)?,
            None => {
                let id = next.next_catalog_id;
                next.next_catalog_id += 1;
                add_table(&mut work, id, (name, folder), next.id).await?;
                changes.push(format!("created_table:\"{SCHEMA_NAME}\".\"{name}\""));
                id
            }
        };
        let mut ids = column_ids(&mut work, id).await?;
        let missing: Vec<ColumnRow> = flatten(schema).into_iter().filter(|row| !ids.contains_key(&row.path)).collect();
        if !missing.is_empty() {
            next.schema_version += 1;
            add_columns(&mut work, id, next, &missing, &mut ids).await?;
            changes.push(format!("altered_table:{id}"));
        }
        all.push((id, ids));
    }
    if !changes.is_empty() {
        changes.retain(|change| change.starts_with("created") || !changes_created(next.id, change));
        snapshot(&mut work, next, &changes.join(",")).await?;
    }
    work.commit().await?;
    Ok(all)
}

/// In the first snapshot every table is created, and none altered.
fn changes_created(snapshot_id: i64, change: &str) -> bool {
    snapshot_id == 1 && change.starts_with("altered")
}

async fn add_table(
    work: &mut SqliteConnection,
    id: i64,
    (name, folder): (&str, &str),
    snapshot_id: i64,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO ducklake_table VALUES (?, ?, ?, NULL, ?, ?, ?, 1)")
        .bind(id)
        .bind(Uuid::now_v7().to_string())
        .bind(snapshot_id)
        .bind(SCHEMA_ID)
        .bind(name)
        .bind(format!("{folder}/"))
        .execute(&mut *work)
        .await?;
    sqlx::query("INSERT INTO ducklake_table_stats VALUES (?, 0, 0, 0)").bind(id).execute(work).await?;
    Ok(())
}

async fn column_ids(work: &mut SqliteConnection, table_id: i64) -> sqlx::Result<HashMap<String, i64>> {
    let rows = sqlx::query(
        "SELECT column_id, column_name, parent_column FROM ducklake_column \
         WHERE table_id = ? AND end_snapshot IS NULL ORDER BY column_id",
    )
    .bind(table_id)
    .fetch_all(work)
    .await?;
    let mut paths: HashMap<i64, String> = HashMap::new();
    for row in rows {
        let (id, name, parent): (i64, String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let path = match parent.and_then(|parent| paths.get(&parent)) {
            Some(parent) => format!("{parent}.{name}"),
            None => name,
        };
        paths.insert(id, path);
    }
    Ok(paths.into_iter().map(|(id, path)| (path, id)).collect())
}

async fn add_columns(
    work: &mut SqliteConnection,
    table_id: i64,
    at: Snapshot,
    rows: &[ColumnRow],
    ids: &mut HashMap<String, i64>,
) -> sqlx::Result<()> {
    let first = ids.values().max().map_or(1, |id| id + 1);
    for (next_id, row) in (first..).zip(rows) {
        let parent = row.parent.as_ref().and_then(|parent| ids.get(parent)).copied();
        let nested = matches!(row.kind.as_str(), "list" | "map" | "struct");
        sqlx::query("INSERT INTO ducklake_column VALUES (?, ?, NULL, ?, ?, ?, ?, NULL, 'NULL', ?, ?, ?, 'duckdb')")
            .bind(next_id)
            .bind(at.id)
            .bind(table_id)
            .bind(next_id)
            .bind(&row.name)
            .bind(&row.kind)
            .bind(row.nullable)
            .bind(parent)
            .bind(if nested { "" } else { "literal" })
            .execute(&mut *work)
            .await?;
        ids.insert(row.path.clone(), next_id);
    }
    sqlx::query("INSERT INTO ducklake_schema_versions VALUES (?, ?, ?)")
        .bind(at.id)
        .bind(at.schema_version)
        .bind(table_id)
        .execute(work)
        .await?;
    Ok(())
}
