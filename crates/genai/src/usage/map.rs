//! Token counts in a map, in the spelling of a provider, a framework or an observability SDK, to numbers.
//!
//! In: `{"prompt_tokens":…,"prompt_tokens_details":{"cached_tokens":…}}` and its many kin. Out: the numbers as sent, and
//! whether cached and reasoning tokens stand beside the input and output or inside them. A spelling tells which; a total
//! that is the sum of input and output overrules it. The canonical sums are made by [`super::settle`].

use pellucid_model::TokenCount;
use serde_json::Value as Json;

use super::Sent;
use crate::convert::MAX_TOKENS;

/// What a map tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Told {
    pub(crate) sent: Sent,
    /// The input does not include the cached tokens.
    pub(crate) cache_apart: bool,
    /// The output does not include the reasoning tokens.
    pub(crate) reasoning_apart: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counter {
    Input,
    Output,
    Total,
    CacheRead,
    CacheWrite,
    CacheWrite1h,
    Reasoning,
    Uncached,
    InputAudio,
    OutputAudio,
    /// Prompt tokens that no other number includes.
    MoreInput,
}
use Counter::{
    CacheRead, CacheWrite, CacheWrite1h, Input, InputAudio, MoreInput, Output, OutputAudio, Reasoning, Total, Uncached,
};

/// Counter, whether it stands apart from input or output, and spellings: in lower case without underscores, `.` before
/// what stands in a map of details. Of one counter the first that is there is taken.
const SPELLINGS: &[(Counter, bool, &[&str])] = &[
    (
        Input,
        false,
        &[
            "prompttokens",
            "inputtokens",
            "prompttokencount",
            "inputtokencount",
            "promptevalcount",
            "inputtokens.total",
            "tokens.input",
            "input",
        ],
    ),
    (
        Output,
        false,
        &[
            "completiontokens",
            "outputtokens",
            "candidatestokencount",
            "completiontokencount",
            "outputtokencount",
            "generatedtokencount",
            "evalcount",
            "outputtokens.total",
            "tokens.output",
            "output",
        ],
    ),
    (Total, false, &["totaltokens", "totaltokencount", "total"]),
    // OpenAI, LangChain, the AI SDK and Gemini count cached tokens in the prompt.
    (
        CacheRead,
        false,
        &[
            ".cachedtokens",
            ".cacheread",
            ".cachereadtokens",
            "cachedinputtokens",
            "cachedcontenttokencount",
            "cachedcontenttokens",
            "cachedtokens",
            "prompttokens.cached",
            "promptcachehittokens",
            "inputtokens.cacheread",
        ],
    ),
    // Anthropic, Bedrock and Langfuse count them beside it.
    (
        CacheRead,
        true,
        &["cachereadinputtokens", "inputcachedtokens", "inputcacheread", "cachereadinputtokencount", "cachereadtokens"],
    ),
    (
        CacheWrite,
        false,
        &[".cachecreation", ".cachewrite", ".cachewritetokens", ".cachecreationtokens", "inputtokens.cachewrite"],
    ),
    (
        CacheWrite,
        true,
        &[
            "cachecreationinputtokens",
            "cachewriteinputtokens",
            "inputcachecreation",
            "inputcachewrite",
            "cachewriteinputtokencount",
            "cachewritetokens",
            "cachecreationtokens",
        ],
    ),
    (Reasoning, false, &[".reasoningtokens", ".reasoning", "reasoningtokens", "outputtokens.reasoning"]),
    // Gemini and Langfuse count them beside the output.
    (Reasoning, true, &["thoughtstokencount", "thoughtstokens", "outputreasoningtokens", "outputreasoning"]),
    (Uncached, true, &[".nocachetokens", "inputtokens.nocache"]),
    // Anthropic tells apart how long it keeps what it writes.
    (CacheWrite1h, false, &["cachecreation.ephemeral1hinputtokens", "ephemeral1hinputtokens"]),
    (InputAudio, false, &["prompttokensdetails.audiotokens", "inputtokensdetails.audiotokens"]),
    (OutputAudio, false, &["completiontokensdetails.audiotokens", "outputtokensdetails.audiotokens"]),
    (MoreInput, true, &["tooluseprompttokencount"]),
];

