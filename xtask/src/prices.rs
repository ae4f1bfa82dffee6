//! Writes the overlay of prices that the bundled book lacks, from LiteLLM's `model_prices_and_context_window_backup.json`.
//!
//! The file lies in the PyPI package `litellm` (MIT). A price of nought in it means that nobody knew, so it is left out,
//! never taken for free. Rows that the book of this build prices are left out too, and so are prices by the hour of the
//! day, which a row cannot say. Numbers are moved by digits, not by arithmetic.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use pellucid_genai::PriceBook;
use pellucid_model::{Timestamp, Usd};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};

/// Where the overlay lies.
const OVERLAY: &str = "crates/genai/src/price/overlay.jsonl";

/// LiteLLM's provider → ours, and the modes that are taken: of those whose models the book knows, only rerankers and
/// what else it lacks.
const PROVIDERS: &[(&str, &str, &[&str])] = &[
    ("dashscope", "dashscope", ALL),
    ("volcengine", "volcengine", ALL),
    ("tencent", "tencent", ALL),
    ("bigmodel", "zhipu", ALL),
    ("zai", "z_ai", ALL),
    ("moonshot", "moonshot_ai", ALL),
    ("minimax", "minimax", ALL),
    ("deepseek", "deepseek", ALL),
    ("cohere", "cohere", ALL),
    ("cohere_chat", "cohere", ALL),
    ("voyage", "voyageai", ALL),
    ("jina_ai", "jina_ai", ALL),
    ("sambanova", "sambanova", ALL),
    ("watsonx", "ibm.watsonx.ai", ALL),
    ("perplexity", "perplexity", &["embedding"]),
    ("gemini", "gcp.gemini", &["embedding"]),
    ("bedrock", "aws.bedrock", &["embedding", "rerank"]),
    ("azure_ai", "azure.ai.inference", &["embedding", "rerank"]),
    ("vertex_ai", "gcp.vertex_ai", &["rerank"]),
    ("together_ai", "together", &["embedding", "rerank"]),
    ("fireworks_ai", "fireworks", &["embedding", "rerank"]),
    ("novita", "novita", &["embedding", "rerank"]),
];
const ALL: &[&str] = &["chat", "completion", "responses", "embedding", "rerank"];

/// LiteLLM's field for one unit → our class, and the digits that lie between one unit and ours.
const CLASSES: &[(&str, &str, i32)] = &[
    ("input_cost_per_token", "input", 6),
    ("output_cost_per_token", "output", 6),
    ("cache_read_input_token_cost", "cache_read", 6),
    ("cache_creation_input_token_cost", "cache_write", 6),
    ("cache_creation_input_token_cost_above_1hr", "cache_write_1h", 6),
    ("output_cost_per_reasoning_token", "reasoning", 6),
    ("input_cost_per_audio_token", "input_audio", 6),
    ("output_cost_per_audio_token", "output_audio", 6),
    ("input_cost_per_query", "search", 3),
    ("input_cost_per_request", "call", 3),
];

/// Endings of LiteLLM's fields → our tier.
const TIERS: &[(&str, &str)] = &[("_batches", "batch"), ("_flex", "flex"), ("_priority", "priority")];

/// Write the overlay of model prices from LiteLLM's list
#[derive(clap::Args)]
pub(crate) struct Args {
    /// `model_prices_and_context_window_backup.json` of the PyPI package litellm
    file: PathBuf,
    /// The version of that package
    #[arg(long)]
    version: String,
}

type Entry = BTreeMap<String, Box<RawValue>>;

