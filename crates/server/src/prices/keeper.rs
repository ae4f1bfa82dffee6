//! Sets, removes and lists prices, each change with its line in the journal.
//!
//! In: who asks, for which project, and what. Out: the prices as they are now; rows that come from here on are priced by
//! them. Changes wait for one another, so that every price gets a number of its own.

use std::sync::Arc;

use pellucid_genai::CostChoice;
use pellucid_model::{ProjectId, Result};
use pellucid_store::{Document, JournalEntry, Store};
use serde_json::json;
use tokio::sync::Mutex;

use super::{CHOICE, Kept, PRICE, PriceShape, Pricing, check_id};
use crate::auth::Grant;
use crate::clock;

/// Sets, removes and lists prices.
#[derive(Debug)]
pub(crate) struct PriceKeeper {
    pricing: Arc<Pricing>,
    store: Arc<Store>,
    writing: Mutex<()>,
}

/// For whom a price is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The project of whoever asks.
    Project,
    /// Every project.
    Org,
}

/// A price as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) scope: Scope,
    /// Nothing for a row of the file.
    pub(crate) revision: Option<u64>,
    pub(crate) shape: PriceShape,
}

impl Scope {
    /// Its word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Org => "org",
        }
    }

    fn of(self, project: &ProjectId) -> Option<&ProjectId> {
        match self {
            Self::Project => Some(project),
            Self::Org => None,
        }
    }
}

impl PriceKeeper {
    pub(crate) fn new(pricing: Arc<Pricing>, store: Arc<Store>) -> Self {
        Self { pricing, store, writing: Mutex::new(()) }
    }

    /// What a project is priced by before overlay and book, in the order in which it is asked; and whom it trusts.
    pub(crate) async fn list(&self, project: &ProjectId) -> Result<(Vec<Listed>, CostChoice)> {
        let documents = self.store.documents().await?;
        let of_api = documents.iter().filter(|document| document.kind == PRICE).filter_map(Kept::read);
        let of_api = of_api.filter_map(|kept| {
            let (owner, id, revision) = (kept.project(), kept.id.clone(), Some(kept.revision));
            Some((owner, id, revision, kept.into_shape()?))
        });
        let of_file = self
            .pricing
            .rows
            .iter()
            .map(|(id, shape)| (shape.project.as_deref().map(ProjectId::new), id.clone(), None, shape.clone()));
        let all = of_api.chain(of_file).filter_map(|(owner, id, revision, shape)| {
            let scope = match &owner {
                Some(owner) if owner == project => Scope::Project,
                Some(_) => return None,
                None => Scope::Org,
            };
            Some(Listed { id, scope, revision, shape })
        });
        let (mut own, org): (Vec<Listed>, Vec<Listed>) = all.partition(|listed| listed.scope == Scope::Project);
        own.extend(org);
        Ok((own, self.pricing.choice(project, &documents)))
    }

    /// Sets a price; what was there under the id before is replaced.
    pub(crate) async fn set(&self, grant: &Grant, scope: Scope, id: &str, shape: PriceShape) -> Result<Listed> {
        check_id(id)?;
        self.pricing.check(&shape)?;
        let _turn = self.writing.lock().await;
        let before = self.kept(grant, scope, id).await?;
        let said = json!({"id": id, "scope": scope.as_str(), "price": shape, "before": before.shape});
        let kept = before.next(Some(shape.clone()));
        self.store.put_document(&kept.to_document()?, &entry(grant, "price_set", &said)).await?;
        Ok(Listed { id: id.to_owned(), scope, revision: Some(kept.revision), shape })
    }

    /// Removes a price; false if there is none.
    pub(crate) async fn remove(&self, grant: &Grant, scope: Scope, id: &str) -> Result<bool> {
        let _turn = self.writing.lock().await;
        let before = self.kept(grant, scope, id).await?;
        if before.shape.is_none() {
            return Ok(false);
        }
        let said = json!({"id": id, "scope": scope.as_str(), "before": before.shape});
        self.store.put_document(&before.next(None).to_document()?, &entry(grant, "price_removed", &said)).await?;
        Ok(true)
    }

    /// Says whose number the project trusts.
    pub(crate) async fn choose(&self, grant: &Grant, choice: CostChoice) -> Result<()> {
        let id = grant.project.as_str().to_owned();
        let document = Document { kind: CHOICE.to_owned(), id, body: choice.as_str().to_owned() };
        let said = json!({"choice": choice.as_str()});
        self.store.put_document(&document, &entry(grant, "cost_choice", &said)).await
    }

    async fn kept(&self, grant: &Grant, scope: Scope, id: &str) -> Result<Kept> {
        let new = Kept::new(id, scope.of(&grant.project));
        let key = new.to_document()?.id;
        let documents = self.store.documents().await?;
        let found = documents.iter().find(|document| document.kind == PRICE && document.id == key);
        Ok(found.and_then(Kept::read).unwrap_or(new))
    }
}

/// A line of the journal.
pub(crate) fn entry(grant: &Grant, what: &str, said: &serde_json::Value) -> JournalEntry {
    JournalEntry {
        time: clock::now(),
        who: grant.who.clone(),
        project: grant.project.as_str().to_owned(),
        what: what.to_owned(),
        body: said.to_string(),
    }
}
