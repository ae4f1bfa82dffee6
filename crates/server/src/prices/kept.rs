//! A price that was set through the API, as the store keeps it.
//!
//! A price that was removed leaves its number behind: set again it goes on counting, so that no two prices ever share
//! the name that `price_id` gives.

use pellucid_model::{Error, ErrorKind, ProjectId, Result};
use pellucid_store::Document;
use serde::{Deserialize, Serialize};

use super::PriceShape;

/// The kind of these documents; the id is the project, a slash, and the price's own id.
pub(crate) const PRICE: &str = "price";

const MAX_ID_CHARS: usize = 64;
/// Words of the API below `/api/v1/prices/`.
const RESERVED: &[&str] = &["unpriced", "choice", "reprice"];

/// A price, its name, and how often it was set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) id: String,
    /// Without one it is for all projects.
    project: Option<String>,
    pub(crate) revision: u64,
    /// Nothing once it is removed.
    pub(crate) shape: Option<PriceShape>,
}

impl Kept {
    /// A price that was never set.
    pub(crate) fn new(id: &str, project: Option<&ProjectId>) -> Self {
        let project = project.map(|project| project.as_str().to_owned());
        Self { id: id.to_owned(), project, revision: 0, shape: None }
    }

    /// The price of a document; nothing if it is none.
    pub(crate) fn read(document: &Document) -> Option<Self> {
        let kept = serde_json::from_str(&document.body);
        kept.inspect_err(|error| tracing::error!(id = document.id, %error, "a kept price cannot be read")).ok()
    }

    /// The same under its next number.
    pub(crate) fn next(self, shape: Option<PriceShape>) -> Self {
        Self { revision: self.revision + 1, shape, ..self }
    }

    /// The document.
    pub(crate) fn to_document(&self) -> Result<Document> {
        let body = serde_json::to_string(self)
            .map_err(|cause| Error::new(ErrorKind::Internal, "a price cannot be kept").caused_by(cause))?;
        let project = self.project.as_deref().unwrap_or_default();
        Ok(Document { kind: PRICE.to_owned(), id: format!("{project}/{}", self.id), body })
    }

    pub(crate) fn project(&self) -> Option<ProjectId> {
        self.project.as_deref().map(ProjectId::new)
    }

    /// Names this price, as it is now, for good.
    pub(crate) fn price_name(&self) -> String {
        format!("{}.{}", self.id, self.revision)
    }

    pub(crate) fn into_shape(self) -> Option<PriceShape> {
        self.shape
    }
}

/// Whether an id can stand in a path and in `price_id`.
pub(crate) fn check_id(id: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if id.is_empty() || id.len() > MAX_ID_CHARS || !id.chars().all(plain) || RESERVED.contains(&id) {
        return Err(Error::new(ErrorKind::Invalid, format!("{id:?} cannot name a price"))
            .with_hint("letters, digits, `-`, `_`, `.` and `:`, at most 64 of them"));
    }
    Ok(())
}