/// Rewrites the overlay and says what was left out.
pub(crate) fn run(root: &Path, args: &Args) -> Result<String> {
    let text = fs::read_to_string(&args.file).with_context(|| args.file.display().to_string())?;
    let list: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text)?;
    let mut rows: BTreeMap<(String, String, String), Json> = BTreeMap::new();
    let (mut free, mut by_hour, mut known) = (0, 0, 0);
    for (name, raw) in &list {
        let Ok(entry) = serde_json::from_str::<Entry>(raw.get()) else { continue };
        let (their_provider, mode) = (word(&entry, "litellm_provider"), word(&entry, "mode"));
        let Some((_, ours, _)) =
            PROVIDERS.iter().find(|(theirs, _, modes)| *theirs == their_provider && modes.contains(&mode.as_str()))
        else {
            continue;
        };
        let model = name.strip_prefix(&format!("{their_provider}/")).unwrap_or(name);
        if entry.contains_key("off_peak_pricing") {
            by_hour += 1;
            continue;
        }
        if mode != "rerank" && PriceBook::is_in_the_book(ours, model, now()?) {
            known += 1;
            continue;
        }
        let before = rows.len();
        for tier in std::iter::once(("", "")).chain(TIERS.iter().copied()) {
            if let Some(row) = row(&entry, &mode, ours, model, tier)? {
                rows.insert(((*ours).to_owned(), model.to_owned(), tier.1.to_owned()), row);
            }
        }
        free += usize::from(rows.len() == before);
    }
    ensure!(!rows.is_empty(), "nothing in it is a price of ours");
    let head = json!({"source": format!("litellm-{}", args.version), "package": "PyPI litellm", "licence": "MIT"});
    let lines: Vec<String> = std::iter::once(&head).chain(rows.values()).map(Json::to_string).collect();
    fs::write(root.join(OVERLAY), lines.join("\n") + "\n")?;
    let providers: BTreeSet<&str> = rows.keys().map(|(provider, ..)| provider.as_str()).collect();
    Ok(format!(
        "{} rows of {} providers; left out: {known} in the book, {free} without a price, {by_hour} by the hour of the day",
        rows.len(),
        providers.len()
    ))
}

