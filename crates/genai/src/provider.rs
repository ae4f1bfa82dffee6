//! Who bills a call, and who made the model.
//!
//! What the client says is its own view: Moonshot, DeepSeek, Qwen and many more arrive as `openai` through OpenAI's
//! client. So: a known host decides; then the provider as sent, unless it is only a client and the model tells another;
//! then the model's prefix; then its family.

/// What is known of a call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clues<'a> {
    /// Provider as sent.
    pub(crate) sent: Option<&'a str>,
    /// Host, perhaps with a port.
    pub(crate) host: Option<&'a str>,
    pub(crate) model: Option<&'a str>,
}

/// Canonical provider ← other spellings, in lower case. The canonical ids are those of the semantic conventions where
/// they have one.
const ALIASES: &[(&str, &[&str])] = &[
    ("openai", &["open_ai", "open-ai"]),
    ("azure.ai.openai", &["az.ai.openai", "azure", "azure_openai", "azure-openai", "azureopenai"]),
    ("azure.ai.inference", &["az.ai.inference", "azure_ai_inference", "azure_ai", "azure-ai-inference"]),
    ("anthropic", &["claude"]),
    ("aws.bedrock", &["bedrock", "bedrock_converse", "amazon_bedrock", "amazon-bedrock", "aws", "aws_bedrock"]),
    (
        "gcp.gemini",
        &[
            "gemini",
            "google",
            "googleai",
            "google_ai",
            "google_genai",
            "google-genai",
            "google_ai_gemini",
            "google.generative-ai",
            "gcp.gemini",
        ],
    ),
    ("gcp.vertex_ai", &["vertex_ai", "vertexai", "google_vertexai", "google-vertex", "vertex", "google.vertex"]),
    ("gcp.gen_ai", &[]),
    ("mistral_ai", &["mistral", "mistralai", "mistral-ai"]),
    ("moonshot_ai", &["moonshot", "moonshotai", "moonshot-ai", "kimi"]),
    ("x_ai", &["xai", "x-ai", "x.ai", "grok"]),
    ("deepseek", &["deep_seek", "deepseek-ai", "deepseekai"]),
    ("dashscope", &["alibaba", "alibaba_cloud", "aliyun", "qwen", "tongyi"]),
    ("zhipu", &["zhipuai", "zhipu_ai", "bigmodel"]),
    ("z_ai", &["zai", "z.ai", "z-ai"]),
    ("volcengine", &["doubao", "ark", "volcano"]),
    ("together", &["together_ai", "togetherai", "together-ai"]),
    ("fireworks", &["fireworks_ai", "fireworksai", "fireworks-ai"]),
    ("perplexity", &["perplexity_ai", "perplexityai", "pplx"]),
    ("hugging_face", &["huggingface", "hugging-face", "hf"]),
    ("ibm.watsonx.ai", &["ibm.watson.ai", "watsonx", "ibm", "ibm_watsonx"]),
    ("minimax", &["minimaxai"]),
    ("voyageai", &["voyage", "voyage_ai"]),
    ("cohere", &["cohere_chat"]),
    ("groq", &[]),
    ("openrouter", &["open_router"]),
    ("cerebras", &[]),
    ("sambanova", &[]),
    ("jina_ai", &["jina", "jina-ai", "jinaai"]),
    ("tencent", &["hunyuan", "tencent_cloud", "tencentcloud"]),
    ("baidu", &["qianfan", "wenxin", "baidu_qianfan"]),
    ("novita", &[]),
    ("ollama", &[]),
    ("vllm", &[]),
    ("github_copilot", &["github-copilot"]),
];

/// APIs that Vercel's AI SDK puts behind the name of a provider.
const APIS: &[&str] = &["chat", "responses", "messages", "completion", "embedding", "image", "speech", "transcription"];

/// Words for a client or framework that may stand before any provider.
const CLIENTS: &[&str] = &[
    "openai",
    "langchain",
    "litellm",
    "litellm_proxy",
    "strands-agents",
    "gcp.vertex.agent",
    "microsoft.agent_framework",
    "spring_ai",
    "llamaindex",
    "llama_index",
    "haystack",
    "crewai",
    // Vercel's AI gateway, which names the provider before the model.
    "gateway",
    "other",
    "_other",
    "unknown",
    "custom",
];

