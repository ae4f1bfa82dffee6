//! Vercel's AI SDK: its `ai.*` spans since version 3, the semantic conventions that version 7 writes instead, and wrappers
//! that put the operation before every key.
//!
//! A call is two spans: `ai.generateText` around it, `ai.generateText.doGenerate` for every step, and both have tokens; the
//! outer has the sum of its steps or the last step's, by version. Versions 4 and 5 pass on the provider's input tokens,
//! later ones include the cache and say beside it how many were not cached.
//!
//! Read in: vercel/ai packages/ai at 5.0.277, packages/otel at 1.0.77, and captures of 5 and 7.

use pellucid_model::Kind;

use super::Sign::{Attr as HasAttr, AttrPrefix, Marker, MarkerIs, Scope};
use super::Source::{Attr, Event, In};
use super::{Dialect, Filler, Row, Sign, Source, UsageRule, row};
use crate::convert::SECONDS;
use crate::convert::Shape::{
    Body, Count, Data, Duration, Float, Int, Length, Means, Messages, Quoted, Said, Text, Texts, ToolCalls,
    ToolDefinitions,
};
use crate::field::Field;

const LEGACY: &str = "https://github.com/vercel/ai/blob/main/packages/otel/src/legacy-open-telemetry.ts";
const OTEL: &str = "https://github.com/vercel/ai/blob/main/packages/otel/src/open-telemetry.ts";
const TELEMETRY: &str = "https://ai-sdk.dev/docs/ai-sdk-core/telemetry";
const PROVIDERS: &str = "https://ai-sdk.dev/providers/ai-sdk-providers";
const PREFIXED: &str = "https://github.com/lmnr-ai/lmnr/blob/main/app-server/src/traces/spans.rs";

const OPERATION: &str = "ai.operationId";
const METADATA: &str = "ai.response.providerMetadata";
const MILLISECONDS: u32 = 1_000_000;

const STREAMS: &[Sign] = &[
    MarkerIs(OPERATION, "ai.streamText.doStream"),
    MarkerIs(OPERATION, "ai.streamObject.doStream"),
    MarkerIs(OPERATION, "ai.streamText"),
    MarkerIs(OPERATION, "ai.streamObject"),
];
/// The spans around the steps.
const OUTER: &[Sign] = &[
    MarkerIs(OPERATION, "ai.generateText"),
    MarkerIs(OPERATION, "ai.streamText"),
    MarkerIs(OPERATION, "ai.generateObject"),
    MarkerIs(OPERATION, "ai.streamObject"),
    MarkerIs(OPERATION, "ai.embed"),
    MarkerIs(OPERATION, "ai.embedMany"),
];
const NO_STREAMS: &[Sign] = &[
    MarkerIs(OPERATION, "ai.generateText.doGenerate"),
    MarkerIs(OPERATION, "ai.generateObject.doGenerate"),
    MarkerIs(OPERATION, "ai.generateText"),
    MarkerIs(OPERATION, "ai.generateObject"),
];

/// The `ai.*` spans.
pub(crate) static VERCEL_AI: Dialect = Dialect {
    id: "vercel_ai",
    signs: &[
        Marker(OPERATION),
        Scope("ai"),
        AttrPrefix("ai.usage."),
        AttrPrefix("ai.response."),
        AttrPrefix("ai.model."),
    ],
    never: &[Scope("gen_ai")],
    inherits: &[&super::otel::GENAI],
    rows: ROWS,
    kinds: &[
        ("ai.generatetext.dogenerate", Kind::Llm),
        ("ai.streamtext.dostream", Kind::Llm),
        ("ai.generateobject.dogenerate", Kind::Llm),
        ("ai.streamobject.dostream", Kind::Llm),
        ("ai.embed.doembed", Kind::Embedding),
        ("ai.embedmany.doembed", Kind::Embedding),
        ("ai.rerank.dorerank", Kind::Rerank),
        ("ai.toolcall", Kind::Tool),
        ("ai.generatetext", Kind::Chain),
        ("ai.streamtext", Kind::Chain),
        ("ai.generateobject", Kind::Chain),
        ("ai.streamobject", Kind::Chain),
        ("ai.embed", Kind::Chain),
        ("ai.embedmany", Kind::Chain),
        ("ai.rerank", Kind::Chain),
    ],
    fillers: &[
        // Made by the SDK where the provider gave none.
        Filler::TextPrefix(Field::ResponseId, "aitxt-"),
        Filler::TextPrefix(Field::ResponseId, "aiobj-"),
    ],
    usage: Some(AS_THE_PROVIDER),
    ..Dialect::NONE
};

