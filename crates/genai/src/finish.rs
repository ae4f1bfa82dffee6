//! Why an answer ended: every provider's word to `stop`, `length`, `tool_call`, `content_filter` or `error`.

/// Canonical reason ← words of providers, compared without case, prefix (`FinishReason.`) and with `_` for `-`.
const REASONS: &[(&str, &[&str])] = &[
    ("stop", &["stop", "end_turn", "stop_sequence", "eos", "complete", "completed", "eos_token", "end", "pause_turn"]),
    ("length", &["length", "max_tokens", "max_output_tokens", "incomplete", "model_length", "error_limit"]),
    ("tool_call", &["tool_call", "tool_calls", "tool_use", "function_call", "toolcalls"]),
    (
        "content_filter",
        &["content_filter", "content_filtered", "safety", "refusal", "recitation", "prohibited_content", "blocklist"],
    ),
    ("error", &["error", "error_toxic", "failed", "malformed_function_call"]),
];

/// The canonical word; an unknown one in lower case. Nothing for an empty text or a language's word for nothing.
pub(crate) fn canonical(sent: &str) -> Option<String> {
    let word = sent.trim().trim_matches('"').to_ascii_lowercase().replace('-', "_");
    let word = word.rsplit('.').next().unwrap_or_default();
    if matches!(word, "" | "none" | "null") {
        return None;
    }
    let known = REASONS.iter().find(|(_, words)| words.contains(&word));
    Some(known.map_or(word, |(reason, _)| reason).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_says_it_differently() {
        for (sent, reason) in [
            ("stop", "stop"),
            ("FinishReason.STOP", "stop"),
            ("COMPLETE", "stop"),
            ("end_turn", "stop"),
            ("MAX_TOKENS", "length"),
            ("tool-calls", "tool_call"),
            ("tool_use", "tool_call"),
            ("content-filter", "content_filter"),
            ("Brand_New", "brand_new"),
        ] {
            assert_eq!(canonical(sent).as_deref(), Some(reason), "{sent}");
        }
        assert_eq!(canonical("None"), None);
    }
}