fn word(entry: &Entry, key: &str) -> String {
    entry.get(key).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn row(entry: &Entry, mode: &str, provider: &str, model: &str, tier: (&str, &str)) -> Result<Option<Json>> {
    let (ending, tier) = tier;
    let steps: Vec<Entry> = match entry.get("tiered_pricing") {
        Some(raw) if tier.is_empty() => serde_json::from_str(raw.get())?,
        _ => Vec::new(),
    };
    let mut steps = steps.iter().map(|step| Ok((range_start(step)?, prices(step, ""))));
    let base = match steps.next().transpose()? {
        Some((_, base)) => base,
        None => prices(entry, ending),
    };
    let has = |class: &str| base.contains_key(class);
    let whole = match mode {
        "rerank" => has("input") || has("search"),
        "embedding" => has("input"),
        _ => has("input") && has("output"),
    };
    if !whole {
        return Ok(None);
    }
    let mut above: Vec<(i64, Map<String, Json>)> = steps.collect::<Result<_>>()?;
    above.extend(thresholds(entry, ending));
    above.sort_by_key(|(tokens, _)| *tokens);
    let above: Vec<Json> = above.into_iter().map(|(tokens, prices)| step(tokens, prices)).collect();
    let mut row = Map::from_iter([("provider".to_owned(), json!(provider)), ("model".to_owned(), json!(model))]);
    if !tier.is_empty() {
        row.insert("tier".to_owned(), json!(tier));
    }
    row.extend(base);
    if !above.is_empty() {
        row.insert("above".to_owned(), Json::Array(above));
    }
    let source = word(entry, "source");
    if !source.is_empty() {
        row.insert("source".to_owned(), json!(source));
    }
    Ok(Some(Json::Object(row)))
}

fn step(tokens: i64, prices: Map<String, Json>) -> Json {
    let mut step = Map::from_iter([("input_tokens".to_owned(), json!(tokens))]);
    step.extend(prices);
    Json::Object(step)
}

/// The prices of an entry whose fields end so; those of nought are unknown.
fn prices(entry: &Entry, ending: &str) -> Map<String, Json> {
    let mut prices = Map::new();
    for (field, class, digits) in CLASSES {
        let price = entry.get(&format!("{field}{ending}")).and_then(|raw| shifted(raw.get(), *digits));
        if let Some(price) = price {
            prices.insert((*class).to_owned(), Json::from(price));
        }
    }
    prices
}

/// `…_above_200k_tokens` and the like.
fn thresholds(entry: &Entry, ending: &str) -> Vec<(i64, Map<String, Json>)> {
    let mut found = BTreeSet::new();
    for key in entry.keys() {
        let size = key.rsplit_once("_above_").and_then(|(_, rest)| rest.strip_suffix(ending)?.strip_suffix("k_tokens"));
        found.extend(size.and_then(|size| size.parse::<i64>().ok()));
    }
    let at = |thousands: i64| (thousands * 1000, prices(entry, &format!("_above_{thousands}k_tokens{ending}")));
    found.into_iter().map(at).filter(|(_, prices)| !prices.is_empty()).collect()
}

fn range_start(step: &Entry) -> Result<i64> {
    let range: Vec<f64> = serde_json::from_str(step.get("range").context("a tier has a range")?.get())?;
    let start = range.first().context("a range has a start")?;
    Ok(format!("{start:.0}").parse()?)
}

/// A number as written, times ten to the `digits`, as plain decimal text; nothing for nought.
fn shifted(written: &str, digits: i32) -> Option<String> {
    let (mantissa, exponent) = written.split_once(['e', 'E']).unwrap_or((written, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let amount: Usd = format!("{mantissa}e{}", exponent + digits).parse().ok()?;
    let text = amount.to_string();
    (amount > Usd::ZERO).then(|| text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

fn now() -> Result<Timestamp> {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(Timestamp::from_nanos(i64::try_from(nanos)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Entry {
        serde_json::from_str(text).expect("an object")
    }

    #[test]
    fn numbers_are_moved_by_digits() {
        for (written, digits, wanted) in [
            ("4e-08", 6, Some("0.04")),
            ("4.3125e-06", 6, Some("4.3125")),
            ("0.0025", 3, Some("2.5")),
            ("1.1428571428571428e-06", 6, Some("1.142857142857")),
            ("0.0", 6, None),
            ("0", 6, None),
        ] {
            assert_eq!(shifted(written, digits).as_deref(), wanted, "{written}");
        }
    }

    #[test]
    fn tiers_and_thresholds_become_steps() {
        let ranges = r#"{"tiered_pricing": [
            {"input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07, "range": [0, 256000.0]},
            {"input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06, "range": [256000.0, 1000000.0]}]}"#;
        let found = row(&entry(ranges), "chat", "dashscope", "qwen-flash", ("", "")).expect("valid").expect("a row");
        assert_eq!((&found["input"], &found["above"][0]["input_tokens"]), (&json!("0.05"), &json!(256_000)));
        assert_eq!(found["above"][0]["output"], "2");
        let above = r#"{"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
            "input_cost_per_token_above_200k_tokens": 3e-06, "input_cost_per_token_batches": 5e-07,
            "output_cost_per_token_batches": 1e-06}"#;
        let found = row(&entry(above), "chat", "p", "m", ("", "")).expect("valid").expect("a row");
        assert_eq!(found["above"], json!([{"input_tokens": 200_000, "input": "3"}]));
        let batch = row(&entry(above), "chat", "p", "m", ("_batches", "batch")).expect("valid").expect("a row");
        assert_eq!((&batch["tier"], &batch["input"]), (&json!("batch"), &json!("0.5")));
    }

    #[test]
    fn nought_is_not_known() {
        let free = r#"{"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}"#;
        assert!(row(&entry(free), "chat", "volcengine", "glm", ("", "")).expect("valid").is_none());
    }
}