/// Part of a host → provider.
const HOSTS: &[(&str, &str)] = &[
    ("api.openai.com", "openai"),
    (".openai.azure.com", "azure.ai.openai"),
    (".cognitiveservices.azure.com", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.inference"),
    ("models.inference.ai.azure.com", "azure.ai.inference"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("bedrock-runtime.", "aws.bedrock"),
    ("api.moonshot.", "moonshot_ai"),
    ("api.kimi.", "moonshot_ai"),
    ("api.deepseek.com", "deepseek"),
    ("dashscope.aliyuncs.com", "dashscope"),
    ("dashscope-intl.aliyuncs.com", "dashscope"),
    ("open.bigmodel.cn", "zhipu"),
    ("api.z.ai", "z_ai"),
    (".volces.com", "volcengine"),
    ("api.x.ai", "x_ai"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral_ai"),
    ("openrouter.ai", "openrouter"),
    ("api.together.", "together"),
    ("api.fireworks.ai", "fireworks"),
    ("api.cerebras.ai", "cerebras"),
    ("api.perplexity.ai", "perplexity"),
    ("api.sambanova.ai", "sambanova"),
    ("api.novita.ai", "novita"),
    ("api.minimax.", "minimax"),
    ("api.minimaxi.", "minimax"),
    ("api.cohere.", "cohere"),
    ("api.voyageai.com", "voyageai"),
    ("api.jina.ai", "jina_ai"),
    ("api.hunyuan.cloud.tencent.com", "tencent"),
    ("qianfan.baidubce.com", "baidu"),
    ("api.githubcopilot.com", "github_copilot"),
    (":11434", "ollama"),
];

/// Bedrock's names of models: perhaps a region, then who made it.
const BEDROCK_REGIONS: &[&str] = &["us", "eu", "apac", "jp", "au", "ca", "global", "us-gov"];
const BEDROCK_VENDORS: &[&str] =
    &["ai21", "amazon", "anthropic", "cohere", "deepseek", "meta", "mistral", "openai", "qwen", "stability", "writer"];

/// A family of models: how names begin, who makes them, and who bills when only a client is known. Open weights run
/// anywhere, so they name no provider.
struct Family {
    starts: &'static [&'static str],
    vendor: &'static str,
    provider: Option<&'static str>,
}

const FAMILIES: &[Family] = &[
    Family { starts: &["gpt-oss"], vendor: "openai", provider: None },
    Family {
        starts: &[
            "gpt-",
            "gpt3",
            "gpt4",
            "o1",
            "o3",
            "o4",
            "chatgpt",
            "text-embedding-3",
            "text-embedding-ada",
            "davinci",
            "babbage",
            "whisper",
            "tts-1",
            "dall-e",
            "codex",
            "omni-moderation",
        ],
        vendor: "openai",
        provider: Some("openai"),
    },
    Family { starts: &["claude"], vendor: "anthropic", provider: Some("anthropic") },
    Family { starts: &["gemma"], vendor: "google", provider: None },
    Family {
        starts: &["gemini", "imagen", "veo", "text-embedding-00"],
        vendor: "google",
        provider: Some("gcp.gemini"),
    },
    Family { starts: &["kimi", "moonshot"], vendor: "moonshot_ai", provider: Some("moonshot_ai") },
    Family { starts: &["deepseek"], vendor: "deepseek", provider: Some("deepseek") },
    Family { starts: &["qwen", "qwq", "qvq", "wan2"], vendor: "alibaba", provider: Some("dashscope") },
    Family { starts: &["glm", "chatglm", "cogview"], vendor: "zhipu", provider: Some("zhipu") },
    Family { starts: &["doubao"], vendor: "volcengine", provider: Some("volcengine") },
    Family { starts: &["minimax", "abab"], vendor: "minimax", provider: Some("minimax") },
    Family { starts: &["ernie"], vendor: "baidu", provider: Some("baidu") },
    Family { starts: &["hunyuan"], vendor: "tencent", provider: Some("tencent") },
    Family {
        starts: &["mistral", "mixtral", "codestral", "ministral", "pixtral", "magistral", "devstral"],
        vendor: "mistral_ai",
        provider: Some("mistral_ai"),
    },
    Family { starts: &["grok"], vendor: "x_ai", provider: Some("x_ai") },
    Family {
        starts: &["command", "embed-v", "embed-english", "embed-multilingual", "rerank-"],
        vendor: "cohere",
        provider: Some("cohere"),
    },
    Family { starts: &["llama", "meta-llama", "codellama"], vendor: "meta", provider: None },
    Family { starts: &["nova-", "titan"], vendor: "amazon", provider: Some("aws.bedrock") },
    Family { starts: &["sonar"], vendor: "perplexity", provider: Some("perplexity") },
    Family { starts: &["voyage"], vendor: "voyageai", provider: Some("voyageai") },
    Family { starts: &["phi-", "phi3", "phi4"], vendor: "microsoft", provider: None },
];

/// Canonical id of who bills, and what told it; an unknown name in lower case; nothing if nothing tells.
pub(crate) fn provider(clues: Clues<'_>) -> Option<(String, &'static str)> {
    if let Some(known) = clues.host.and_then(by_host) {
        return Some((known.to_owned(), "host"));
    }
    let sent = clues.sent.map(canonical);
    let only_client = sent.as_deref().is_none_or(|name| CLIENTS.contains(&name));
    if !only_client {
        return sent.map(|name| (name, "sent"));
    }
    let by_name = |model: &str| by_prefix(model).or_else(|| of_bedrock(model)).or_else(|| family(model)?.provider);
    let told = clues.model.and_then(by_name);
    told.map(|name| (name.to_owned(), "model")).or(sent.map(|name| (name, "sent")))
}

/// Who made the model.
pub(crate) fn vendor(model: &str) -> Option<&'static str> {
    family(model).map(|family| family.vendor)
}

/// A provider's name in its canonical spelling.
pub(crate) fn canonical(sent: &str) -> String {
    let name = sent.trim().to_ascii_lowercase();
    if let Some(known) = alias(&name).or_else(|| by_host(&name)) {
        return known.to_owned();
    }
    // `openai.responses`, `google.vertex.chat`: the provider and an API of it. `langgenius/tongyi/tongyi`: a plugin.
    let mut head = name.as_str();
    while let Some((shorter, _)) = head.rsplit_once('.') {
        if let Some(known) = alias(shorter) {
            return known.to_owned();
        }
        head = shorter;
    }
    if let Some(known) = name.rsplit_once('/').and_then(|(_, last)| alias(last)) {
        return known.to_owned();
    }
    match name.rsplit_once('.') {
        Some((own, api)) if APIS.contains(&api) => own.to_owned(),
        _ => name,
    }
}

fn alias(name: &str) -> Option<&'static str> {
    let row = ALIASES.iter().find(|(canonical, others)| *canonical == name || others.contains(&name));
    row.map(|(canonical, _)| *canonical)
}

