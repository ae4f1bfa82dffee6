//! The traps of `crates/genai/testdata/traps` through the joiner: in every order, twice, with flushes between.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use pellucid_genai::to_json;
use pellucid_model::{PricedSpan, ProjectId};
use pellucid_otlp::{Decoded, Encoding, Signal, decode};
use serde_json::{Value as Json, json};

use super::real::{Real, rows_of};
use super::world::{Tables, World};
use super::{Dice, shuffle};
use crate::rewrite::{Chunk, Named};
use crate::stages::Rewrite;

/// Tests run in their package's folder.
const FOLDER: &str = "../genai/testdata/traps";

/// How many orders of each trap are tried.
const TRIES: u64 = 12;

/// The requests of each trap, by the file that says what they give.
fn traps() -> BTreeMap<PathBuf, Vec<Decoded>> {
    let mut files: Vec<PathBuf> = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut traps: BTreeMap<PathBuf, Vec<Decoded>> = BTreeMap::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
        let body = fs::read(&file).unwrap();
        let [mut request, metrics, logs] = Signal::ALL.map(|signal| decode(signal, Encoding::Json, &body).unwrap());
        request.points = metrics.points;
        request.logs = logs.logs;
        traps.entry(PathBuf::from(FOLDER).join(name + ".expected")).or_default().push(request);
    }
    assert!(traps.len() >= 29, "{}", traps.len());
    traps
}

/// The rows of `llm_calls` as the golden file shows them.
fn shown(tables: &Tables) -> Json {
    let columns = |row: &&PricedSpan| {
        let mut columns = to_json(row);
        let map = columns.as_object_mut().unwrap();
        map.retain(|_, value| !value.is_null() && *value != json!([]));
        if map.get("computed_cost_usd") == map.get("cost_usd") {
            map.remove("computed_cost_usd");
        }
        map.retain(|name, value| name != "price_currency" || *value != "USD");
        for name in ["project", "attributes", "resource_attributes", "events", "links", "received_at"] {
            map.remove(name);
        }
        columns
    };
    tables.calls().iter().map(columns).collect()
}

fn written(dice: &mut Dice, requests: impl IntoIterator<Item = Decoded>) -> Tables {
    let mut world = World::new(Arc::new(Real));
    for request in requests {
        world.write(rows_of(request));
        match dice.roll(4) {
            0 if world.flushing.is_none() => world.start_flush(),
            1 if world.flushing.is_some() => world.end_flush(),
            2 if world.flushing.is_none() => {
                world.start_flush();
                world.end_flush();
            }
            _ => {}
        }
    }
    world.tables().told()
}

/// Every span, record and point alone.
fn singles(requests: &[Decoded]) -> Vec<Decoded> {
    let each = |request: &Decoded| {
        let spans = request.spans.iter().map(|span| Decoded { spans: vec![span.clone()], ..Decoded::default() });
        let logs = request.logs.iter().map(|log| Decoded { logs: vec![log.clone()], ..Decoded::default() });
        let points = request.points.iter().map(|point| Decoded { points: vec![point.clone()], ..Decoded::default() });
        spans.chain(logs).chain(points).collect::<Vec<_>>()
    };
    requests.iter().flat_map(each).collect()
}

#[test]
fn rows_made_again_by_the_stages_that_made_them_are_the_same() {
    for (expected, requests) in traps() {
        let mut world = World::new(Arc::new(Real));
        for request in requests {
            world.write(rows_of(request));
        }
        world.start_flush();
        world.end_flush();
        let want = world.tables();
        let spans = want.spans.keys().map(|key| (key.trace_id, key.span_id)).collect();
        let logs = want.logs.values().map(|log| Arc::clone(&log.row_id)).collect();
        for (why, rows) in [(Rewrite::Normalise, Named::Logs(logs)), (Rewrite::Normalise, Named::Spans(spans))] {
            let chunk = Chunk { why, project: ProjectId::default(), times: 0..=i64::MAX, rows };
            assert_eq!(world.rewrite(&chunk).changed, 0, "{}", expected.display());
        }
        assert_eq!(world.tables(), want, "{}", expected.display());
    }
}

#[test]
fn traps_give_their_calls_in_any_order_with_flushes_between() {
    for (expected, requests) in traps() {
        let golden: Json = serde_json::from_slice(&fs::read(&expected).unwrap()).unwrap();
        let want = written(&mut Dice::new(1), requests.clone());
        assert_eq!(shown(&want), golden["llm_calls"], "{}", expected.display());
        for seed in 0..TRIES {
            let mut dice = Dice::new(seed);
            let mut sent = requests.clone();
            sent.extend(requests.iter().filter(|_| dice.roll(2) == 0).cloned());
            shuffle(&mut dice, &mut sent);
            assert_eq!(written(&mut dice, sent), want, "{}, seed {seed}", expected.display());
        }
    }
}

#[test]
fn traps_give_their_calls_however_they_are_cut_into_requests() {
    for (expected, requests) in traps() {
        let want = written(&mut Dice::new(1), requests.clone());
        for seed in 0..TRIES {
            let mut dice = Dice::new(seed);
            let mut sent = singles(&requests);
            shuffle(&mut dice, &mut sent);
            let have = written(&mut dice, sent);
            assert_eq!(have.calls(), want.calls(), "{}, seed {seed}", expected.display());
            assert_eq!((have.logs.len(), have.points.len()), (want.logs.len(), want.points.len()));
        }
    }
}
