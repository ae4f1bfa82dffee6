//! Whole traces in `testdata/traps`, one a trap: which rows are calls, what they cost, which ones only repeat others.
//!
//! A trap is one request, `NN-name.json`, or several, `NN-name.1.json` and so on. Whatever the order in which requests
//! come, whether they come twice, and however they are cut into smaller ones, the rows are those in `NN-name.expected`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use pellucid_genai::to_json;
use pellucid_model::{PricedSpan, Usd};
use pellucid_otlp::{Decoded, Signal};
use serde_json::{Map, Value as Json, json};

use super::set::Set;
use super::{AS_SENT, decoded, updates};

const FOLDER: &str = "testdata/traps";

/// What is shown of rows that are no call: what would make them one.
const OTHERS: &[&str] = &["name", "kind", "source", "counts", "usage_source", "input_tokens", "output_tokens"];

/// Requests of a trap, in the order of their numbers.
type Requests = Vec<Decoded>;

fn traps() -> Result<BTreeMap<PathBuf, Requests>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(FOLDER)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut traps: BTreeMap<PathBuf, Requests> = BTreeMap::new();
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| name.split('.').next());
        let trap = Path::new(FOLDER).join(name.context("a file has a name")?);
        let mut request = Decoded::default();
        for signal in Signal::ALL {
            let Decoded { spans, logs, points, rejects } = decoded(&file, signal)?;
            ensure!(rejects.count == 0, "{}: {}", file.display(), rejects.message());
            request.spans.extend(spans);
            request.logs.extend(logs);
            request.points.extend(points);
        }
        traps.entry(trap).or_default().push(request);
    }
    Ok(traps)
}

fn rows(requests: impl IntoIterator<Item = Decoded>) -> Vec<PricedSpan> {
    let mut set = Set::default();
    requests.into_iter().for_each(|request| set.add(request));
    set.rows()
}

fn is_call(row: &PricedSpan) -> bool {
    row.span.counts && row.span.kind.is_model_call()
}

fn columns(row: &PricedSpan, keep: impl Fn(&str) -> bool) -> Json {
    let Json::Object(mut columns) = to_json(row) else { return Json::Null };
    crate::drop_repeats(&mut columns);
    columns.retain(|name, value| !value.is_null() && *value != json!([]) && keep(name));
    Json::Object(columns)
}

fn shown(rows: &[PricedSpan]) -> Result<String> {
    let calls = rows.iter().filter(|row| is_call(row));
    let sum = |tokens: fn(&PricedSpan) -> Option<i64>| calls.clone().filter_map(tokens).sum::<i64>();
    let cost = calls.clone().filter_map(|row| row.cost.total).fold(Usd::ZERO, |sum, cost| sum + cost);
    let others = rows.iter().filter(|row| !is_call(row));
    let mut shown = Map::new();
    shown.insert(
        "llm_calls".to_owned(),
        calls.clone().map(|row| columns(row, |name| !AS_SENT.contains(&name))).collect(),
    );
    shown.insert("others".to_owned(), others.map(|row| columns(row, |name| OTHERS.contains(&name))).collect());
    shown.insert(
        "sums".to_owned(),
        json!({
            "calls": calls.clone().count(),
            "input_tokens": sum(|row| row.span.usage.input),
            "output_tokens": sum(|row| row.span.usage.output),
            "cost_usd": cost.to_string(),
        }),
    );
    Ok(serde_json::to_string_pretty(&shown)? + "\n")
}

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let at_each = |order: &Vec<usize>| {
        let with = |place: usize| {
            let mut longer = order.clone();
            longer.insert(place, count - 1);
            longer
        };
        (0..count).map(with).collect::<Vec<_>>()
    };
    shorter.iter().flat_map(at_each).collect()
}

/// Every span and every record as a request of its own, the last one first.
fn singles(requests: &[Decoded]) -> Requests {
    let spans = requests.iter().flat_map(|request| &request.spans);
    let logs = requests.iter().flat_map(|request| &request.logs);
    let span = spans.map(|span| Decoded { spans: vec![span.clone()], ..Decoded::default() });
    let log = logs.map(|log| Decoded { logs: vec![log.clone()], ..Decoded::default() });
    let mut singles: Requests = span.chain(log).collect();
    singles.reverse();
    singles
}

#[test]
fn traps_give_their_rows() -> Result<()> {
    let mut wrong = Vec::new();
    for (trap, requests) in traps()? {
        let (got, file) = (shown(&rows(requests))?, trap.with_extension("expected"));
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
fn no_order_and_no_repetition_changes_a_row() -> Result<()> {
    for (trap, requests) in traps()? {
        let want = rows(requests.clone());
        for order in orders(requests.len()) {
            let sent = order.iter().filter_map(|place| requests.get(*place)).cloned();
            ensure!(rows(sent.clone()) == want, "{}: in order {order:?}", trap.display());
            ensure!(rows(sent.chain(requests.iter().cloned())) == want, "{}: again after {order:?}", trap.display());
        }
    }
    Ok(())
}

#[test]
fn no_cut_into_requests_changes_a_call() -> Result<()> {
    for (trap, requests) in traps()? {
        let calls = |rows: Vec<PricedSpan>| rows.into_iter().filter(is_call).collect::<Vec<_>>();
        let alone = singles(&requests);
        ensure!(calls(rows(alone)) == calls(rows(requests)), "{}", trap.display());
    }
    Ok(())
}