fn by_host(host: &str) -> Option<&'static str> {
    HOSTS.iter().find(|(part, _)| host.contains(part)).map(|(_, provider)| *provider)
}

/// `moonshotai/kimi-k2` names its provider before the slash.
fn by_prefix(model: &str) -> Option<&'static str> {
    let (prefix, _) = model.split_once('/')?;
    alias(&prefix.to_ascii_lowercase())
}

/// `us.anthropic.claude-sonnet-4-20250514-v1:0`
fn of_bedrock(model: &str) -> Option<&'static str> {
    let (first, rest) = model.split_once('.')?;
    let (vendor, name) = if BEDROCK_REGIONS.contains(&first) { rest.split_once('.')? } else { (first, rest) };
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (named && BEDROCK_VENDORS.contains(&vendor)).then_some("aws.bedrock")
}

fn family(model: &str) -> Option<&'static Family> {
    let model = model.to_ascii_lowercase();
    let mut name = model.rsplit('/').next().unwrap_or_default();
    name = name.strip_prefix("ft:").unwrap_or(name);
    let known = |name: &str| FAMILIES.iter().find(|family| family.starts.iter().any(|start| name.starts_with(start)));
    // Bedrock: `us.anthropic.claude-…`.
    known(name).or_else(|| name.rsplit_once('.').and_then(|_| name.split('.').find_map(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sent: &str, host: &str, model: &str) -> String {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let clues = Clues { sent: some(leak(sent)), host: some(leak(host)), model: some(leak(model)) };
        provider(clues).map(|(name, _)| name).unwrap_or_default()
    }

    #[test]
    fn a_client_is_not_a_provider() {
        assert_eq!(of("openai", "api.moonshot.cn", "moonshot-v1-8k"), "moonshot_ai");
        assert_eq!(of("openai", "api.moonshot.ai", "gpt-4o"), "moonshot_ai");
        assert_eq!(of("openai", "127.0.0.1", "kimi-k2-0905-preview"), "moonshot_ai");
        assert_eq!(of("openai", "", "deepseek-chat"), "deepseek");
        assert_eq!(of("openai", "", "moonshotai/kimi-k2"), "moonshot_ai");
        assert_eq!(of("openai", "127.0.0.1", "gpt-4o-mini"), "openai");
        assert_eq!(of("openai", "localhost:11434", "llama3.2"), "ollama");
        assert_eq!(of("openai", "10.0.0.7", "llama-3.3-70b"), "openai");
        assert_eq!(of("openai", "", "my-own-model"), "openai");
        assert_eq!(of("langchain", "", "claude-sonnet-4-5"), "anthropic");
        assert_eq!(of("strands-agents", "", "us.anthropic.claude-sonnet-4-20250514-v1:0"), "aws.bedrock");
        assert_eq!(of("", "", "amazon.nova-pro-v1:0"), "aws.bedrock");
        assert_eq!(of("openai", "", "gpt-4.1"), "openai");
        assert_eq!(of("langgenius/tongyi/tongyi", "", "qwen-max"), "dashscope");
        assert_eq!(of("langchain", "", ""), "langchain");
        assert_eq!(of("gateway", "", "anthropic/claude-sonnet-4.5"), "anthropic");
        assert_eq!(of("", "", "gemini-2.5-flash"), "gcp.gemini");
        assert_eq!(of("", "", ""), "");
    }

    #[test]
    fn who_bills_is_not_who_made_it() {
        assert_eq!(of("AWS", "", "us.anthropic.claude-3-5-sonnet-20241022-v2:0"), "aws.bedrock");
        assert_eq!(vendor("us.anthropic.claude-3-5-sonnet-20241022-v2:0"), Some("anthropic"));
        assert_eq!(of("azure", "", "gpt-4o"), "azure.ai.openai");
        assert_eq!(of("groq", "", "llama-3.3-70b-versatile"), "groq");
        assert_eq!(vendor("llama-3.3-70b-versatile"), Some("meta"));
        assert_eq!(vendor("ft:gpt-4o-mini:org::id"), Some("openai"));
        assert_eq!(vendor("openai/gpt-oss-120b"), Some("openai"));
    }

    #[test]
    fn spellings_fold() {
        for (sent, canonical_id) in [
            ("OpenAI", "openai"),
            ("openai.responses", "openai"),
            ("anthropic.messages", "anthropic"),
            ("vertex_ai", "gcp.vertex_ai"),
            ("az.ai.openai", "azure.ai.openai"),
            ("xai", "x_ai"),
            (" Mistral ", "mistral_ai"),
            ("api.cerebras.ai", "cerebras"),
            ("gcp.gemini", "gcp.gemini"),
            ("google.generative-ai", "gcp.gemini"),
            ("google.vertex.chat", "gcp.vertex_ai"),
            ("amazon-bedrock", "aws.bedrock"),
            ("my-own.chat", "my-own"),
            ("azure.ai.inference", "azure.ai.inference"),
            ("Brand-New", "brand-new"),
        ] {
            assert_eq!(canonical(sent), canonical_id, "{sent}");
        }
    }
}
