//! The settings themselves, with their defaults and the reason for each limit.

use std::net::SocketAddr;
use std::path::PathBuf;

use pellucid_genai::CostChoice;
use pellucid_model::{Error, ErrorKind, ProjectId, Result, Usd};
use serde::{Deserialize, Serialize};

use super::retention::RetentionShape;
use super::store::StoreBounds;
use crate::prices::PriceShape;

const MIB: u64 = 1024 * 1024;

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address of the UI, the API and OTLP/HTTP.
    pub listen: String,
    /// Address of OTLP/HTTP alone.
    pub otlp_http: String,
    /// Address of OTLP/gRPC.
    pub otlp_grpc: String,
    /// Where everything is stored.
    pub data: PathBuf,
    /// Names under which the API and the UI may be opened besides loopback names, while no keys are configured.
    pub allowed_hosts: Vec<String>,
    /// What is logged, in `tracing`'s filter language.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// OTLP intake.
    pub otlp: Otlp,
    /// Bounds.
    pub limits: Limits,
    /// How much the store keeps in memory and in its log.
    pub store: StoreBounds,
    /// How long what is kept.
    pub retention: RetentionShape,
    /// Whose numbers are trusted with money.
    pub cost: Cost,
    /// Who may do what.
    pub auth: Auth,
    /// Prices of your own: of the project they name, or of all.
    pub prices: Vec<PriceShape>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9529".into(),
            otlp_http: "127.0.0.1:4318".into(),
            otlp_grpc: "127.0.0.1:4317".into(),
            data: "./pellucid-data".into(),
            allowed_hosts: Vec::new(),
            log: "info".into(),
            log_format: LogFormat::Text,
            otlp: Otlp::default(),
            limits: Limits::default(),
            store: StoreBounds::default(),
            retention: RetentionShape::default(),
            cost: Cost::default(),
            auth: Auth::default(),
            prices: Vec::new(),
        }
    }
}

/// Form of a log line on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Settings of the OTLP intake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Otlp {
    /// Attributes that become facets: exact names, or `reg:` and a pattern.
    pub customer_tags: Vec<String>,
    /// Origins of web pages that may send telemetry; `*` inside stands for anything. Only pages of this machine by
    /// default: while no keys are configured, any page that may send could fill the store.
    pub cors_origins: Vec<String>,
}

impl Default for Otlp {
    fn default() -> Self {
        let local =
            ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*", "http://localhost", "http://127.0.0.1"];
        Self { customer_tags: Vec::new(), cors_origins: local.map(str::to_owned).to_vec() }
    }
}

/// Bounds on memory, time and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// A request body as sent, if compressed. Real exporters stay below 4 MiB.
    pub compressed_body_bytes: u64,
    /// A request body after decompression: OTLP's recommended 64 MiB.
    pub body_bytes: u64,
    /// Memory that all requests in flight may take together; above it, new ones are told to come back.
    pub in_flight_bytes: u64,
    /// Connections open at once, all ports together; more wait in the listen queue.
    pub connections: u64,
    /// Seconds to send the headers of a request.
    pub header_seconds: u64,
    /// Seconds to send the body of a request.
    pub body_seconds: u64,
    /// Seconds a connection may lie idle.
    pub idle_seconds: u64,
    /// Seconds a query may run.
    pub query_seconds: u64,
    /// Memory that all queries may take together.
    pub query_memory_bytes: u64,
    /// Rows of an answer, whatever the request asks for.
    pub query_rows: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            compressed_body_bytes: 16 * MIB,
            body_bytes: 64 * MIB,
            in_flight_bytes: 512 * MIB,
            connections: 4096,
            header_seconds: 10,
            body_seconds: 60,
            idle_seconds: 120,
            query_seconds: 30,
            query_memory_bytes: 1024 * MIB,
            query_rows: 100_000,
        }
    }
}

/// Whose numbers are trusted with money.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cost {
    /// Whose number is the cost of a call where the client and a price row both give one.
    pub choice: Choice,
    /// Dollars for one yuan, such as "0.14": for prices in CNY that bring no rate of their own. Empty: there is none.
    pub cny_usd: String,
    /// Projects that choose otherwise.
    pub projects: Vec<ProjectCost>,
}

/// Whose number a project trusts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectCost {
    /// The project.
    pub project: String,
    /// Its choice.
    pub choice: Choice,
}

/// Whose number is the cost of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// What the client reports, if it does.
    #[default]
    Reported,
    /// What the price row gives, if there is one.
    Computed,
}

impl From<Choice> for CostChoice {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Reported => Self::Reported,
            Choice::Computed => Self::Computed,
        }
    }
}

