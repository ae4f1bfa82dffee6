//! Every capture in `testdata/<dialect>/*.json` gives the rows beside it in `.expected`. `UPDATE=1` writes them anew.
//!
//! A capture is one OTLP JSON document with `resourceSpans` and perhaps `resourceLogs`. The rows leave out what is null,
//! what is only as sent, and what repeats the cost.

mod mutated;
mod set;
mod traps;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use pellucid_genai::{PriceBook, explain, normalise, to_json};
use pellucid_model::{ProjectId, Timestamp};
use pellucid_otlp::{Encoding, Signal, decode};
use serde_json::{Map, Value as Json};

use set::Set;

/// Columns that only repeat the capture.
const AS_SENT: &[&str] = &["project", "attributes", "resource_attributes", "events", "links", "received_at"];

/// The fewest captures that show a dialect.
const FEWEST: usize = 3;

fn captures() -> Result<Vec<PathBuf>> {
    // Tests run in their package's folder.
    let root = Path::new("testdata");
    let mut found = Vec::new();
    for folder in fs::read_dir(root)? {
        let folder = folder?.path();
        if folder.ends_with("traps") {
            continue;
        }
        let mut files: Vec<PathBuf> =
            fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        ensure!(files.len() >= FEWEST, "{} has fewer than {FEWEST} captures", folder.display());
        found.extend(files);
    }
    found.sort();
    Ok(found)
}

fn decoded(capture: &Path, signal: Signal) -> Result<pellucid_otlp::Decoded> {
    let body = fs::read(capture)?;
    decode(signal, Encoding::Json, &body).map_err(|error| anyhow::anyhow!("{}: {error}", capture.display()))
}

/// Leaves out what only says once more what a call cost.
fn drop_repeats(columns: &mut Map<String, Json>) {
    if columns.get("computed_cost_usd") == columns.get("cost_usd") {
        columns.shift_remove("computed_cost_usd");
    }
    columns.retain(|name, value| name != "price_currency" || *value != "USD");
}

fn shown(capture: &Path) -> Result<String> {
    let mut set = Set::default();
    for signal in [Signal::Traces, Signal::Logs] {
        set.add(decoded(capture, signal)?);
    }
    let mut text = String::new();
    for row in set.rows() {
        let Json::Object(mut columns) = to_json(&row) else { anyhow::bail!("a row is an object") };
        drop_repeats(&mut columns);
        columns.retain(|name, value| {
            !value.is_null() && *value != Json::Array(vec![]) && !AS_SENT.contains(&name.as_str())
        });
        text.push_str(&serde_json::to_string_pretty(&columns)?);
        text.push('\n');
    }
    Ok(text)
}

#[expect(clippy::disallowed_methods, reason = "a switch of this test, not of the product")]
fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}

#[test]
fn captures_give_their_rows() -> Result<()> {
    let mut wrong = Vec::new();
    for capture in captures()? {
        let (got, file) = (shown(&capture)?, capture.with_extension("expected"));
        if updates() {
            fs::write(&file, &got)?;
        } else if fs::read_to_string(&file).with_context(|| format!("{}; run with UPDATE=1", file.display()))? != got {
            wrong.push(file);
        }
    }
    ensure!(wrong.is_empty(), "these differ, look at them with UPDATE=1 and git diff: {wrong:#?}");
    Ok(())
}

#[test]
fn the_folder_is_the_dialect() -> Result<()> {
    for capture in captures()? {
        let dialect = capture.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
        let mut spans = decoded(&capture, Signal::Traces)?.spans.into_iter();
        let mut spoken = spans.by_ref().map(|raw| normalise(&ProjectId::default(), Timestamp::ZERO, raw).dialects);
        // The generic dialect is what is left when none was recognised.
        let known = if dialect == "generic" {
            spoken.any(|dialects| dialects.is_empty())
        } else {
            spoken.any(|dialects| dialects.first() == Some(&dialect))
        };
        ensure!(known, "{} holds no span whose best dialect is {dialect}", capture.display());
    }
    Ok(())
}

#[test]
fn normalising_twice_gives_one_row() -> Result<()> {
    for capture in captures()? {
        for raw in decoded(&capture, Signal::Traces)?.spans {
            let once = normalise(&ProjectId::default(), Timestamp::ZERO, raw.clone());
            ensure!(once == normalise(&ProjectId::default(), Timestamp::ZERO, raw), "{}", capture.display());
        }
    }
    Ok(())
}

#[test]
fn every_row_can_be_explained_and_explaining_changes_nothing() -> Result<()> {
    let mut explained = 0;
    for capture in captures()? {
        for raw in decoded(&capture, Signal::Traces)?.spans {
            let row = PriceBook::bundled().price(normalise(&ProjectId::default(), Timestamp::ZERO, raw));
            for column in explain(&row, &[]).columns {
                let place = format!("{}: {}", capture.display(), column.column);
                ensure!(column.today.is_none(), "{place} is {} and {:?} today", column.value, column.today);
                let empty = column.value.is_null() || column.value == Json::Array(vec![]);
                ensure!(
                    empty
                        || column.origin.is_some()
                        || column.rule.is_some()
                        || column.price_id.is_some()
                        || !column.notes.is_empty(),
                    "{place} is {} and nothing says why",
                    column.value
                );
                explained += 1;
            }
        }
    }
    ensure!(explained > 0, "no capture has a column to explain");
    Ok(())
}
