//! What a directory keeps besides rows: small documents of the program above, and a journal of what was done with them.
//!
//! In: documents (prices, choices: the store does not know what is in them), each change with its line of the journal.
//! Out: the documents as they are, and the journal. A change and its line are one transaction. The tables stand in the
//! catalogue's file, on a connection of their own.

mod deletions;

use std::path::Path;
use std::sync::Arc;

use pellucid_model::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};
use tokio::sync::Mutex;

use crate::catalog::connect;
use crate::error::{StoreError, StoreResult};
use crate::stages::Stages;

/// Made in every directory; an older program does not ask for them.
const TABLES: &str = "\
CREATE TABLE IF NOT EXISTS pellucid_document (kind VARCHAR NOT NULL, id VARCHAR NOT NULL, body VARCHAR NOT NULL, \
PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS pellucid_journal (line_id INTEGER PRIMARY KEY AUTOINCREMENT, time BIGINT NOT NULL, \
who VARCHAR NOT NULL, project VARCHAR NOT NULL, what VARCHAR NOT NULL, body VARCHAR NOT NULL);";

/// A document of the program above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: String,
    /// Its name among those of its kind.
    pub id: String,
    /// What it says.
    pub body: String,
}

/// What was done, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// When.
    pub time: Timestamp,
    /// Who did it.
    pub who: String,
    /// Whose project it was done in.
    pub project: String,
    /// What was done: a word.
    pub what: String,
    /// The particulars.
    pub body: String,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// Its number; later lines have greater ones.
    pub id: i64,
    /// What it says.
    pub entry: JournalEntry,
}

/// The documents and the journal of an open directory.
pub(crate) struct Metadata {
    connection: Mutex<Option<SqliteConnection>>,
    stages: Arc<dyn Stages>,
}

impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metadata")
    }
}

impl Metadata {
    /// Opens the documents of a directory whose catalogue is open, and tells the stages of them.
    pub(crate) async fn open(dir: &Path, stages: Arc<dyn Stages>) -> StoreResult<Self> {
        let mut connection = connect(dir).await?;
        let made = sqlx::raw_sql(TABLES).execute(&mut connection).await;
        made.map_err(StoreError::catalog("making the tables of documents"))?;
        let made = sqlx::raw_sql(deletions::TABLE).execute(&mut connection).await;
        made.map_err(StoreError::catalog("making the table of deletions"))?;
        stages.remember(&documents(&mut connection).await?);
        Ok(Self { connection: Mutex::new(Some(connection)), stages })
    }

    /// Every document, by kind and id.
    pub(crate) async fn documents(&self) -> StoreResult<Vec<Document>> {
        documents(self.connection.lock().await.as_mut().ok_or(StoreError::Closed)?).await
    }

    /// Adds or replaces a document. The stages know it once this returns.
    pub(crate) async fn put(&self, document: &Document, entry: &JournalEntry) -> StoreResult<()> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        put(connection, document, entry).await.map_err(StoreError::catalog("keeping a document"))?;
        self.stages.remember(&documents(connection).await?);
        Ok(())
    }

    /// Removes a document; false if there is none.
    pub(crate) async fn remove(&self, kind: &str, id: &str, entry: &JournalEntry) -> StoreResult<bool> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let removed = remove(connection, kind, id, entry).await.map_err(StoreError::catalog("removing a document"))?;
        self.stages.remember(&documents(connection).await?);
        Ok(removed)
    }

    /// Writes a line of the journal; gives its number.
    pub(crate) async fn note(&self, entry: &JournalEntry) -> StoreResult<i64> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        note(connection, entry).await.map_err(StoreError::catalog("writing the journal"))
    }

    /// Replaces the particulars of a line: work that goes on tells how far it has come.
    pub(crate) async fn amend(&self, id: i64, body: &str) -> StoreResult<()> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let update = sqlx::query("UPDATE pellucid_journal SET body = ? WHERE line_id = ?").bind(body).bind(id);
        update.execute(connection).await.map_err(StoreError::catalog("writing the journal"))?;
        Ok(())
    }

    /// The newest lines of a project before a line, newest first.
    pub(crate) async fn journal(
        &self,
        project: &str,
        before: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<JournalLine>> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let rows = sqlx::query(
            "SELECT line_id, time, who, project, what, body FROM pellucid_journal WHERE project = ? AND line_id < ? \
             ORDER BY line_id DESC LIMIT ?",
        )
        .bind(project)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(connection)
        .await
        .and_then(|rows| rows.iter().map(line).collect());
        rows.map_err(StoreError::catalog("reading the journal"))
    }

    /// What SQLite finds wrong with the catalogue's file.
    pub(crate) async fn check(&self) -> StoreResult<Vec<String>> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let rows = sqlx::query("PRAGMA integrity_check").fetch_all(connection).await;
        let found = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<Vec<String>>>());
        let found = found.map_err(StoreError::catalog("checking the catalogue"))?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    /// Closes the connection; what is asked later is refused.
    pub(crate) async fn close(&self) -> StoreResult<()> {
        match self.connection.lock().await.take() {
            Some(connection) => connection.close().await.map_err(StoreError::catalog("closing the documents")),
            None => Ok(()),
        }
    }
}

async fn documents(connection: &mut SqliteConnection) -> StoreResult<Vec<Document>> {
    let rows =
        sqlx::query("SELECT kind, id, body FROM pellucid_document ORDER BY kind, id").fetch_all(connection).await;
    let document = |row: &SqliteRow| -> sqlx::Result<Document> {
        Ok(Document { kind: row.try_get(0)?, id: row.try_get(1)?, body: row.try_get(2)? })
    };
    let documents = rows.and_then(|rows| rows.iter().map(document).collect());
    documents.map_err(StoreError::catalog("reading documents"))
}

async fn put(connection: &mut SqliteConnection, document: &Document, entry: &JournalEntry) -> sqlx::Result<()> {
    let mut work = connection.begin().await?;
    sqlx::query("INSERT OR REPLACE INTO pellucid_document VALUES (?, ?, ?)")
        .bind(&document.kind)
        .bind(&document.id)
        .bind(&document.body)
        .execute(&mut *work)
        .await?;
    note(&mut work, entry).await?;
    work.commit().await
}

async fn remove(connection: &mut SqliteConnection, kind: &str, id: &str, entry: &JournalEntry) -> sqlx::Result<bool> {
    let mut work = connection.begin().await?;
    let delete = sqlx::query("DELETE FROM pellucid_document WHERE kind = ? AND id = ?").bind(kind).bind(id);
    let removed = delete.execute(&mut *work).await?.rows_affected() > 0;
    if removed {
        note(&mut work, entry).await?;
    }
    work.commit().await?;
    Ok(removed)
}

async fn note(connection: &mut SqliteConnection, entry: &JournalEntry) -> sqlx::Result<i64> {
    let done = sqlx::query("INSERT INTO pellucid_journal (time, who, project, what, body) VALUES (?, ?, ?, ?, ?)")
        .bind(entry.time.as_nanos())
        .bind(&entry.who)
        .bind(&entry.project)
        .bind(&entry.what)
        .bind(&entry.body)
        .execute(connection)
        .await?;
    Ok(done.last_insert_rowid())
}

fn line(row: &SqliteRow) -> sqlx::Result<JournalLine> {
    Ok(JournalLine {
        id: row.try_get(0)?,
        entry: JournalEntry {
            time: Timestamp::from_nanos(row.try_get(1)?),
            who: row.try_get(2)?,
            project: row.try_get(3)?,
            what: row.try_get(4)?,
            body: row.try_get(5)?,
        },
    })
}