impl Cost {
    /// What a yuan costs, if that is set.
    pub(crate) fn cny_usd(&self) -> Result<Option<Usd>> {
        if self.cny_usd.is_empty() {
            return Ok(None);
        }
        let rate = self.cny_usd.parse().ok().filter(|rate: &Usd| *rate > Usd::ZERO);
        rate.map(Some).ok_or_else(|| {
            Error::new(ErrorKind::Invalid, format!("cost.cny_usd is no rate: {:?}", self.cny_usd))
                .with_hint("dollars for one yuan, such as \"0.14\"")
        })
    }

    /// Whose number a project trusts.
    pub(crate) fn choice_of(&self, project: &ProjectId) -> CostChoice {
        let own = self.projects.iter().find(|row| row.project == project.as_str());
        own.map_or(self.choice, |row| row.choice).into()
    }
}

/// Access.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Without keys everybody on this machine may do everything, and nobody else can reach the server.
    pub keys: Vec<ApiKey>,
}

/// One key. Only the hash of its secret is ever stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Shown in logs.
    pub name: String,
    /// SHA-256 of the secret, 64 hexadecimal digits.
    pub sha256: String,
    /// The project it writes to and reads from.
    #[serde(default = "default_project")]
    pub project: String,
    /// What it may do.
    pub can: Vec<Right>,
}

fn default_project() -> String {
    ProjectId::DEFAULT.to_owned()
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Send telemetry.
    Ingest,
    /// Ask questions.
    Read,
    /// Everything.
    Admin,
}

impl Config {
    /// The form of the configuration file.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self)
            .map_err(|cause| Error::new(ErrorKind::Internal, format!("cannot print the configuration: {cause}")))
    }

    /// The three addresses, in the order UI, OTLP/HTTP, OTLP/gRPC.
    pub fn addresses(&self) -> Result<[SocketAddr; 3]> {
        let parse = |key: &str, text: &str| {
            let text = text.replace("localhost:", "127.0.0.1:");
            text.parse::<SocketAddr>().map_err(|_| {
                Error::new(ErrorKind::Invalid, format!("{key} is no address: {text:?}"))
                    .with_hint("write IP:PORT, such as 127.0.0.1:9529; port 0 takes any free port")
            })
        };
        Ok([parse("listen", &self.listen)?, parse("otlp_http", &self.otlp_http)?, parse("otlp_grpc", &self.otlp_grpc)?])
    }

    /// What must hold between settings.
    pub(super) fn validate(&self) -> Result<()> {
        let addresses = self.addresses()?;
        if let Some(open) = addresses.iter().find(|address| self.auth.keys.is_empty() && !address.ip().is_loopback()) {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("refusing to listen on {open}: everybody who reaches it could read and write"),
            )
            .with_hint("make a key with `pellucid key new`, put its line under [auth] in the file given by --config, and start again"));
        }
        for key in &self.auth.keys {
            let hex = key.sha256.len() == 64 && key.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !hex {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!("auth key {:?}: sha256 must be 64 hexadecimal digits", key.name),
                )
                .with_hint("`pellucid key new` prints a fresh secret and its line"));
            }
            if key.project.is_empty() || key.can.is_empty() {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!("auth key {:?}: project and can must not be empty", key.name),
                ));
            }
        }
        self.store.validate()?;
        drop(self.retention.to_retention()?);
        let cny_usd = self.cost.cny_usd()?;
        for price in &self.prices {
            price.to_row("file", cny_usd)?;
        }
        for pattern in self.otlp.customer_tags.iter().filter_map(|tag| tag.strip_prefix("reg:")) {
            if pattern.is_empty() {
                return Err(Error::new(ErrorKind::Invalid, "otlp.customer_tags: `reg:` without a pattern"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_loopback_needs_a_key() {
        let mut config = Config { listen: "0.0.0.0:9529".into(), ..Config::default() };
        let error = config.validate().unwrap_err();
        assert!(error.hint.unwrap().contains("pellucid key new"));
        config.auth.keys.push(ApiKey {
            name: "a".into(),
            sha256: "0".repeat(64),
            project: "p".into(),
            can: vec![Right::Ingest],
        });
        assert!(config.validate().is_ok());
        config.auth.keys[0].sha256 = "secret".into();
        assert!(config.validate().is_err());
    }

    #[test]
    fn localhost_is_an_address() {
        let config = Config { listen: "localhost:0".into(), ..Config::default() };
        assert!(config.addresses().is_ok());
        assert!(Config { otlp_grpc: "4317".into(), ..Config::default() }.validate().is_err());
    }
}