/// Overruled where the number of uncached tokens is told.
const AS_THE_PROVIDER: UsageRule =
    UsageRule { input_excludes_cache: &["anthropic", "aws.bedrock"], output_excludes_reasoning: &[] };

const ROWS: &[Row] = &[
    row(Field::Kind, &[Attr(OPERATION)], Text, LEGACY),
    row(
        Field::Provider,
        &[Attr("gen_ai.provider.name"), Attr("gen_ai.system"), Attr("ai.model.provider"), Attr("aisdk.model.provider")],
        Text,
        PROVIDERS,
    ),
    row(
        Field::RequestModel,
        &[Attr("gen_ai.request.model"), Attr("ai.model.id"), Attr("aisdk.model.id")],
        Text,
        LEGACY,
    ),
    row(Field::ResponseModel, &[Attr("ai.response.model"), Attr("gen_ai.response.model")], Text, LEGACY),
    row(Field::ResponseId, &[Attr("ai.response.id"), Attr("gen_ai.response.id")], Text, LEGACY),
    row(Field::Temperature, &[Attr("gen_ai.request.temperature"), Attr("ai.settings.temperature")], Float, LEGACY),
    row(Field::TopP, &[Attr("gen_ai.request.top_p"), Attr("ai.settings.topP")], Float, LEGACY),
    row(Field::TopK, &[Attr("gen_ai.request.top_k"), Attr("ai.settings.topK")], Int, LEGACY),
    row(
        Field::MaxTokens,
        &[Attr("gen_ai.request.max_tokens"), Attr("ai.settings.maxOutputTokens"), Attr("ai.settings.maxTokens")],
        Int,
        LEGACY,
    ),
    row(
        Field::FrequencyPenalty,
        &[Attr("gen_ai.request.frequency_penalty"), Attr("ai.settings.frequencyPenalty")],
        Float,
        LEGACY,
    ),
    row(
        Field::PresencePenalty,
        &[Attr("gen_ai.request.presence_penalty"), Attr("ai.settings.presencePenalty")],
        Float,
        LEGACY,
    ),
    row(Field::Seed, &[Attr("gen_ai.request.seed"), Attr("ai.settings.seed")], Int, LEGACY),
    row(
        Field::StopSequences,
        &[Attr("gen_ai.request.stop_sequences"), Attr("ai.settings.stopSequences")],
        Texts,
        LEGACY,
    ),
    row(Field::Stream, &[Attr(OPERATION)], Means(true), LEGACY).when(STREAMS),
    row(Field::Stream, &[Attr(OPERATION)], Means(false), LEGACY).when(NO_STREAMS),
    row(Field::ServiceTier, &[In(METADATA, "/openai/serviceTier")], Text, PROVIDERS),
    row(
        Field::InputTokens,
        &[
            Attr("ai.usage.inputTokens"),
            Attr("ai.usage.promptTokens"),
            Attr("gen_ai.usage.input_tokens"),
            Attr("ai.usage.tokens"),
        ],
        Count,
        LEGACY,
    ),
    row(Field::UncachedTokens, &[Attr("ai.usage.inputTokenDetails.noCacheTokens")], Count, LEGACY),
    row(
        Field::OutputTokens,
        &[Attr("ai.usage.outputTokens"), Attr("ai.usage.completionTokens"), Attr("gen_ai.usage.output_tokens")],
        Count,
        LEGACY,
    ),
    row(Field::TotalTokens, &[Attr("ai.usage.totalTokens")], Count, LEGACY),
    row(
        Field::CacheReadTokens,
        &[
            Attr("ai.usage.inputTokenDetails.cacheReadTokens"),
            Attr("ai.usage.cachedInputTokens"),
            Attr("gen_ai.usage.cache_read.input_tokens"),
            In(METADATA, "/openai/cachedPromptTokens"),
            In(METADATA, "/anthropic/usage/cache_read_input_tokens"),
            In(METADATA, "/anthropic/cacheReadInputTokens"),
            In(METADATA, "/bedrock/usage/cacheReadInputTokens"),
        ],
        Count,
        PROVIDERS,
    ),
    row(
        Field::CacheWriteTokens,
        &[
            Attr("ai.usage.inputTokenDetails.cacheWriteTokens"),
            Attr("gen_ai.usage.cache_creation.input_tokens"),
            In(METADATA, "/anthropic/usage/cache_creation_input_tokens"),
            In(METADATA, "/anthropic/cacheCreationInputTokens"),
            In(METADATA, "/bedrock/usage/cacheWriteInputTokens"),
        ],
        Count,
        PROVIDERS,
    ),
    row(
        Field::ReasoningTokens,
        &[
            Attr("ai.usage.outputTokenDetails.reasoningTokens"),
            Attr("ai.usage.reasoningTokens"),
            In(METADATA, "/openai/reasoningTokens"),
        ],
        Count,
        PROVIDERS,
    ),
    // Versions 4 and 5 tell less of a call than the provider did.
    row(
        Field::UsageMap,
        &[In(METADATA, "/google/usageMetadata"), In(METADATA, "/vertex/usageMetadata")],
        Body,
        PROVIDERS,
    ),
    row(
        Field::Ttft,
        &[
            Attr("ai.response.msToFirstChunk"),
            Attr("ai.stream.msToFirstChunk"),
            Event("ai.stream.firstChunk", "ai.response.msToFirstChunk"),
            Event("ai.stream.firstChunk", "ai.stream.msToFirstChunk"),
        ],
        Duration(MILLISECONDS),
        TELEMETRY,
    ),
    row(Field::InputMessages, &[Attr("ai.prompt.messages")], Messages("user"), LEGACY),
    row(Field::Request, &[Attr("ai.prompt")], Body, LEGACY),
    row(
        Field::OutputMessages,
        &[Attr("ai.response.text"), Attr("ai.response.object"), Attr("ai.result.text"), Attr("ai.result.object")],
        Said("assistant"),
        LEGACY,
    )
    .unless(OUTER),
    row(Field::ToolCalls, &[Attr("ai.response.toolCalls"), Attr("ai.result.toolCalls")], ToolCalls, LEGACY)
        .unless(OUTER),
    row(Field::Thoughts, &[Attr("ai.response.reasoning")], Text, LEGACY).unless(OUTER),
    row(
        Field::OutputValue,
        &[
            Attr("ai.response.text"),
            Attr("ai.response.object"),
            Attr("ai.response.toolCalls"),
            Attr("ai.result.text"),
            Attr("ai.result.object"),
        ],
        Data,
        LEGACY,
    )
    .when(OUTER),
    row(
        Field::FinishReasons,
        &[Attr("ai.response.finishReason"), Attr("gen_ai.response.finish_reasons"), Attr("ai.finishReason")],
        Texts,
        LEGACY,
    ),
    row(Field::ToolDefinitions, &[Attr("ai.prompt.tools")], ToolDefinitions, LEGACY),
    row(Field::InputMessages, &[Attr("ai.values"), Attr("ai.value")], Quoted("user"), LEGACY).unless(OUTER),
    row(Field::InputValue, &[Attr("ai.values"), Attr("ai.value")], Data, LEGACY).when(OUTER),
    row(Field::EmbeddingDims, &[Attr("ai.embedding"), In("ai.embeddings", "/0")], Length, LEGACY),
    row(Field::InputValue, &[Attr("ai.documents")], Data, LEGACY),
    row(Field::OutputValue, &[Attr("ai.ranking")], Data, LEGACY),
    row(Field::ToolName, &[Attr("ai.toolCall.name")], Text, LEGACY),
    row(Field::ToolCallId, &[Attr("ai.toolCall.id")], Text, LEGACY),
    row(Field::ToolArguments, &[Attr("ai.toolCall.args"), Attr("ai.toolCall.input")], Data, LEGACY),
    row(Field::ToolResult, &[Attr("ai.toolCall.result"), Attr("ai.toolCall.output")], Data, LEGACY),
    // Version 7 itself calls it the agent's name.
    row(Field::AgentName, &[Attr("gen_ai.agent.name"), Attr("ai.telemetry.functionId")], Text, OTEL),
    row(
        Field::SessionId,
        &[
            Attr("session.id"),
            Attr("ai.telemetry.metadata.sessionId"),
            Attr("ai.telemetry.metadata.session_id"),
            Attr("ai.settings.context.sessionId"),
            Attr("ai.settings.context.session_id"),
            Attr("ai.telemetry.metadata.threadId"),
            Attr("ai.telemetry.metadata.conversationId"),
            Attr("ai.telemetry.metadata.chatId"),
        ],
        Text,
        TELEMETRY,
    ),
    row(
        Field::UserId,
        &[
            Attr("user.id"),
            Attr("ai.telemetry.metadata.userId"),
            Attr("ai.telemetry.metadata.user_id"),
            Attr("ai.settings.context.userId"),
            Attr("ai.settings.context.user_id"),
            Attr("ai.telemetry.metadata.posthog_distinct_id"),
        ],
        Text,
        TELEMETRY,
    ),
    row(Field::Tags, &[Attr("ai.telemetry.metadata.tags"), Attr("ai.settings.context.tags")], Texts, TELEMETRY),
    row(Field::PromptName, &[In("ai.telemetry.metadata.langfusePrompt", "/name")], Text, TELEMETRY),
    row(Field::PromptVersion, &[In("ai.telemetry.metadata.langfusePrompt", "/version")], Text, TELEMETRY),
];