/// How maps of details end: `prompt_tokens_details`, `inputTokenDetails`.
const DETAILS: &[&str] = &["details", "detail"];

/// Langfuse's buckets beside `input` and `output`: each counts tokens that no other does.
const BUCKETS: [(&str, &str); 2] = [("input", "input"), ("output", "output")];

/// The numbers of a map; nothing if it counts no tokens.
pub(crate) fn from_map(map: &Json) -> Option<Told> {
    let leaves = leaves(map)?;
    let find = |counter: Counter| {
        let mut rows = SPELLINGS.iter().filter(|(of, ..)| *of == counter);
        rows.find_map(|(_, apart, names)| Some((names.iter().find_map(|name| at(&leaves, name))?, *apart)))
    };
    let number = |counter| find(counter).map(|(count, _)| count);
    let is_apart = |counter| find(counter).is_some_and(|(count, apart)| apart && count > 0);
    let mut told = Told {
        sent: Sent {
            input: number(Input),
            output: number(Output),
            total: number(Total),
            cache_read: number(CacheRead),
            cache_write: number(CacheWrite),
            cache_write_1h: number(CacheWrite1h),
            reasoning: number(Reasoning),
            uncached: number(Uncached),
            input_audio: number(InputAudio),
            output_audio: number(OutputAudio),
            searches: None,
        },
        cache_apart: is_apart(CacheRead) || is_apart(CacheWrite),
        reasoning_apart: is_apart(Reasoning),
    };
    let sum = told.sent.input.zip(told.sent.output).map(|(input, output)| input + output);
    if sum.is_some() && sum == told.sent.total {
        (told.cache_apart, told.reasoning_apart) = (false, false);
    } else {
        let more = |to: Option<TokenCount>, more: TokenCount| to.map(|count| count + more);
        told.sent.input = more(told.sent.input, number(MoreInput).unwrap_or(0) + buckets(&leaves, BUCKETS[0]));
        told.sent.output = more(told.sent.output, buckets(&leaves, BUCKETS[1]));
    }
    (told.sent != Sent::default()).then_some(told)
}

/// What stands in buckets of its own beside a plain `input` or `output`, but for those that have a counter.
fn buckets(leaves: &[(String, TokenCount)], (whole, prefix): (&str, &str)) -> TokenCount {
    if at(leaves, whole).is_none() {
        return 0;
    }
    let counted = |name: &str| SPELLINGS.iter().any(|(.., names)| names.contains(&name));
    let others = leaves.iter().filter(|(name, _)| {
        name.len() > whole.len() && name.starts_with(prefix) && !name.contains('.') && !counted(name)
    });
    others.map(|(_, count)| count).sum()
}

/// The count of a spelling.
fn at(leaves: &[(String, TokenCount)], name: &str) -> Option<TokenCount> {
    let is_it = |path: &str| match name.strip_prefix('.') {
        Some(inner) => path
            .split_once('.')
            .is_some_and(|(outer, rest)| rest == inner && DETAILS.iter().any(|details| outer.ends_with(details))),
        None => path == name,
    };
    leaves.iter().find(|(path, _)| is_it(path)).map(|(_, count)| *count)
}

/// Every count of the map and of the maps in it, by its name in lower case without underscores.
fn leaves(map: &Json) -> Option<Vec<(String, TokenCount)>> {
    let plain = |key: &str| key.replace('_', "").to_ascii_lowercase();
    let mut leaves = Vec::new();
    for (key, value) in map.as_object()? {
        match value {
            Json::Object(inner) => {
                let counts = inner.iter().filter_map(|(name, value)| Some((plain(name), count(value)?)));
                leaves.extend(counts.map(|(name, count)| (format!("{}.{name}", plain(key)), count)));
            }
            other => leaves.extend(count(other).map(|count| (plain(key), count))),
        }
    }
    Some(leaves)
}

