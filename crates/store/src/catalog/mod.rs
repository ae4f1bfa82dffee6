//! The catalogue: which data files are the tables, in SQLite after the DuckLake 1.0 specification.
//!
//! In: finished files, masked positions, and how far the log is covered: one [`Flush`] is one transaction. Out: the
//! state after the last one. Our own tables (`pellucid_*`) stand beside DuckLake's, so DuckDB can attach the directory.

mod columns;
mod create;
mod flush;
mod replace;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, Row, SqliteConnection};
use tokio::sync::Mutex;

use create::Wanted;
pub(crate) use flush::{Flush, Masked, NewFile};
pub(crate) use replace::Replace;

use crate::error::{StoreError, StoreResult};
use crate::files::{Layout, Schemas, texts_schema};
use crate::snapshot::{Projects, Table};

/// Version of everything in the directory. Raised when an older program could not read what a newer one writes.
/// 2: long texts lie in files beside the data files. 3: records of the log are sealed with their segment's salt.
pub(crate) const FORMAT_VERSION: i64 = 3;
/// File name of the catalogue.
pub(crate) const FILE: &str = "catalog.sqlite";
/// Folder of the data files, as the catalogue names it.
pub(crate) const DATA_PATH: &str = "data/";
/// Folder of the one schema, below [`DATA_PATH`].
pub(crate) const SCHEMA_NAME: &str = "main";
/// How long a commit waits for a reader of another process.
const BUSY_TIME: Duration = Duration::from_secs(10);
/// Key of the directory's format version.
const KEY_VERSION: &str = "format_version";
/// Key of the first log segment whose rows are not in data files.
const KEY_SEGMENT: &str = "wal_first_segment";

/// One data file as the catalogue knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileRow {
    /// Its id.
    pub(crate) id: i64,
    /// Whose rows it holds.
    pub(crate) table: Table,
    /// Its file name inside the table's folder.
    pub(crate) name: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Its rows.
    pub(crate) rows: u64,
    /// Smallest time.
    pub(crate) min_time: i64,
    /// Largest time.
    pub(crate) max_time: i64,
    /// Sorted positions of replaced rows.
    pub(crate) deleted: Vec<u32>,
    /// Size of the file of its texts, if it has one.
    pub(crate) texts_bytes: Option<u64>,
    /// Whose rows it has, if that is known.
    pub(crate) projects: Option<Projects>,
}

/// The state after the last commit.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// The first log segment whose rows are not in data files.
    pub(crate) wal_first_segment: u64,
    /// All data files, oldest first.
    pub(crate) files: Vec<FileRow>,
    /// Names of delete files in use.
    pub(crate) delete_files: Vec<String>,
}

/// A table's ids.
#[derive(Debug, Clone)]
struct TableIds {
    table: Table,
    id: i64,
    /// Of the table of its texts, if it has one.
    texts_id: Option<i64>,
    schemas: Schemas,
}

/// The open catalogue.
#[derive(Debug)]
pub(crate) struct Catalog {
    connection: Mutex<SqliteConnection>,
    tables: Vec<TableIds>,
}

impl Catalog {
    /// Opens or creates the catalogue of a directory and reads its state.
    pub(crate) async fn open(dir: &Path, schemas: &[(Table, SchemaRef)]) -> StoreResult<(Self, Loaded)> {
        let mut connection = connect(dir).await?;
        create::create_if_empty(&mut connection).await?;
        check_version(&mut connection).await?;
        let texts = texts_schema();
        let wanted: Vec<Wanted<'_>> = schemas.iter().flat_map(|(table, rows)| wanted(*table, rows, &texts)).collect();
        let mut listed = create::ensure_columns(&mut connection, &wanted).await?.into_iter();
        let mut tables = Vec::with_capacity(schemas.len());
        for (table, rows) in schemas {
            let (id, ids) = listed.next().unwrap_or_default();
            let of_texts = Layout::of(*table).texts_name.and_then(|_| listed.next());
            let texts_id = of_texts.as_ref().map(|(id, _)| *id);
            let texts_ids = of_texts.map(|(_, ids)| ids).unwrap_or_default();
            let schemas = Schemas { rows: columns::with_ids(rows, &ids), texts: columns::with_ids(&texts, &texts_ids) };
            tables.push(TableIds { table: *table, id, texts_id, schemas });
        }
        let loaded = load(&mut connection, &tables).await.map_err(StoreError::catalog("reading the catalogue"))?;
        Ok((Self { connection: Mutex::new(connection), tables }, loaded))
    }

    /// A table's columns with the ids that data files carry.
    pub(crate) fn schemas(&self, table: Table) -> StoreResult<&Schemas> {
        self.ids(table).map(|ids| &ids.schemas)
    }

    /// Makes a flush part of the tables, all or nothing. Returns the new files' ids in the order given.
    pub(crate) async fn commit(&self, flush: &Flush<'_>) -> StoreResult<Vec<i64>> {
        let mut connection = self.connection.lock().await;
        flush::commit(&mut connection, self, flush).await.map_err(StoreError::catalog("committing a flush"))
    }

    /// Names of the delete files of some data files.
    pub(crate) async fn delete_files(&self, ids: &[i64]) -> StoreResult<Vec<String>> {
        let mut connection = self.connection.lock().await;
        let names = replace::delete_files(&mut connection, ids).await;
        names.map_err(StoreError::catalog("reading the delete files"))
    }

    /// Puts one file, or none, in the place of others, all or nothing. May be asked again if it failed. Gives the new
    /// file's id.
    pub(crate) async fn replace(&self, replace: &Replace<'_>) -> StoreResult<Option<i64>> {
        let mut connection = self.connection.lock().await;
        let replaced = replace::commit(&mut connection, self, replace).await;
        replaced.map_err(StoreError::catalog("committing a merge"))
    }