/// Version 7 in its own setting: semantic conventions, with sums on the agent around the steps.
pub(crate) static VERCEL_AI_OTEL: Dialect = Dialect {
    id: "vercel_ai_otel",
    signs: &[Scope("gen_ai"), MarkerIs("gen_ai.operation.name", "agent_step")],
    // Mastra has steps too.
    never: &[AttrPrefix("mastra.")],
    inherits: &[&super::otel::GENAI, &VERCEL_AI],
    rows: &[
        // A span attribute that bears a metric's name.
        row(
            Field::Ttft,
            &[Attr("gen_ai.response.time_to_first_chunk"), Attr("gen_ai.client.operation.time_to_first_chunk")],
            SECONDS,
            OTEL,
        ),
    ],
    usage: Some(SUMS),
    ..Dialect::NONE
};

const SUMS: UsageRule = UsageRule { input_excludes_cache: &[], output_excludes_reasoning: &[] };

/// Wrappers that put their operation where `ai` stands.
pub(crate) static VERCEL_AI_PREFIXED: Dialect = Dialect {
    id: "vercel_ai_prefixed",
    signs: &[
        HasAttr("aisdk.model.id"),
        HasAttr("aisdk.model.provider"),
        AttrPrefix("stream.usage."),
        AttrPrefix("streamText."),
        AttrPrefix("generateText."),
        AttrPrefix("streamObject."),
        AttrPrefix("generateObject."),
    ],
    inherits: &[&VERCEL_AI],
    rows: &[
        row(Field::InputTokens, INPUT, Count, PREFIXED),
        row(Field::OutputTokens, OUTPUT, Count, PREFIXED),
        row(Field::CacheReadTokens, CACHE_READ, Count, PREFIXED),
        row(Field::CacheWriteTokens, CACHE_WRITE, Count, PREFIXED),
        row(Field::UncachedTokens, UNCACHED, Count, PREFIXED),
        row(Field::InputMessages, PROMPT, Messages("user"), PREFIXED),
        row(Field::OutputMessages, ANSWER, Said("assistant"), PREFIXED),
        row(Field::ToolCalls, CALLS, ToolCalls, PREFIXED),
    ],
    ..Dialect::NONE
};

/// The same key of every operation.
macro_rules! of_each {
    ($($end:literal),+) => {
        &[$(
            Attr(concat!("stream.", $end)),
            Attr(concat!("streamText.", $end)),
            Attr(concat!("generateText.", $end)),
            Attr(concat!("streamObject.", $end)),
            Attr(concat!("generateObject.", $end)),
        )+]
    };
}

const INPUT: &[Source] = of_each!("usage.inputTokens", "usage.promptTokens");
const OUTPUT: &[Source] = of_each!("usage.outputTokens", "usage.completionTokens");
const CACHE_READ: &[Source] = of_each!("usage.inputTokenDetails.cacheReadTokens", "usage.cachedInputTokens");
const CACHE_WRITE: &[Source] = of_each!("usage.inputTokenDetails.cacheWriteTokens");
const UNCACHED: &[Source] = of_each!("usage.inputTokenDetails.noCacheTokens");
const PROMPT: &[Source] = of_each!("prompt.messages");
const ANSWER: &[Source] = of_each!("response.text", "response.object");
const CALLS: &[Source] = of_each!("response.toolCalls");
