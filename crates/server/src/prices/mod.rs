//! The user's prices: those of the configuration file and those set through the API, as one price book.
//!
//! In: a [`Config`], once; the store's documents, whenever they change. Out: a [`PriceBook`]. What was set through the
//! API comes before what stands in the file, a project's before everybody's. A document that cannot be read any more is
//! reported and left out, it never stops the server.

mod keeper;
mod kept;
mod shape;

use std::collections::BTreeMap;

use pellucid_genai::{CostChoice, Override, PriceBook};
use pellucid_model::{ProjectId, Result, Usd};
use pellucid_store::Document;
use sha2::{Digest, Sha256};

pub(crate) use self::keeper::{Listed, PriceKeeper, Scope, entry};
pub(crate) use self::kept::{Kept, PRICE, check_id};
pub use self::shape::{Day, Money, Price, PriceShape, PriceStep};
use crate::config::{Config, Cost};

/// The kind of documents that hold whose number a project trusts; the id is the project.
pub(crate) const CHOICE: &str = "cost_choice";

/// Digits of a hash that name a row of the file: it has no other name that stays when rows move.
const FILE_ID_DIGITS: usize = 8;

/// What the configuration says of money.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pricing {
    /// The rows of the file with their ids.
    pub(crate) rows: Vec<(String, PriceShape)>,
    cost: Cost,
    cny_usd: Option<Usd>,
}

impl Pricing {
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let cny_usd = config.cost.cny_usd()?;
        let rows = config.prices.iter().map(|row| (file_id(row), row.clone())).collect();
        Ok(Self { rows, cost: config.cost.clone(), cny_usd })
    }

    /// The row of the book for a price that somebody wants to set; or why it cannot be one.
    pub(crate) fn check(&self, shape: &PriceShape) -> Result<()> {
        shape.to_row("new", self.cny_usd).map(drop)
    }

    /// Whose number a project trusts.
    pub(crate) fn choice(&self, project: &ProjectId, documents: &[Document]) -> CostChoice {
        let kept = documents.iter().find(|document| document.kind == CHOICE && document.id == project.as_str());
        kept.and_then(|document| CostChoice::parse(&document.body)).unwrap_or_else(|| self.cost.choice_of(project))
    }

    /// The book that these documents and the file make together.
    pub(crate) fn book(&self, documents: &[Document]) -> PriceBook {
        let kept = documents.iter().filter(|document| document.kind == PRICE).filter_map(Kept::read);
        let of_api = kept.filter_map(|kept| Some((kept.project(), kept.price_name(), kept.into_shape()?)));
        let of_file = self
            .rows
            .iter()
            .map(|(id, shape)| (shape.project.as_deref().map(ProjectId::new), id.clone(), shape.clone()));
        // Of two rows that say equally much the first one counts.
        let overrides = of_api.chain(of_file).filter_map(|(project, id, shape)| {
            let row = shape.to_row(&id, self.cny_usd);
            let row = row.inspect_err(|error| tracing::error!(id, %error, "a price is left out")).ok()?;
            Some(Override { project, row })
        });
        let overrides: Vec<Override> = overrides.collect();
        let mut choices: BTreeMap<ProjectId, CostChoice> =
            self.cost.projects.iter().map(|row| (ProjectId::new(row.project.as_str()), row.choice.into())).collect();
        for document in documents.iter().filter(|document| document.kind == CHOICE) {
            if let Some(choice) = CostChoice::parse(&document.body) {
                choices.insert(ProjectId::new(document.id.as_str()), choice);
            }
        }
        PriceBook::new(overrides, self.cost.choice.into(), choices)
    }
}

/// A row of the file by what it says.
fn file_id(row: &PriceShape) -> String {
    let said = serde_json::to_string(row).unwrap_or_default();
    let digits: String = Sha256::digest(said).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("file-{}", digits.chars().take(FILE_ID_DIGITS).collect::<String>())
}

#[cfg(test)]
mod tests;
