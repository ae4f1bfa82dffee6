//! OpenInference: Arize's conventions and their instrumentations for Python, TypeScript and Java, and the processors
//! that add them to spans of others.
//!
//! Read in: `openinference-semantic-conventions` 0.1.42, all instrumentations at `1fe497f1`, and captures. Facts that no
//! table can show: messages, tools, documents and embeddings are flattened into keys of their own, beside the whole
//! request in `input.value` and the whole answer in `output.value`; what an SDK drops beyond its 128 attributes is the
//! oldest first; `llm.model_name` is the answering model with some instrumentations and the asked one with the others.

use pellucid_model::Kind;

use super::Sign::{AnyOf, Failed, In as HasIn, Marker, MarkerIs, Scope, ScopePrefix};
use super::Source::{Attr, EventTime, EventsNamed, Flat, In, Resource};
use super::{Dialect, Filler, Row, Sign, UsageRule, row};
use crate::convert::Shape::{
    Bool, Count, Data, Duration, Float, Happened, Int, Is, Length, Messages, Money, Parts, Text, Texts, ToolDefinitions,
};
use crate::field::Field;

const SPEC: &str = "https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md";
const EMBEDDINGS: &str = "https://github.com/Arize-ai/openinference/blob/main/spec/embedding_spans.md";
const TRACES: &str = "https://github.com/Arize-ai/openinference/blob/main/spec/traces.md";
const PY_OPENAI: &str =
    "PyPI openinference-instrumentation-openai 0.1.66 (_request.py, _response_attributes_extractor.py)";
const PY_AGENTS: &str = "PyPI openinference-instrumentation-openai-agents 2.6.0 (_processor.py)";
const JS_ANTHROPIC: &str = "npm @arizeai/openinference-instrumentation-anthropic 0.2.8 (instrumentation.ts)";
const PY_LANGCHAIN: &str = "PyPI openinference-instrumentation-langchain 0.1.80 (_tracer.py)";
const PY_CREWAI: &str = "PyPI openinference-instrumentation-crewai (_wrappers.py)";
const PY_LITELLM: &str = "PyPI openinference-instrumentation-litellm (__init__.py)";

const KIND: &str = "openinference.span.kind";
const PARAMETERS: &str = "llm.invocation_parameters";
const INPUT: &str = "input.value";
const OUTPUT: &str = "output.value";

const AGENTS: &str = "openinference.instrumentation.openai_agents";
const AGENTS_JS: &str = "@arizeai/openinference-instrumentation-openai-agents";
const LANGCHAIN: &str = "openinference.instrumentation.langchain";

pub(crate) static OPENINFERENCE: Dialect = Dialect {
    id: "openinference",
    signs: &[
        Marker(KIND),
        ScopePrefix("openinference.instrumentation."),
        ScopePrefix("@arizeai/openinference-"),
        Sign::AttrPrefix("llm.token_count."),
        Sign::AttrPrefix("llm.input_messages."),
    ],
    rows: ROWS,
    fillers: &[
        // The parameters are the answer's echo, which states defaults.
        Filler::When(Scope(AGENTS), &Filler::Number(Field::Temperature, 1.0)),
        Filler::When(Scope(AGENTS), &Filler::Number(Field::TopP, 1.0)),
        Filler::When(Scope(AGENTS_JS), &Filler::Number(Field::Temperature, 1.0)),
        Filler::When(Scope(AGENTS_JS), &Filler::Number(Field::TopP, 1.0)),
    ],
    kinds: &[
        ("llm", Kind::Llm),
        ("embedding", Kind::Embedding),
        ("retriever", Kind::Retrieval),
        ("tool", Kind::Tool),
        ("agent", Kind::Agent),
        ("chain", Kind::Chain),
        ("prompt", Kind::Chain),
        ("reranker", Kind::Rerank),
        ("guardrail", Kind::Guardrail),
        ("evaluator", Kind::Evaluator),
        ("unknown", Kind::Span),
    ],
    usage: Some(SUMS),
    ..Dialect::NONE
};

/// The instrumentations sum Anthropic's cached and Google's thought tokens. Bedrock's raw numbers show in the total.
const SUMS: UsageRule = UsageRule { input_excludes_cache: &[], output_excludes_reasoning: &[] };