    /// Writes the catalogue as it is into a new file, and tells what it names.
    pub(crate) async fn copy_to(&self, path: &Path) -> StoreResult<Loaded> {
        let mut connection = self.connection.lock().await;
        let copied = sqlx::query("VACUUM INTO ?").bind(path.to_string_lossy().into_owned()).execute(&mut *connection);
        copied.await.map_err(StoreError::catalog("copying the catalogue"))?;
        load(&mut connection, &self.tables).await.map_err(StoreError::catalog("reading the catalogue"))
    }

    /// Closes the connection, which also folds SQLite's own log into its file.
    pub(crate) async fn close(self) -> StoreResult<()> {
        self.connection.into_inner().close().await.map_err(StoreError::catalog("closing the catalogue"))
    }

    fn ids(&self, table: Table) -> StoreResult<&TableIds> {
        let found = self.tables.iter().find(|ids| ids.table == table);
        found.ok_or_else(|| StoreError::Internal(format!("table {table:?} is not in the catalogue")))
    }
}

/// A connection to the file of a directory's catalogue.
pub(crate) async fn connect(dir: &Path) -> StoreResult<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(dir.join(FILE))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // Statistics hold texts of rows: what is deleted shall not stay in free pages.
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY_TIME);
    SqliteConnection::connect_with(&options).await.map_err(StoreError::catalog("opening the catalogue"))
}

/// The folder of a table's data files.
pub(crate) fn table_dir(dir: &Path, table: Table) -> PathBuf {
    dir.join(DATA_PATH).join(SCHEMA_NAME).join(Layout::of(table).name)
}

/// A data file as others name it: from the data directory on.
pub(crate) fn data_path(table: Table, name: &str) -> String {
    format!("{DATA_PATH}{SCHEMA_NAME}/{}/{name}", Layout::of(table).name)
}

async fn check_version(connection: &mut SqliteConnection) -> StoreResult<()> {
    let found = meta(connection, KEY_VERSION).await.map_err(StoreError::catalog("reading the format version"))?;
    match found {
        found if found > FORMAT_VERSION => return Err(StoreError::Newer { found, known: FORMAT_VERSION }),
        found if found == FORMAT_VERSION => return Ok(()),
        _ => {}
    }
    // From now on files may be written that an older program would misread.
    let raise = sqlx::query("UPDATE pellucid_meta SET value = ? WHERE key = ?").bind(FORMAT_VERSION).bind(KEY_VERSION);
    raise.execute(connection).await.map_err(StoreError::catalog("raising the format version"))?;
    Ok(())
}

/// The tables that the catalogue lists for one of ours: its rows, and its texts if it has any.
fn wanted<'a>(table: Table, rows: &'a SchemaRef, texts: &'a SchemaRef) -> impl Iterator<Item = Wanted<'a>> {
    let layout = Layout::of(table);
    let of = |name, schema| Wanted { name, folder: layout.name, schema };
    std::iter::once(of(layout.name, rows)).chain(layout.texts_name.map(|name| of(name, texts)))
}

async fn meta(connection: &mut SqliteConnection, key: &str) -> sqlx::Result<i64> {
    sqlx::query("SELECT value FROM pellucid_meta WHERE key = ?").bind(key).fetch_one(connection).await?.try_get(0)
}

async fn load(connection: &mut SqliteConnection, tables: &[TableIds]) -> sqlx::Result<Loaded> {
    let segment = meta(connection, KEY_SEGMENT).await?;
    let tables: HashMap<i64, Table> = tables.iter().map(|ids| (ids.id, ids.table)).collect();
    let rows = sqlx::query(
        "SELECT f.data_file_id, f.table_id, f.path, f.file_size_bytes, f.record_count, p.min_time, p.max_time, d.positions, \
         t.file_size_bytes, b.min_value, b.max_value FROM ducklake_data_file f JOIN pellucid_file p USING (data_file_id) \
         LEFT JOIN pellucid_delete_list d USING (data_file_id) \
         LEFT JOIN pellucid_texts_file s USING (data_file_id) LEFT JOIN ducklake_data_file t ON t.data_file_id = s.texts_file_id \
         LEFT JOIN ducklake_column c ON c.table_id = f.table_id AND c.column_name = 'project' AND c.end_snapshot IS NULL \
         AND c.parent_column IS NULL \
         LEFT JOIN ducklake_file_column_stats b ON b.data_file_id = f.data_file_id AND b.column_id = c.column_id \
         WHERE f.end_snapshot IS NULL ORDER BY f.data_file_id",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut files = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(table) = tables.get(&row.try_get::<i64, _>(1)?) else { continue };
        let positions: Option<Vec<u8>> = row.try_get(7)?;
        files.push(FileRow {
            id: row.try_get(0)?,
            table: *table,
            name: row.try_get(2)?,
            bytes: unsigned(row.try_get(3)?),
            rows: unsigned(row.try_get(4)?),
            min_time: row.try_get(5)?,
            max_time: row.try_get(6)?,
            deleted: positions.map_or_else(Vec::new, |bytes| flush::unpack(&bytes)),
            texts_bytes: row.try_get::<Option<i64>, _>(8)?.map(unsigned),
            projects: row.try_get::<Option<String>, _>(9)?.zip(row.try_get::<Option<String>, _>(10)?).map(projects),
        });
    }
    let names =
        sqlx::query("SELECT path FROM ducklake_delete_file WHERE end_snapshot IS NULL").fetch_all(connection).await?;
    let delete_files = names.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?;
    Ok(Loaded { wal_first_segment: unsigned(segment), files, delete_files })
}

fn projects((first, last): (String, String)) -> Projects {
    Projects { first: first.into(), last: last.into() }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
