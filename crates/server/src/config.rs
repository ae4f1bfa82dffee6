//! Configuration: flags over environment over file over defaults, merged as one TOML table and then read into [`Config`].
//!
//! In: a TOML file, `PELLUCID_…` variables, `key=value` pairs from the command line. Out: a [`Config`], or an error that
//! names the file, the line and the nearest valid key. The valid keys are those of `Config::default()`, so there is no
//! second list to keep in step. This file is the only place of the project that reads the environment.

mod check;
mod datakit;
mod retention;
mod shape;
mod store;

use std::path::{Path, PathBuf};

use pellucid_model::{Error, ErrorKind, Result};
use toml::{Table, Value};

pub(crate) use check::check_text;
pub(crate) use datakit::translate;
pub use shape::{ApiKey, Auth, Choice, Config, Cost, Limits, LogFormat, Otlp, ProjectCost, Right};

/// Every variable starts with this; the rest is the key in capitals with `_` for `.`.
const ENV_PREFIX: &str = "PELLUCID_";

/// The file named by the environment, for `--config` not given.
pub(crate) fn config_file_from_env() -> Option<PathBuf> {
    env_var("CONFIG").map(PathBuf::from)
}

/// The secret of a client command, so that it need not stand on the command line.
pub(crate) fn key_from_env() -> Option<String> {
    env_var("KEY")
}

#[expect(clippy::disallowed_methods, reason = "this module is the one reader of the environment")]
fn env_var(name: &str) -> Option<String> {
    std::env::var(format!("{ENV_PREFIX}{name}")).ok()
}

/// Whether tests rewrite their golden files.
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "this module is the one reader of the environment")]
pub(crate) fn update_goldens() -> bool {
    std::env::var("UPDATE").is_ok_and(|value| value == "1")
}

/// Merges the layers. `file` is read from disk; `sets` are `(key, text)` pairs from flags, strongest last.
pub(crate) fn load(file: Option<&Path>, sets: &[(String, String)]) -> Result<Config> {
    layer(file, &env_var, sets)
}

fn layer(file: Option<&Path>, env: &dyn Fn(&str) -> Option<String>, sets: &[(String, String)]) -> Result<Config> {
    let mut table = default_table()?;
    let scalars = check::scalar_keys(&table);
    if let Some(path) = file {
        merge(&mut table, read_file(path)?);
    }
    for key in &scalars {
        if let Some(text) = env(&key.replace('.', "_").to_uppercase()) {
            set(&mut table, key, &text)?;
        }
    }
    for (key, text) in sets {
        if !scalars.contains(key) {
            return Err(check::unknown_key(key, &scalars));
        }
        set(&mut table, key, text)?;
    }
    let config: Config =
        table.try_into().map_err(|cause: toml::de::Error| invalid(format!("configuration: {}", cause.message())))?;
    config.validate()?;
    Ok(config)
}

fn read_file(path: &Path) -> Result<Table> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| invalid(format!("cannot read {shown}: {cause}")).caused_by(cause))?;
    check_text(&shown, &text)?;
    text.parse().map_err(|cause: toml::de::Error| invalid(format!("{shown}: {}", cause.message())))
}

pub(crate) fn default_table() -> Result<Table> {
    Table::try_from(Config::default())
        .map_err(|cause| Error::new(ErrorKind::Internal, format!("default configuration: {cause}")))
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(more)) => merge(inner, more),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// Sets a dotted key from text; the type is that of the default.
fn set(table: &mut Table, key: &str, text: &str) -> Result<()> {
    let (mut at, mut rest) = (table, key);
    while let Some((head, tail)) = rest.split_once('.') {
        let Some(Value::Table(inner)) = at.get_mut(head) else {
            return Err(invalid(format!("{key} is no setting")));
        };
        (at, rest) = (inner, tail);
    }
    let wrong = |want: &str| invalid(format!("{key} must be {want}, not {text:?}"));
    let value = match at.get(rest) {
        Some(Value::Integer(_)) => Value::Integer(text.parse().map_err(|_| wrong("a whole number"))?),
        Some(Value::Boolean(_)) => Value::Boolean(text.parse().map_err(|_| wrong("true or false"))?),
        Some(Value::Array(_)) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    };
    at.insert(rest.to_owned(), value);
    Ok(())
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn flags_beat_environment_beats_file_beats_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\notlp_http = \"127.0.0.1:2\"\n[limits]\nquery_rows = 5\n")
            .unwrap();
        let env = |name: &str| match name {
            "OTLP_HTTP" => Some("127.0.0.1:3".to_owned()),
            "OTLP_CUSTOMER_TAGS" => Some("a.b, reg:^x".to_owned()),
            "DATA" => Some("/env".to_owned()),
            _ => None,
        };
        let config = layer(Some(&file), &env, &set_of(&[("data", "/flag")])).unwrap();
        assert_eq!(config.listen, "127.0.0.1:1");
        assert_eq!(config.otlp_http, "127.0.0.1:3");
        assert_eq!(config.data, PathBuf::from("/flag"));
        assert_eq!(config.limits.query_rows, 5);
        assert_eq!(config.otlp.customer_tags, ["a.b", "reg:^x"]);
        assert_eq!(config.otlp_grpc, "127.0.0.1:4317");
    }

    #[test]
    fn wrong_values_and_unknown_keys_are_named() {
        let none = |_: &str| None;
        let error = layer(None, &none, &set_of(&[("limits.query_rows", "many")])).unwrap_err();
        assert_eq!(error.message, "limits.query_rows must be a whole number, not \"many\"");
        let error = layer(None, &none, &set_of(&[("limits.query_row", "1")])).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("the nearest valid key is limits.query_rows"));
    }

    #[test]
    fn what_is_printed_can_be_read_back() {
        let text = Config::default().to_toml().unwrap();
        assert!(check_text("x", &text).is_ok(), "{text}");
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), Config::default());
    }
}