/// Spans that are no model call: their `input.value` and `output.value` are the application's own.
const NO_CALL: &[Sign] = &[
    MarkerIs(KIND, "CHAIN"),
    MarkerIs(KIND, "AGENT"),
    MarkerIs(KIND, "TOOL"),
    MarkerIs(KIND, "RETRIEVER"),
    MarkerIs(KIND, "GUARDRAIL"),
    MarkerIs(KIND, "EVALUATOR"),
    MarkerIs(KIND, "PROMPT"),
    MarkerIs(KIND, "UNKNOWN"),
];
const TOOL: &[Sign] = &[MarkerIs(KIND, "TOOL")];
const AGENT: &[Sign] = &[MarkerIs(KIND, "AGENT")];
const EMBEDDING: &[Sign] = &[MarkerIs(KIND, "EMBEDDING")];

/// Where `llm.model_name` is the model that answered.
const ANSWERS: &[Sign] = &[
    Scope("openinference.instrumentation.openai"),
    Scope("openinference.instrumentation.mistralai"),
    Scope("openinference.instrumentation.groq"),
    Scope("openinference.instrumentation.together"),
    Scope("openinference.instrumentation.portkey"),
    Scope("openinference.instrumentation.google_genai"),
    Scope("openinference.instrumentation.haystack"),
    Scope("openinference.instrumentation.ollama"),
    Scope(LANGCHAIN),
    Scope("@arizeai/openinference-instrumentation-openai"),
];
/// Where it is not the model that was asked: these and the echoes.
const NOT_ASKED: &[Sign] = &[AnyOf(ECHOES), AnyOf(ANSWERS)];

/// Where it is not: the same instrumentations on a failure or on TypeScript's streams, which repeat what was asked.
const NO_ANSWER: &[Sign] = &[Failed, MarkerIs("output.mime_type", "text/plain")];

/// The Agents SDK's spans of the Responses API know the answer only: their parameters and their model are its echo.
const ECHOES: &[Sign] = &[Scope(AGENTS), Scope(AGENTS_JS)];
const ECHO: &[Sign] = &[HasIn(OUTPUT, "/object")];

/// `output.value` is what the provider sent, not what somebody made of it.
const AS_SENT: &[Sign] = &[
    HasIn(OUTPUT, "/object"),
    HasIn(OUTPUT, "/choices"),
    HasIn(OUTPUT, "/usage"),
    HasIn(OUTPUT, "/stop_reason"),
    HasIn(OUTPUT, "/candidates"),
    HasIn(OUTPUT, "/generations"),
];

