//! Command-line coding agents: Claude Code, Codex, Copilot CLI, Gemini CLI and Qwen Code, in their spans and in their log
//! records.
//!
//! Their log records become rows where there are no spans (`log_call`), with the attributes of the record; so one table
//! an agent reads both where a key means the same in both.
//!
//! Read in: captures of Claude Code 2.1.197, Codex 0.169.0, Gemini CLI 0.61.0; their documentation.

use pellucid_model::Kind;

use super::Sign::{Attr as HasAttr, AttrPrefix, MarkerIs, Scope, ScopePrefix};
use super::Source::{Attr, Event};
use super::{ANY_PROVIDER, Dialect, Filler, Row, Sign, UsageRule, row};
use crate::convert::Shape::{Count, Data, Duration, Int, Messages, Money, Text, Texts};
use crate::field::Field;

const CLAUDE: &str = "https://code.claude.com/docs/en/monitoring-usage";
const CODEX_SOURCE: &str = "https://github.com/openai/codex/blob/main/codex-rs/otel/src/events/session_telemetry.rs";
const GEMINI: &str = "https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md";

const COPILOT: &str =
    "https://docs.github.com/en/copilot/concepts/agents/about-copilot-cli and npm @github/copilot 1.0.102";

const MILLISECONDS: u32 = 1_000_000;

/// Claude Code's spans: they name the model that was asked.
pub(crate) static CLAUDE_CODE: Dialect = Dialect {
    id: "claude_code",
    signs: &[
        Scope("com.anthropic.claude_code.tracing"),
        ScopePrefix("com.anthropic.claude_code"),
        AttrPrefix("claude_code."),
    ],
    never: &[Scope(CLAUDE_EVENTS)],
    inherits: &[&CLAUDE_CODE_BOTH, &super::otel::GENAI_OLD],
    rows: &[row(Field::RequestModel, &[Attr("gen_ai.request.model"), Attr("model")], Text, CLAUDE)],
    ..Dialect::NONE
};

const CLAUDE_EVENTS: &str = "com.anthropic.claude_code.events";

/// Its numbers are those of Anthropic's API, whoever serves it.
const RAW_INPUT: UsageRule = UsageRule { input_excludes_cache: ANY_PROVIDER, output_excludes_reasoning: &[] };

const CLAUDE_ROWS: &[Row] = &[
    row(Field::Kind, &[Attr("span.type"), Attr("event.name")], Text, CLAUDE),
    row(Field::ResponseId, &[Attr("gen_ai.response.id"), Attr("request_id")], Text, CLAUDE),
    row(Field::InputTokens, &[Attr("input_tokens"), Attr("gen_ai.usage.input_tokens")], Count, CLAUDE),
    row(Field::OutputTokens, &[Attr("output_tokens"), Attr("gen_ai.usage.output_tokens")], Count, CLAUDE),
    row(Field::CacheReadTokens, &[Attr("cache_read_tokens")], Count, CLAUDE),
    row(Field::CacheWriteTokens, &[Attr("cache_creation_tokens")], Count, CLAUDE),
    row(Field::Cost, &[Attr("cost_usd")], Money, CLAUDE),
    row(Field::Ttft, &[Attr("ttft_ms")], Duration(MILLISECONDS), CLAUDE),
    row(Field::FinishReasons, &[Attr("gen_ai.response.finish_reasons"), Attr("stop_reason")], Texts, CLAUDE),
    row(Field::UserId, &[Attr("user.account_uuid"), Attr("user.id")], Text, CLAUDE),
    row(Field::InputValue, &[Attr("user_prompt")], Text, CLAUDE),
    row(Field::InputMessages, &[Attr("new_context")], Messages("user"), CLAUDE),
    row(Field::OutputMessages, &[Attr("response.model_output"), Attr("response")], Messages("assistant"), CLAUDE),
    row(Field::AgentId, &[Attr("agent_id")], Text, CLAUDE),
    row(Field::ToolName, &[Attr("tool_name"), Attr("gen_ai.tool.name")], Text, CLAUDE),
    row(Field::ToolCallId, &[Attr("gen_ai.tool.call.id"), Attr("tool_use_id")], Text, CLAUDE),
    row(
        Field::ToolArguments,
        &[
            Attr("tool_input"),
            Attr("tool_parameters"),
            Attr("full_command"),
            Attr("file_path"),
            Attr("skill_name"),
            Attr("subagent_type"),
        ],
        Data,
        CLAUDE,
    ),
    row(
        Field::ToolResult,
        &[Event("tool.output", "output"), Event("tool.output", "content"), Event("tool.output", "diff")],
        Data,
        CLAUDE,
    ),
    row(Field::ErrorMessage, &[Attr("error")], Text, CLAUDE),
    row(Field::ErrorType, &[Attr("error_type")], Text, CLAUDE),
    row(Field::HttpStatus, &[Attr("status_code")], Int, CLAUDE),
];

