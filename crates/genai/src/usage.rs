//! Token numbers to the canonical definitions: input includes cached tokens, output includes reasoning.
//!
//! Rules R4 to R6: first what is known of the dialect and the provider, then what the numbers say about themselves.
//! Whatever is done is noted in `usage_notes`. Nothing is ever invented: unknown stays unknown.

mod map;

use pellucid_model::{Kind, TokenCount, Usage, UsageSource};

pub(crate) use map::from_map;

/// A reported total may differ this much without a note: overheads are rounded differently.
const TOTAL_TOLERANCE_PERCENT: i64 = 1;
const TOTAL_TOLERANCE_TOKENS: i64 = 5;

/// Notes of `usage_notes`.
pub(crate) const NOTE_ADDED_CACHE: &str = "input+=cache";
pub(crate) const NOTE_ADDED_REASONING: &str = "output+=reasoning";
pub(crate) const NOTE_FROM_TOTAL: &str = "derived from total";
pub(crate) const NOTE_TOTAL_DIFFERS: &str = "reported total differs";
pub(crate) const NOTE_ZERO_ABSENT: &str = "zero taken as absent";
pub(crate) const NOTE_DROPPED: &str = "the SDK dropped attributes";
pub(crate) const NOTE_SPANS_TELL: &str = "a span tells of it too";
pub(crate) const NOTE_GUESSED: &str = "guessed by the SDK";

/// Numbers as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sent {
    pub(crate) input: Option<TokenCount>,
    pub(crate) output: Option<TokenCount>,
    pub(crate) total: Option<TokenCount>,
    pub(crate) cache_read: Option<TokenCount>,
    pub(crate) cache_write: Option<TokenCount>,
    pub(crate) cache_write_1h: Option<TokenCount>,
    pub(crate) reasoning: Option<TokenCount>,
    /// Input tokens that were not cached.
    pub(crate) uncached: Option<TokenCount>,
    pub(crate) input_audio: Option<TokenCount>,
    pub(crate) output_audio: Option<TokenCount>,
    pub(crate) searches: Option<i64>,
}

/// What is known besides the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) kind: Kind,
    /// The dialect passes the provider's numbers on, and the provider counts cached tokens apart.
    pub(crate) input_excludes_cache: bool,
    /// The same for reasoning tokens.
    pub(crate) output_excludes_reasoning: bool,
    /// The call brought an answer.
    pub(crate) answered: bool,
    /// The numbers are the SDK's guess.
    pub(crate) guessed: bool,
}

/// Brings numbers to the canonical definitions.
pub(crate) fn settle(sent: Sent, known: Known) -> Usage {
    let mut usage = Usage {
        input: sent.input,
        output: sent.output,
        total: None,
        cache_read: sent.cache_read,
        cache_write: sent.cache_write,
        cache_write_1h: above_zero(sent.cache_write_1h),
        reasoning: sent.reasoning,
        input_audio: above_zero(sent.input_audio),
        output_audio: above_zero(sent.output_audio),
        searches: above_zero(sent.searches),
        source: None,
        notes: Vec::new(),
    };
    drop_zeros(&mut usage, known);
    include_cache(&mut usage, sent, known);
    include_reasoning(&mut usage, sent.total, known);
    complete(&mut usage, sent, known);
    if usage.input.or(usage.output).or(usage.total).is_some() {
        usage.source = Some(match known {
            Known { guessed: true, .. } => UsageSource::Estimated,
            Known { kind, .. } if kind.is_model_call() => UsageSource::Reported,
            _ => UsageSource::Aggregate,
        });
        if known.guessed {
            usage.notes.push(NOTE_GUESSED);
        }
    } else {
        usage.cache_read = usage.cache_read.filter(|count| *count > 0);
        usage.cache_write = usage.cache_write.filter(|count| *count > 0);
        usage.reasoning = usage.reasoning.filter(|count| *count > 0);
    }
    usage
}

/// Details that are mostly nought: SDKs pass the provider's whole table on, and nought says nothing.
fn above_zero(count: Option<i64>) -> Option<i64> {
    count.filter(|count| *count > 0)
}

