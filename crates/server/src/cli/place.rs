//! What a command works on: a running server, or a data directory that none has open. One group of options for all.

use std::path::{Path, PathBuf};

use pellucid_model::{ProjectId, Result};
use pellucid_query::Access;

use crate::client::Client;

/// A running server, or a data directory.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// A running server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9529", conflicts_with = "data")]
    url: String,
    /// A data directory that no server has open
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Secret of a key of the server, better given in PELLUCID_KEY
    #[arg(long, value_name = "SECRET", hide_default_value = true, conflicts_with = "data")]
    key: Option<String>,
}

/// A project there: a server tells it by the key.
#[derive(Debug, clap::Args)]
pub(super) struct ProjectPlace {
    #[command(flatten)]
    place: Place,
    /// The project, with --data
    #[arg(long, default_value = ProjectId::DEFAULT, requires = "data")]
    project: String,
}

impl Place {
    /// The directory, if it is one.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// A client of the server.
    pub(super) fn client(&self) -> Result<Client> {
        Client::new(&self.url, self.key.clone())
    }
}

impl ProjectPlace {
    /// The directory, if it is one.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.place.directory()
    }

    /// A client of the server.
    pub(super) fn client(&self) -> Result<Client> {
        self.place.client()
    }

    /// The project of a directory.
    pub(super) fn project(&self) -> ProjectId {
        ProjectId::new(self.project.as_str())
    }

    /// The right to read it.
    pub(super) fn access(&self) -> Access {
        Access { project: self.project() }
    }
}
