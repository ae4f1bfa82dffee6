//! The store's documents and journal, as others may use them.

use pellucid_model::Result;

use super::Store;
use crate::metadata::{Document, JournalEntry, JournalLine};

impl Store {
    /// Every document, by kind and id.
    pub async fn documents(&self) -> Result<Vec<Document>> {
        Ok(self.metadata.documents().await?)
    }

    /// Adds or replaces a document, with a line of the journal. The stages go by it once this returns.
    pub async fn put_document(&self, document: &Document, entry: &JournalEntry) -> Result<()> {
        Ok(self.metadata.put(document, entry).await?)
    }

    /// Removes a document, with a line of the journal; false, and no line, if there is none.
    pub async fn remove_document(&self, kind: &str, id: &str, entry: &JournalEntry) -> Result<bool> {
        Ok(self.metadata.remove(kind, id, entry).await?)
    }

    /// Writes a line of the journal; gives its number.
    pub async fn note(&self, entry: &JournalEntry) -> Result<i64> {
        Ok(self.metadata.note(entry).await?)
    }

    /// Replaces the particulars of a line, for work that goes on.
    pub async fn amend(&self, id: i64, body: &str) -> Result<()> {
        Ok(self.metadata.amend(id, body).await?)
    }

    /// The newest lines of a project's journal, below line number `before` if given; newest first.
    pub async fn journal(&self, project: &str, before: Option<i64>, limit: u32) -> Result<Vec<JournalLine>> {
        Ok(self.metadata.journal(project, before, limit).await?)
    }
}