fn count(value: &Json) -> Option<TokenCount> {
    let number = value.as_i64().or_else(|| {
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
        (number.fract() == 0.0).then_some(number as i64)
    })?;
    (0..=MAX_TOKENS).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Input, output, cached, written, reasoning; whether they are apart.
    type Row = (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, bool, bool);

    fn read(map: Json) -> Row {
        let Told { sent, cache_apart, reasoning_apart } = from_map(&map).unwrap_or_default();
        (sent.input, sent.output, sent.cache_read, sent.cache_write, sent.reasoning, cache_apart, reasoning_apart)
    }

    #[test]
    fn providers_count_in_their_own_words() {
        let openai = json!({"prompt_tokens": 214, "completion_tokens": 56, "total_tokens": 270,
            "prompt_tokens_details": {"cached_tokens": 66}, "completion_tokens_details": {"reasoning_tokens": 10}});
        assert_eq!(read(openai), (Some(214), Some(56), Some(66), None, Some(10), false, false));
        let responses = json!({"input_tokens": 9, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 14});
        assert_eq!(read(responses), (Some(9), Some(5), Some(3), None, Some(2), false, false));
        let anthropic = json!({"input_tokens": 207, "cache_read_input_tokens": 65, "cache_creation_input_tokens": 17,
            "cache_creation": {"ephemeral_5m_input_tokens": 17}, "output_tokens": 43, "service_tier": "standard"});
        assert_eq!(read(anthropic), (Some(207), Some(43), Some(65), Some(17), None, true, false));
        let gemini = json!({"promptTokenCount": 207, "candidatesTokenCount": 43, "thoughtsTokenCount": 5,
            "cachedContentTokenCount": 60, "toolUsePromptTokenCount": 4, "totalTokenCount": 259});
        assert_eq!(read(gemini), (Some(211), Some(43), Some(60), None, Some(5), false, true));
        let ollama = json!({"prompt_eval_count": 7, "eval_count": 3});
        assert_eq!(read(ollama), (Some(7), Some(3), None, None, None, false, false));
    }

    #[test]
    fn frameworks_count_in_others() {
        let langchain = json!({"input_tokens": 9, "output_tokens": 5, "total_tokens": 14,
            "input_token_details": {"cache_read": 4, "cache_creation": 1}, "output_token_details": {"reasoning": 2}});
        assert_eq!(read(langchain), (Some(9), Some(5), Some(4), Some(1), Some(2), false, false));
        let ai_sdk = json!({"inputTokens": 9, "outputTokens": 5, "cachedInputTokens": 4, "reasoningTokens": 2});
        assert_eq!(read(ai_sdk), (Some(9), Some(5), Some(4), None, Some(2), false, false));
        let nested = json!({"inputTokens": {"total": 9, "cacheRead": 4}, "outputTokens": {"total": 5, "reasoning": 2}});
        assert_eq!(read(nested), (Some(9), Some(5), Some(4), None, Some(2), false, false));
        let texts = json!({"prompt_tokens": "9", "completion_tokens": 5.0});
        assert_eq!(read(texts), (Some(9), Some(5), None, None, None, false, false));
    }

    #[test]
    fn buckets_stand_beside_each_other_unless_the_total_says_otherwise() {
        let buckets = json!({"input": 100, "input_cached_tokens": 67, "input_audio_tokens": 54, "output": 49,
            "output_reasoning_tokens": 11, "total": 281});
        assert_eq!(read(buckets), (Some(154), Some(49), Some(67), None, Some(11), true, true));
        let sums = json!({"input": 10, "output": 5, "cache_read_input_tokens": 4, "total": 15});
        assert_eq!(read(sums), (Some(10), Some(5), Some(4), None, None, false, false));
        assert_eq!(read(json!({"input": 9})), (Some(9), None, None, None, None, false, false));
    }

    #[test]
    fn what_counts_no_tokens_says_nothing() {
        for map in
            [json!({}), json!([1]), json!({"cost": 1}), json!({"input": -1}), json!({"input": 2_000_000_000_i64})]
        {
            assert_eq!(from_map(&map), None, "{map}");
        }
    }
}