/// R6: no call has an empty prompt, and an answer has tokens. Embeddings have no output at all.
fn drop_zeros(usage: &mut Usage, known: Known) {
    let is_zero = |count: Option<TokenCount>| count == Some(0);
    if is_zero(usage.input) && usage.cache_read.unwrap_or(0) == 0 {
        usage.input = None;
        usage.output = usage.output.filter(|count| *count > 0);
        usage.notes.push(NOTE_ZERO_ABSENT);
    }
    let no_output = matches!(known.kind, Kind::Embedding | Kind::Rerank);
    if is_zero(usage.output) && (no_output || (known.answered && !known.guessed)) {
        usage.output = None;
    }
}

/// R4 for the input. The number of uncached tokens, where it is told, settles the matter.
fn include_cache(usage: &mut Usage, sent: Sent, known: Known) {
    let cache = usage.cache_read.unwrap_or(0) + usage.cache_write.unwrap_or(0);
    let Some(input) = usage.input.or(sent.uncached).filter(|_| cache > 0) else { return };
    let apart_by_total = usage
        .output
        .zip(sent.total)
        .is_some_and(|(output, total)| input + output != total && input + cache + output == total);
    let apart = match sent.uncached {
        Some(uncached) => input == uncached,
        None => known.input_excludes_cache || apart_by_total,
    };
    if apart || cache > input {
        usage.input = Some(input + cache);
        usage.notes.push(NOTE_ADDED_CACHE);
    }
}

/// R4 for the output.
fn include_reasoning(usage: &mut Usage, total: Option<TokenCount>, known: Known) {
    let reasoning = usage.reasoning.unwrap_or(0);
    if known.output_excludes_reasoning && reasoning == 0 {
        return include_untold_reasoning(usage, total);
    }
    let Some(output) = usage.output.filter(|_| reasoning > 0) else { return };
    let apart_by_total = usage
        .input
        .zip(total)
        .is_some_and(|(input, total)| input + output != total && input + output + reasoning == total);
    if known.output_excludes_reasoning || reasoning > output || apart_by_total {
        usage.output = Some(output + reasoning);
        usage.notes.push(NOTE_ADDED_REASONING);
    }
}

/// Reasoning that only the provider's total tells of: what is neither input nor the answer.
fn include_untold_reasoning(usage: &mut Usage, total: Option<TokenCount>) {
    let (Some(input), Some(output), Some(total)) = (usage.input, usage.output, total) else { return };
    if total > input + output {
        usage.output = Some(total - input);
        usage.notes.push(NOTE_FROM_TOTAL);
    }
}

/// R5: the total is the sum; a missing part follows from a reported total.
fn complete(usage: &mut Usage, sent: Sent, known: Known) {
    let total = sent.total.filter(|total| *total > 0);
    let has_output = !matches!(known.kind, Kind::Embedding | Kind::Rerank);
    match (usage.input, usage.output, total) {
        (Some(input), None, Some(total)) if has_output && total > input => {
            usage.output = Some(total - input);
            usage.notes.push(NOTE_FROM_TOTAL);
        }
        (None, Some(output), Some(total)) if total > output => {
            usage.input = Some(total - output);
            usage.notes.push(NOTE_FROM_TOTAL);
        }
        _ => {}
    }
    usage.total = match (usage.input, usage.output) {
        (Some(input), Some(output)) => Some(input + output),
        (Some(input), None) if !has_output => Some(input),
        _ => total,
    };
    // A total that is the sum of the numbers as sent is as right or wrong as they were.
    let as_sent = sent.input.zip(sent.output).map(|(input, output)| input + output);
    if let (Some(sum), Some(told)) = (usage.total, total.filter(|_| total != as_sent))
        && (sum - told).abs() > (sum * TOTAL_TOLERANCE_PERCENT / 100).max(TOTAL_TOLERANCE_TOKENS)
    {
        usage.notes.push(NOTE_TOTAL_DIFFERS);
    }
}

/// OpenLIT's `general_tokens`: half of the characters, rounded up.
pub(crate) fn half_of_characters(text: &str) -> TokenCount {
    TokenCount::try_from(text.chars().count().div_ceil(2)).unwrap_or(TokenCount::MAX)
}

#[cfg(test)]
mod tests;