const ERROR_EVENTS: &[Sign] = &[MarkerIs("event.name", "api_error"), MarkerIs("event.name", "claude_code.api_error")];

/// Its log records of calls that were answered: they name the model that answered.
pub(crate) static CLAUDE_CODE_LOG: Dialect = Dialect {
    id: "claude_code_log",
    signs: &[Scope(CLAUDE_EVENTS)],
    never: ERROR_EVENTS,
    inherits: &[&CLAUDE_CODE_BOTH],
    rows: &[row(Field::ResponseModel, &[Attr("model")], Text, CLAUDE)],
    ..Dialect::NONE
};

/// Its log records of calls that failed: they name the model that was asked.
pub(crate) static CLAUDE_CODE_ERROR: Dialect = Dialect {
    id: "claude_code_error",
    signs: ERROR_EVENTS,
    never: &[ScopePrefix("gemini-cli"), ScopePrefix("qwen-code")],
    inherits: &[&CLAUDE_CODE_BOTH],
    rows: &[row(Field::RequestModel, &[Attr("model")], Text, CLAUDE)],
    ..Dialect::NONE
};

/// What means the same in Claude Code's spans and records. Never recognised by itself.
static CLAUDE_CODE_BOTH: Dialect = Dialect {
    id: "claude_code_both",
    rows: CLAUDE_ROWS,
    kinds: &[
        ("interaction", Kind::Agent),
        ("claude_code.interaction", Kind::Agent),
        ("llm_request", Kind::Llm),
        ("claude_code.llm_request", Kind::Llm),
        ("api_request", Kind::Llm),
        ("api_error", Kind::Llm),
        ("assistant_response", Kind::Llm),
        ("tool", Kind::Tool),
        ("claude_code.tool", Kind::Tool),
        ("hook", Kind::Chain),
        ("claude_code.hook", Kind::Chain),
    ],
    usage: Some(RAW_INPUT),
    ..Dialect::NONE
};

/// Codex: its spans of runtime internals, of which one a call has the usage, and its log records.
pub(crate) static CODEX: Dialect = Dialect {
    id: "codex",
    signs: &[
        ScopePrefix("codex_otel"),
        Scope("codex_exec"),
        Scope("codex_cli_rs"),
        Scope("codex_mcp_server"),
        AttrPrefix("codex."),
    ],
    inherits: &[&super::otel::GENAI_NEXT],
    rows: &[
        row(Field::Kind, &[Attr("event.name")], Text, CODEX_SOURCE),
        row(Field::RequestModel, &[Attr("gen_ai.request.model"), Attr("model"), Attr("slug")], Text, CODEX_SOURCE),
        row(Field::InputTokens, &[Attr("gen_ai.usage.input_tokens"), Attr("input_token_count")], Count, CODEX_SOURCE),
        row(
            Field::OutputTokens,
            &[Attr("gen_ai.usage.output_tokens"), Attr("output_token_count")],
            Count,
            CODEX_SOURCE,
        ),
        row(
            Field::CacheReadTokens,
            &[Attr("gen_ai.usage.cache_read.input_tokens"), Attr("cached_token_count")],
            Count,
            CODEX_SOURCE,
        ),
        row(
            Field::CacheWriteTokens,
            &[Attr("gen_ai.usage.cache_write.input_tokens"), Attr("cache_write_token_count")],
            Count,
            CODEX_SOURCE,
        ),
        row(
            Field::ReasoningTokens,
            &[Attr("codex.usage.reasoning_output_tokens"), Attr("reasoning_token_count")],
            Count,
            CODEX_SOURCE,
        ),
        // The record calls the total the tools' tokens.
        row(Field::TotalTokens, &[Attr("codex.usage.total_tokens"), Attr("tool_token_count")], Count, CODEX_SOURCE),
        row(Field::Ttft, &[Attr("ttft_ms")], Duration(MILLISECONDS), CODEX_SOURCE),
        row(Field::SessionId, &[Attr("conversation.id")], Text, CODEX_SOURCE),
        row(Field::UserId, &[Attr("user.account_id")], Text, CODEX_SOURCE),
        row(Field::ToolName, &[Attr("tool_name")], Text, CODEX_SOURCE),
        row(Field::ToolCallId, &[Attr("call_id")], Text, CODEX_SOURCE),
        row(Field::ToolArguments, &[Attr("arguments")], Data, CODEX_SOURCE),
        row(Field::ErrorMessage, &[Attr("error.message")], Text, CODEX_SOURCE),
        row(Field::HttpStatus, &[Attr("http.response.status_code")], Int, CODEX_SOURCE),
    ],
    kinds: &[("codex.sse_event", Kind::Llm), ("codex.api_request", Kind::Llm)],
    marks: &[(HasAttr("codex.usage.total_tokens"), Kind::Llm), (HasAttr("gen_ai.usage.input_tokens"), Kind::Llm)],
    ..Dialect::NONE
};

