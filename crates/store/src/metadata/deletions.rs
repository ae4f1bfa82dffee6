//! Deletions in the catalogue's file: one row each, changed as they go on.

use pellucid_model::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::Metadata;
use crate::deletion::{Deletion, DeletionOrder, DeletionState, SubjectKind};
use crate::error::{StoreError, StoreResult};

/// Made in every directory; an older program does not ask for it.
pub(super) const TABLE: &str = "\
CREATE TABLE IF NOT EXISTS pellucid_deletion (deletion_id INTEGER PRIMARY KEY AUTOINCREMENT, project VARCHAR NOT NULL, \
kind VARCHAR NOT NULL, subject VARCHAR NOT NULL, who VARCHAR NOT NULL, reason VARCHAR, state VARCHAR NOT NULL, \
spans BIGINT NOT NULL, logs BIGINT NOT NULL, chunks BIGINT NOT NULL, chunks_done BIGINT NOT NULL, \
ordered_at BIGINT NOT NULL, hidden_at BIGINT, purged_at BIGINT, problem VARCHAR);";

const COLUMNS: &str = "deletion_id, project, kind, subject, who, reason, state, spans, logs, chunks, chunks_done, \
    ordered_at, hidden_at, purged_at, problem";

impl Metadata {
    /// Writes a new deletion down.
    pub(crate) async fn add_deletion(&self, order: &DeletionOrder) -> StoreResult<Deletion> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let added = add(connection, &Deletion::new(0, order)).await;
        Ok(Deletion::new(added.map_err(StoreError::catalog("keeping a deletion"))?, order))
    }

    /// Writes down how far a deletion is.
    pub(crate) async fn keep_deletion(&self, deletion: &Deletion) -> StoreResult<()> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        keep(connection, deletion).await.map_err(StoreError::catalog("keeping a deletion"))
    }

    /// The newest deletions of a project before one, newest first.
    pub(crate) async fn deletions(&self, project: &str, before: Option<i64>, limit: u32) -> StoreResult<Vec<Deletion>> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let sql = format!(
            "SELECT {COLUMNS} FROM pellucid_deletion WHERE project = ? AND deletion_id < ? \
             ORDER BY deletion_id DESC LIMIT ?"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(project).bind(before.unwrap_or(i64::MAX)).bind(limit);
        let rows = query.fetch_all(connection).await.and_then(|rows| rows.iter().map(deletion).collect());
        rows.map_err(StoreError::catalog("reading deletions"))
    }

    /// The deletions in a state, oldest first.
    pub(crate) async fn deletions_in(&self, state: DeletionState) -> StoreResult<Vec<Deletion>> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let sql = format!("SELECT {COLUMNS} FROM pellucid_deletion WHERE state = ? ORDER BY deletion_id");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(state.as_str());
        let rows = query.fetch_all(connection).await.and_then(|rows| rows.iter().map(deletion).collect());
        rows.map_err(StoreError::catalog("reading deletions"))
    }

    /// Whether a deletion was begun whose bytes may still be on the disk.
    pub(crate) async fn has_open_deletions(&self) -> StoreResult<bool> {
        for state in [DeletionState::Accepted, DeletionState::Hidden] {
            if !self.deletions_in(state).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Folds SQLite's own log into its file and empties it: what was deleted in the file is then nowhere.
    pub(crate) async fn fold(&self) -> StoreResult<()> {
        let mut guard = self.connection.lock().await;
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let fold = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await;
        let busy: i64 =
            fold.and_then(|row| row.try_get(0)).map_err(StoreError::catalog("folding the catalogue's log"))?;
        match busy {
            0 => Ok(()),
            _ => Err(StoreError::Internal("the catalogue is being read: its log stays for now".to_owned())),
        }
    }
}

async fn add(connection: &mut SqliteConnection, deletion: &Deletion) -> sqlx::Result<i64> {
    let done = sqlx::query(
        "INSERT INTO pellucid_deletion (project, kind, subject, who, reason, state, spans, logs, chunks, chunks_done, \
         ordered_at) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?)",
    )
    .bind(&deletion.project)
    .bind(deletion.kind.as_str())
    .bind(&deletion.subject)
    .bind(&deletion.who)
    .bind(&deletion.reason)
    .bind(deletion.state.as_str())
    .bind(deletion.ordered_at.as_nanos())
    .execute(connection)
    .await?;
    Ok(done.last_insert_rowid())
}

async fn keep(connection: &mut SqliteConnection, deletion: &Deletion) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE pellucid_deletion SET subject = ?, state = ?, spans = ?, logs = ?, chunks = ?, chunks_done = ?, \
         hidden_at = ?, purged_at = ?, problem = ? WHERE deletion_id = ?",
    )
    .bind(&deletion.subject)
    .bind(deletion.state.as_str())
    .bind(signed(deletion.spans))
    .bind(signed(deletion.logs))
    .bind(signed(deletion.chunks))
    .bind(signed(deletion.chunks_done))
    .bind(deletion.hidden_at.map(Timestamp::as_nanos))
    .bind(deletion.purged_at.map(Timestamp::as_nanos))
    .bind(&deletion.problem)
    .bind(deletion.id)
    .execute(connection)
    .await?;
    Ok(())
}

fn deletion(row: &SqliteRow) -> sqlx::Result<Deletion> {
    let time = |at: usize| -> sqlx::Result<Option<Timestamp>> {
        Ok(row.try_get::<Option<i64>, _>(at)?.map(Timestamp::from_nanos))
    };
    let count = |at: usize| -> sqlx::Result<u64> { Ok(u64::try_from(row.try_get::<i64, _>(at)?).unwrap_or(0)) };
    let unknown = |what: &str| sqlx::Error::Decode(format!("a deletion of an unknown {what}").into());
    Ok(Deletion {
        id: row.try_get(0)?,
        project: row.try_get(1)?,
        kind: SubjectKind::parse(row.try_get(2)?).ok_or_else(|| unknown("kind"))?,
        subject: row.try_get(3)?,
        who: row.try_get(4)?,
        reason: row.try_get(5)?,
        state: DeletionState::parse(row.try_get(6)?).ok_or_else(|| unknown("state"))?,
        spans: count(7)?,
        logs: count(8)?,
        chunks: count(9)?,
        chunks_done: count(10)?,
        ordered_at: time(11)?.unwrap_or_default(),
        hidden_at: time(12)?,
        purged_at: time(13)?,
        problem: row.try_get(14)?,
    })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
