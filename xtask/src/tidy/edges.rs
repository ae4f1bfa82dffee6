//! Who may know whom. A crate can only name what its `Cargo.toml` lists, so the manifests are the whole truth: one
//! table of edges between our crates, one of the libraries that only some rooms may know.

use anyhow::{Context as _, Result};

use super::Fault;

type Table = &'static [(&'static str, &'static [&'static str])];

/// Our crate → ours that it may depend on. A crate without a row may depend on none.
const EDGES: Table = &[
    ("model", &[]),
    ("otlp", &["model"]),
    ("genai", &["model"]),
    ("search", &[]),
    ("store", &["model", "search"]),
    ("query", &["model", "search", "store"]),
    ("alert", &["model", "query"]),
    ("gateway", &["model", "genai"]),
    ("server", &["model", "otlp", "genai", "store", "query", "alert", "gateway"]),
    ("testkit", &[]),
    ("sdk", &[]),
];

/// Library → the crates that may name it. Libraries without a row are free.
const ROOMS: Table = &[
    ("arrow", &["store", "query"]),
    ("datafusion", &["query"]),
    ("parquet", &["store", "query"]),
    ("object_store", &["store", "query"]),
    ("sqlx", &["store"]),
    ("axum", &["server"]),
    ("tonic", &["server"]),
    ("tower-http", &["server"]),
    ("hyper", &["server", "gateway"]),
    ("reqwest", &["server", "gateway", "alert", "testkit"]),
    ("genai-prices", &["genai"]),
    ("tokio", &["store", "query", "alert", "gateway", "server", "testkit"]),
];

const PREFIX: &str = "pellucid-";
/// The harness may be used by every crate's tests and shipped by none.
const TEST_ONLY: &str = "testkit";

/// Checks one `crates/<name>/Cargo.toml`.
pub(super) fn check(path: &str, manifest: &str, faults: &mut Vec<Fault>) -> Result<()> {
    let name = path.split('/').nth(1).context("crates/<name>/Cargo.toml")?;
    let parsed: toml::Table = toml::from_str(manifest).with_context(|| path.to_owned())?;
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        let dev = section == "dev-dependencies";
        let Some(dependencies) = parsed.get(section).and_then(toml::Value::as_table) else { continue };
        for dependency in dependencies.keys() {
            if let Some(rule) = broken(name, dependency, dev) {
                faults.push(Fault::new(path, line_of(manifest, dependency), rule));
            }
        }
    }
    Ok(())
}

fn broken(name: &str, dependency: &str, dev: bool) -> Option<String> {
    if let Some(other) = dependency.strip_prefix(PREFIX) {
        // Tests may reach for real data beside them, but nobody, tests neither, may know who stands upon it.
        let for_tests = dev && (other == TEST_ONLY || !stands_on(other, name));
        let allowed = for_tests || row(EDGES, name).unwrap_or_default().contains(&other);
        return (!allowed).then(|| format!("{name} may not depend on {other}"));
    }
    let rooms = row(ROOMS, dependency)?;
    (!dev && !rooms.contains(&name)).then(|| format!("{name} may not name {dependency}: only {} may", rooms.join(", ")))
}

fn row(table: Table, key: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(name, _)| *name == key).map(|(_, row)| *row)
}

fn stands_on(upper: &str, lower: &str) -> bool {
    row(EDGES, upper).unwrap_or_default().iter().any(|&next| next == lower || stands_on(next, lower))
}

fn line_of(manifest: &str, dependency: &str) -> usize {
    1 + manifest.lines().position(|line| line.starts_with(dependency)).unwrap_or_default()
}