/// Gemini CLI and its fork Qwen Code. Their spans speak semantic conventions; these rows are of their records.
pub(crate) static GEMINI_CLI: Dialect = Dialect {
    id: "gemini_cli",
    signs: &[Scope("gemini-cli"), Scope("qwen-code"), AttrPrefix("gemini_cli.")],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::Kind, &[Attr("event.name")], Text, GEMINI),
        row(Field::ResponseModel, &[Attr("gen_ai.response.model"), Attr("model")], Text, GEMINI),
        row(Field::ResponseId, &[Attr("gen_ai.response.id"), Attr("response_id")], Text, GEMINI),
        row(Field::InputTokens, &[Attr("gen_ai.usage.input_tokens"), Attr("input_token_count")], Count, GEMINI),
        row(Field::OutputTokens, &[Attr("gen_ai.usage.output_tokens"), Attr("output_token_count")], Count, GEMINI),
        row(Field::CacheReadTokens, &[Attr("cached_content_token_count")], Count, GEMINI),
        row(Field::ReasoningTokens, &[Attr("thoughts_token_count")], Count, GEMINI),
        // Thoughts are in the total and not in the output.
        row(Field::TotalTokens, &[Attr("total_token_count")], Count, GEMINI),
        row(Field::SessionId, &[Attr("gen_ai.conversation.id"), Attr("session.id")], Text, GEMINI),
        row(Field::AgentName, &[Attr("gen_ai.agent.name"), Attr("subagent_name")], Text, GEMINI),
        row(Field::ToolCallId, &[Attr("gen_ai.tool.call_id"), Attr("gen_ai.tool.call.id")], Text, GEMINI),
        row(Field::FinishReasons, &[Attr("finish_reasons")], Texts, GEMINI),
        row(Field::ErrorType, &[Attr("error.type"), Attr("error_type")], Text, GEMINI),
        row(Field::ErrorMessage, &[Attr("error.message"), Attr("error")], Text, GEMINI),
        row(Field::HttpStatus, &[Attr("http.status_code"), Attr("status_code")], Int, GEMINI),
    ],
    kinds: &[
        ("gemini_cli.api_response", Kind::Llm),
        ("gemini_cli.api_error", Kind::Llm),
        ("qwen-code.api_response", Kind::Llm),
        ("qwen-code.api_error", Kind::Llm),
    ],
    ..Dialect::NONE
};

/// GitHub's Copilot CLI. It names the asked model as the one that answered, whatever that was.
pub(crate) static COPILOT_CLI: Dialect = Dialect {
    id: "copilot_cli",
    signs: &[Scope("github.copilot"), AttrPrefix("github.copilot.")],
    inherits: &[&super::otel::GENAI_NEXT],
    rows: &[
        row(Field::SessionId, &[Attr("gen_ai.conversation.id"), Attr("github.copilot.interaction_id")], Text, COPILOT),
        row(Field::ErrorMessage, &[Event("gen_ai.client.operation.exception", "exception.message")], Text, COPILOT),
    ],
    fillers: &[Filler::Echo(Field::ResponseModel, Field::RequestModel)],
    ..Dialect::NONE
};