const ROWS: &[Row] = &[
    row(Field::Kind, &[Attr(KIND)], Text, SPEC),
    row(Field::Provider, &[Attr("llm.provider"), Attr("llm.system"), In("metadata", "/ls_provider")], Text, SPEC)
        .unless(&[MarkerIs("llm.system", "vertexai")]),
    // Google is the provider of both of its services.
    row(Field::Provider, &[Attr("llm.system")], Text, SPEC).when(&[MarkerIs("llm.system", "vertexai")]),
    row(Field::RequestModel, &[Attr("llm.request.model_name")], Text, SPEC),
    row(
        Field::RequestModel,
        &[
            In(PARAMETERS, "/model"),
            In(PARAMETERS, "/model_name"),
            In("embedding.invocation_parameters", "/model"),
            In("metadata", "/ls_model_name"),
            Attr("embedding.model_name"),
            Attr("reranker.model_name"),
        ],
        Text,
        SPEC,
    )
    .unless(ECHOES),
    row(Field::RequestModel, &[In(INPUT, "/model")], Text, PY_OPENAI).unless(NO_CALL),
    row(Field::RequestModel, &[Attr("llm.model_name")], Text, SPEC).unless(NOT_ASKED),
    row(Field::RequestModel, &[Attr("llm.model_name")], Text, PY_AGENTS).when(ECHOES).unless(ECHO),
    row(Field::RequestModel, &[Attr("llm.model_name")], Text, SPEC).when(&[Failed]),
    row(Field::ResponseModel, &[Attr("llm.response.model_name")], Text, SPEC),
    row(
        Field::ResponseModel,
        &[
            In(OUTPUT, "/model"),
            In(OUTPUT, "/model_version"),
            In(OUTPUT, "/llm_output/model_name"),
            In(OUTPUT, "/generations/0/0/message/kwargs/response_metadata/model_name"),
            In(OUTPUT, "/generations/0/0/generation_info/model_name"),
        ],
        Text,
        PY_LANGCHAIN,
    )
    .when(AS_SENT)
    .unless(NO_CALL),
    row(Field::ResponseModel, &[Attr("llm.model_name")], Text, PY_OPENAI).when(ANSWERS).unless(NO_ANSWER),
    row(
        Field::ResponseId,
        &[
            In(OUTPUT, "/id"),
            In(OUTPUT, "/response_id"),
            In(OUTPUT, "/llm_output/id"),
            In(OUTPUT, "/generations/0/0/message/kwargs/response_metadata/id"),
        ],
        Text,
        PY_LANGCHAIN,
    )
    .when(AS_SENT)
    .unless(NO_CALL),
    row(Field::Temperature, &[In(PARAMETERS, "/temperature")], Float, SPEC),
    row(Field::TopP, &[In(PARAMETERS, "/top_p"), In(PARAMETERS, "/topP")], Float, SPEC),
    row(Field::TopK, &[In(PARAMETERS, "/top_k"), In(PARAMETERS, "/topK")], Int, SPEC),
    row(Field::FrequencyPenalty, &[In(PARAMETERS, "/frequency_penalty")], Float, SPEC),
    row(Field::PresencePenalty, &[In(PARAMETERS, "/presence_penalty")], Float, SPEC),
    row(
        Field::MaxTokens,
        &[
            In(PARAMETERS, "/max_tokens"),
            In(PARAMETERS, "/max_completion_tokens"),
            In(PARAMETERS, "/max_output_tokens"),
            In(PARAMETERS, "/maxTokens"),
            In(PARAMETERS, "/maxOutputTokens"),
            In(PARAMETERS, "/max_tokens_to_sample"),
            In(PARAMETERS, "/num_predict"),
        ],
        Int,
        SPEC,
    ),
    row(Field::Seed, &[In(PARAMETERS, "/seed")], Int, SPEC),
    row(Field::ChoiceCount, &[In(PARAMETERS, "/n"), In(PARAMETERS, "/candidate_count")], Int, SPEC),
    row(
        Field::StopSequences,
        &[In(PARAMETERS, "/stop"), In(PARAMETERS, "/stop_sequences"), In(PARAMETERS, "/stopSequences")],
        Texts,
        SPEC,
    ),
    row(
        Field::ServiceTier,
        &[
            In(OUTPUT, "/service_tier"),
            In(OUTPUT, "/usage/service_tier"),
            In(OUTPUT, "/llm_output/service_tier"),
            In(PARAMETERS, "/service_tier"),
        ],
        Text,
        PY_OPENAI,
    )
    .when(AS_SENT)
    .unless(NO_CALL),
    // LangChain's parameters say `stream: false` of streams too; the answer's type does not.
    row(Field::Stream, &[In(OUTPUT, "/generations/0/0/type")], Is("ChatGenerationChunk"), PY_LANGCHAIN),
    row(Field::Stream, &[EventsNamed(FIRST_TOKEN)], Happened, PY_OPENAI),
    row(Field::Stream, &[In(PARAMETERS, "/stream")], Bool, SPEC),
    row(Field::Ttft, &[EventTime(FIRST_TOKEN)], Duration(1), PY_OPENAI),
    row(Field::InputTokens, &[Attr("llm.token_count.prompt")], Count, SPEC),
    row(Field::OutputTokens, &[Attr("llm.token_count.completion")], Count, SPEC),
    row(Field::TotalTokens, &[Attr("llm.token_count.total")], Count, SPEC),
    row(Field::CacheReadTokens, &[Attr("llm.token_count.prompt_details.cache_read")], Count, SPEC),
    // LiteLLM's instrumentation writes its text tokens here.
    row(Field::CacheReadTokens, &[Attr("llm.token_count.prompt_details.cache_input")], Count, PY_LITELLM)
        .unless(&[Scope("openinference.instrumentation.litellm")]),
    row(Field::CacheWriteTokens, &[Attr("llm.token_count.prompt_details.cache_write")], Count, SPEC),
    row(Field::ReasoningTokens, &[Attr("llm.token_count.completion_details.reasoning")], Count, SPEC),
    row(Field::InputAudioTokens, &[Attr("llm.token_count.prompt_details.audio")], Count, SPEC),
    row(Field::OutputAudioTokens, &[Attr("llm.token_count.completion_details.audio")], Count, SPEC),
    row(Field::Cost, &[Attr("llm.cost.total")], Money, SPEC),
    row(Field::FinishReasons, &[Attr("llm.finish_reason")], Texts, SPEC),
    row(
        Field::FinishReasons,
        &[
            In(OUTPUT, "/stop_reason"),
            In(OUTPUT, "/choices/0/finish_reason"),
            In(OUTPUT, "/candidates/0/finish_reason"),
            In(OUTPUT, "/generations/0/0/generation_info/finish_reason"),
            In(OUTPUT, "/generations/0/0/generationInfo/finish_reason"),
        ],
        Texts,
        PY_LANGCHAIN,
    )
    .unless(NO_CALL),
    row(
        Field::InputMessages,
        &[Flat("llm.input_messages"), Flat("llm.prompts"), Flat("embedding.embeddings")],
        Messages("user"),
        SPEC,
    ),
    // Blocks of Anthropic's system prompt are not flattened by the TypeScript instrumentation.
    row(Field::SystemInstructions, &[In(INPUT, "/system"), In(INPUT, "/instructions")], Parts, JS_ANTHROPIC)
        .unless(NO_CALL),
    row(Field::InputMessages, &[In(INPUT, "/input")], Messages("user"), EMBEDDINGS).when(EMBEDDING),
    row(Field::OutputMessages, &[Flat("llm.output_messages"), Flat("llm.choices")], Messages("assistant"), SPEC),
    row(Field::ToolDefinitions, &[Flat("llm.tools"), In(PARAMETERS, "/tools")], ToolDefinitions, SPEC),
    row(Field::InputValue, &[Attr("reranker.query"), Attr(INPUT)], Data, SPEC),
    row(
        Field::OutputValue,
        &[Flat("retrieval.documents"), Flat("reranker.output_documents"), Attr(OUTPUT)],
        Data,
        SPEC,
    ),
    row(Field::ToolName, &[Attr("tool.name")], Text, SPEC),
    row(Field::ToolCallId, &[Attr("tool.id"), Attr("tool_call.id")], Text, SPEC),
    row(Field::ToolCallId, &[In(OUTPUT, "/data/tool_call_id")], Text, PY_LANGCHAIN).when(TOOL),
    // `tool.parameters` is the tool's schema with most instrumentations, so the input comes first.
    row(Field::ToolArguments, &[Attr(INPUT), Attr("tool.parameters")], Data, SPEC).when(TOOL),
    row(Field::ToolResult, &[In(OUTPUT, "/data/content"), Attr(OUTPUT)], Data, PY_LANGCHAIN).when(TOOL),
    row(
        Field::SessionId,
        &[Attr("session.id"), In("metadata", "/session_id"), In("metadata", "/thread_id")],
        Text,
        SPEC,
    ),
    row(Field::UserId, &[Attr("user.id"), In("metadata", "/user_id")], Text, SPEC),
    row(Field::Tags, &[Attr("tag.tags")], Texts, SPEC),
    row(Field::AppName, &[Resource("openinference.project.name")], Text, TRACES),
    row(Field::PromptName, &[Attr("prompt.id")], Text, SPEC),
    row(Field::PromptVersion, &[Attr("llm.prompt_template.version")], Text, SPEC),
    row(Field::AgentName, &[Attr("agent.name")], Text, SPEC),
    row(Field::AgentName, &[Attr("graph.node.name"), Attr("graph.node.id")], Text, PY_CREWAI).when(AGENT),
    row(Field::DbTopK, &[Attr("reranker.top_k")], Int, SPEC),
    row(Field::DbReturned, &[Flat("retrieval.documents"), Flat("reranker.output_documents")], Length, SPEC),
    row(Field::EmbeddingDims, &[Attr("embedding.embeddings.0.embedding.vector")], Length, EMBEDDINGS),
];

const FIRST_TOKEN: &str = "First Token Stream Event";
