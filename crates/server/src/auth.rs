//! Who is asking, and for which project: the one place where credentials become rights.
//!
//! In: request headers. Out: a [`Grant`] with the project, or 401/403. Secrets are compared by SHA-256 and never logged.
//! Without configured keys the server listens on loopback only and everybody there may do everything; web pages of other
//! origins are then kept out by the name they address us by, since a rebound DNS name still stands in `Host`.

use base64::Engine as _;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, Uri};
use pellucid_model::{Error, ErrorKind, ProjectId, Result};
use sha2::{Digest, Sha256};

use crate::config::{ApiKey, Config, Right};

const API_KEY: &str = "x-api-key";
/// Random bytes of a new secret: not to be guessed, and short enough to paste.
const SECRET_BYTES: usize = 24;
const SECRET_PREFIX: &str = "plcd_";
/// Who asks where nobody is asked who he is.
const NOBODY: &str = "local";

/// The configured keys.
#[derive(Debug)]
pub(crate) struct Keyring {
    keys: Vec<Key>,
    allowed_hosts: Vec<String>,
}

#[derive(Debug)]
struct Key {
    name: String,
    digest: String,
    project: ProjectId,
    can: Vec<Right>,
}

/// What a request may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) project: ProjectId,
    /// The name of the key, for the journal.
    pub(crate) who: String,
}

impl Keyring {
    pub(crate) fn new(config: &Config) -> Self {
        let key = |row: &ApiKey| Key {
            name: row.name.clone(),
            digest: row.sha256.to_lowercase(),
            project: ProjectId::new(row.project.as_str()),
            can: row.can.clone(),
        };
        Self { keys: config.auth.keys.iter().map(key).collect(), allowed_hosts: config.allowed_hosts.clone() }
    }

    /// True if credentials are asked for.
    pub(crate) fn required(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The grant of a request that needs `right`.
    pub(crate) fn grant(&self, headers: &HeaderMap, right: Right) -> Result<Grant> {
        if !self.required() {
            return Ok(Grant { project: ProjectId::default(), who: NOBODY.to_owned() });
        }
        let secret = secret_of(headers).ok_or_else(|| {
            Error::new(ErrorKind::Unauthenticated, "no credentials")
                .with_hint("send a key as `Authorization: Bearer …`, as Basic password, or as x-api-key")
        })?;
        let digest = digest_of(&secret);
        let key = self
            .keys
            .iter()
            .find(|key| key.digest == digest)
            .ok_or_else(|| Error::new(ErrorKind::Unauthenticated, "unknown key"))?;
        if key.can.contains(&right) || key.can.contains(&Right::Admin) {
            return Ok(Grant { project: key.project.clone(), who: key.name.clone() });
        }
        Err(Error::new(ErrorKind::Forbidden, format!("this key may not {}", verb(right))))
    }

    /// While everybody on this machine may ask, refuses requests addressed to a name that is not this machine's.
    pub(crate) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<()> {
        if self.required() {
            return Ok(());
        }
        let named =
            headers.get(HOST).and_then(|host| host.to_str().ok()).or_else(|| uri.authority().map(|a| a.as_str()));
        let Some(named) = named else { return Ok(()) };
        let host = named
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(named, |(host, _)| host);
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let local = host == "localhost"
            || host.ends_with(".localhost")
            || literal.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if local || self.allowed_hosts.iter().any(|allowed| allowed == host) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Forbidden, format!("this server is not called {host:?}"))
            .with_hint("open it as localhost, configure [auth] keys, or list the name in allowed_hosts"))
    }
}

fn verb(right: Right) -> &'static str {
    match right {
        Right::Ingest => "send telemetry",
        Right::Read => "read",
        Right::Admin => "administer",
    }
}

/// The secret, wherever clients put it. Old SDKs send header values that are still percent-encoded.
fn secret_of(headers: &HeaderMap) -> Option<String> {
    if let Some(secret) = headers.get(API_KEY).and_then(|value| value.to_str().ok()) {
        return Some(secret.trim().to_owned());
    }
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().replacen("%20", " ", 1);
    let (scheme, credentials) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(credentials.trim().to_owned()),
        "basic" => {
            let decoded =
                base64::engine::general_purpose::STANDARD.decode(credentials.trim().replace("%3D", "=")).ok()?;
            let pair = String::from_utf8(decoded).ok()?;
            pair.split_once(':').map(|(_, password)| password.to_owned())
        }
        _ => None,
    }
}

fn digest_of(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A fresh secret and the row of the configuration file that admits it.
pub(crate) fn new_key(name: &str, project: &str, can: &[Right]) -> (String, ApiKey) {
    let random: [u8; SECRET_BYTES] = rand::random();
    let secret = format!("{SECRET_PREFIX}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random));
    let row = ApiKey { name: name.into(), sha256: digest_of(&secret), project: project.into(), can: can.to_vec() };
    (secret, row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> (String, Keyring) {
        let (secret, row) = new_key("a", "shop", &[Right::Ingest]);
        let mut config = Config::default();
        config.auth.keys.push(row);
        (secret, Keyring::new(&config))
    }

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn a_secret_is_taken_from_three_places() {
        let (secret, ring) = ring();
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("pk-lf-1:{secret}"));
        for (name, value) in [
            ("authorization", format!("Bearer {secret}")),
            ("authorization", format!("bearer%20{secret}")),
            ("authorization", format!("Basic {basic}")),
            ("x-api-key", secret.clone()),
        ] {
            let grant = ring.grant(&headers(name, &value), Right::Ingest);
            assert_eq!(grant.unwrap().project.as_str(), "shop", "{name}: {value}");
        }
    }

    #[test]
    fn others_are_refused_for_the_right_reason() {
        let (secret, ring) = ring();
        let kind = |headers: HeaderMap, right| ring.grant(&headers, right).unwrap_err().kind;
        assert_eq!(kind(HeaderMap::new(), Right::Ingest), ErrorKind::Unauthenticated);
        assert_eq!(kind(headers("x-api-key", "guess"), Right::Ingest), ErrorKind::Unauthenticated);
        assert_eq!(kind(headers("authorization", "Basic !!"), Right::Ingest), ErrorKind::Unauthenticated);
        assert_eq!(kind(headers("x-api-key", &secret), Right::Read), ErrorKind::Forbidden);
    }

    #[test]
    fn an_open_server_answers_to_its_own_names_only() {
        let open = Keyring::new(&Config::default());
        let uri = Uri::from_static("/");
        for host in ["localhost:9529", "127.0.0.1:9529", "[::1]:9529", "127.0.0.1", "app.localhost"] {
            assert!(open.check_host(&uri, &headers("host", host)).is_ok(), "{host}");
        }
        for host in ["evil.example:9529", "10.0.0.1", "localhost.evil.example"] {
            assert!(open.check_host(&uri, &headers("host", host)).is_err(), "{host}");
        }
    }
}
