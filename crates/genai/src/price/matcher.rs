//! Names as sent to names in the price book.

/// Our provider → the book's. Who is not here sells at prices the book does not know.
const PROVIDERS: &[(&str, &str)] = &[
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("gcp.gemini", "google"),
    ("gcp.vertex_ai", "google"),
    ("gcp.gen_ai", "google"),
    ("aws.bedrock", "aws"),
    ("azure.ai.openai", "azure"),
    ("azure.ai.inference", "azure"),
    ("moonshot_ai", "moonshotai"),
    ("mistral_ai", "mistral"),
    ("x_ai", "x-ai"),
    ("groq", "groq"),
    ("deepseek", "deepseek"),
    ("cohere", "cohere"),
    ("perplexity", "perplexity"),
    ("together", "together"),
    ("fireworks", "fireworks"),
    ("openrouter", "openrouter"),
    ("cerebras", "cerebras"),
    ("zhipu", "zhipuai"),
    ("z_ai", "zai"),
    ("minimax", "minimax"),
    ("voyageai", "voyageai"),
    ("novita", "novita"),
    ("github_copilot", "github-copilot"),
];

/// What may stand before a model's own name.
const PREFIXES: &[&str] = &[
    "openai/",
    "anthropic/",
    "google/",
    "vertex_ai/",
    "gemini/",
    "bedrock/",
    "azure/",
    "moonshotai/",
    "moonshot/",
    "mistralai/",
    "mistral/",
    "x-ai/",
    "xai/",
    "groq/",
    "deepseek/",
    "cohere/",
    "openrouter/",
    "models/",
    "us.",
    "eu.",
    "apac.",
    "global.",
];

/// What may stand behind it.
const SUFFIXES: &[&str] = &["-latest", ":free", "-preview", "-v1:0", "-v2:0", "@latest"];

/// More names than these are not tried.
const MAX_CANDIDATES: usize = 16;

/// The book's id of a provider.
pub(super) fn book_provider(provider: &str) -> Option<&'static str> {
    PROVIDERS.iter().find(|(ours, _)| *ours == provider).map(|(_, book)| *book)
}

/// Names to look up, the surest first: the model that answered, the one that was asked for; then each without prefix,
/// without date and version, with dots for dashes, and the base of a fine-tuned one.
pub(super) fn candidates(response: Option<&str>, request: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !name.is_empty() && !names.contains(&name) && names.len() < MAX_CANDIDATES {
            names.push(name);
        }
    };
    let sent: Vec<&str> = response.into_iter().chain(request).collect();
    for name in &sent {
        add((*name).to_owned());
    }
    for name in &sent {
        let bare = without_prefix(name);
        add(bare.to_owned());
        let plain = without_suffix(bare);
        add(plain.to_owned());
        add(dashes_to_dots(plain));
        if let Some(base) = plain.strip_prefix("ft:").and_then(|rest| rest.split(':').next()) {
            add(base.to_owned());
            add(without_suffix(base).to_owned());
        }
    }
    names
}

fn without_prefix(name: &str) -> &str {
    let name = name.split_once("/models/").map_or(name, |(_, rest)| rest);
    let mut bare = name;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix)) {
        bare = rest;
    }
    bare
}

/// Without `-2025-04-14`, `-20250514`, `@001` and the like.
fn without_suffix(name: &str) -> &str {
    let name = name.split_once('@').map_or(name, |(head, _)| head);
    let name = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    without_date(name).unwrap_or(name)
}

/// Without a date of eight digits at the end, in one piece or in three.
fn without_date(name: &str) -> Option<&str> {
    let is_date = |text: &str| text.starts_with("20") && text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let (head, last) = name.rsplit_once('-')?;
    if is_date(last) {
        return Some(head);
    }
    let (head, month) = head.rsplit_once('-')?;
    let (head, year) = head.rsplit_once('-')?;
    is_date(&format!("{year}{month}{last}")).then_some(head)
}

/// `claude-3-5-haiku` → `claude-3.5-haiku`: a dash between two digits becomes a dot.
fn dashes_to_dots(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let is_digit = |index: Option<usize>| index.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let fold = |(at, c): (usize, &char)| {
        if *c == '-' && is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)) { '.' } else { *c }
    };
    chars.iter().enumerate().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_name_is_tried_first() {
        let names = candidates(Some("gpt-4o-mini-2024-07-18"), Some("gpt-4o-mini"));
        assert_eq!(names.first().map(String::as_str), Some("gpt-4o-mini-2024-07-18"));
        assert_eq!(names.get(1).map(String::as_str), Some("gpt-4o-mini"));
    }

    #[test]
    fn names_lose_what_is_not_the_model() {
        for (sent, wanted) in [
            ("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0", "anthropic.claude-sonnet-4"),
            ("models/gemini-2.5-flash@001", "gemini-2.5-flash"),
            ("publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
            ("openai/gpt-4.1-2025-04-14", "gpt-4.1"),
            ("claude-3-5-haiku-20241022", "claude-3.5-haiku"),
            ("ft:gpt-4o-mini-2024-07-18:org::id", "gpt-4o-mini"),
            ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ] {
            let names = candidates(Some(sent), None);
            assert!(names.iter().any(|name| name == wanted), "{sent}: {names:?}");
        }
    }
}
