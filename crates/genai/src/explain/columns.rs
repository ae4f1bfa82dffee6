//! Which canonical fields a column is made of, in the order in which they are asked.

use crate::field::Field;
use crate::usage::{NOTE_ADDED_CACHE, NOTE_ADDED_REASONING, NOTE_FROM_TOTAL, NOTE_TOTAL_DIFFERS, NOTE_ZERO_ABSENT};

/// Columns that say something of the span, in the order of the contract, with the fields that may fill them.
pub(super) const COLUMNS: &[(&str, &[Field])] = &[
    ("kind", &[Field::Kind, Field::Operation]),
    ("operation", &[Field::Operation]),
    ("status", &[Field::Level]),
    ("service_name", &[Field::ServiceName]),
    ("service_version", &[Field::ServiceVersion]),
    ("environment", &[Field::Environment]),
    ("provider", &[Field::Provider, Field::ServerHost, Field::RequestModel, Field::ResponseModel]),
    ("provider_raw", &[Field::Provider]),
    ("model_vendor", &[Field::RequestModel, Field::ResponseModel]),
    ("request_model", &[Field::RequestModel]),
    ("response_model", &[Field::ResponseModel]),
    ("response_id", &[Field::ResponseId]),
    ("temperature", &[Field::Temperature]),
    ("top_p", &[Field::TopP]),
    ("frequency_penalty", &[Field::FrequencyPenalty]),
    ("presence_penalty", &[Field::PresencePenalty]),
    ("top_k", &[Field::TopK]),
    ("max_tokens", &[Field::MaxTokens]),
    ("seed", &[Field::Seed]),
    ("choice_count", &[Field::ChoiceCount]),
    ("stop_sequences", &[Field::StopSequences]),
    ("finish_reasons", &[Field::FinishReasons, Field::OutputMessages]),
    ("stream", &[Field::Stream]),
    ("service_tier", &[Field::ServiceTier, Field::Parameters, Field::Batch]),
    ("input_tokens", &[Field::InputTokens, Field::UncachedTokens]),
    ("output_tokens", &[Field::OutputTokens]),
    ("total_tokens", &[Field::TotalTokens, Field::UsageMap]),
    ("cache_read_tokens", &[Field::CacheReadTokens]),
    ("cache_write_tokens", &[Field::CacheWriteTokens]),
    ("cache_write_1h_tokens", &[Field::CacheWrite1hTokens]),
    ("reasoning_tokens", &[Field::ReasoningTokens]),
    ("input_audio_tokens", &[Field::InputAudioTokens]),
    ("output_audio_tokens", &[Field::OutputAudioTokens]),
    ("searches", &[Field::Searches]),
    ("usage_source", &[]),
    ("counts", &[]),
    ("cost_usd", &[Field::Cost]),
    ("input_cost_usd", &[]),
    ("output_cost_usd", &[]),
    ("computed_cost_usd", &[]),
    ("reported_cost_usd", &[Field::Cost]),
    ("ttft_ns", &[Field::Ttft]),
    ("system_instructions", &[Field::SystemInstructions, Field::InputMessages]),
    ("input_messages", &[Field::InputMessages]),
    ("output_messages", &[Field::OutputMessages, Field::ToolCalls, Field::Thoughts]),
    ("tool_definitions", &[Field::ToolDefinitions]),
    ("input_value", &[Field::InputValue, Field::InputMessages, Field::Request]),
    ("output_value", &[Field::OutputValue, Field::OutputMessages, Field::Answer]),
    ("session_id", &[Field::SessionId]),
    ("user_id", &[Field::UserId]),
    ("app_name", &[Field::AppName, Field::ServiceName]),
    ("release", &[Field::Release]),
    ("tags", &[Field::Tags]),
    ("agent_id", &[Field::AgentId]),
    ("agent_name", &[Field::AgentName, Field::EntityName]),
    ("workflow_name", &[Field::WorkflowName]),
    ("tool_name", &[Field::ToolName, Field::EntityName]),
    ("tool_call_id", &[Field::ToolCallId]),
    ("tool_arguments", &[Field::ToolArguments, Field::InputValue, Field::InputMessages]),
    ("tool_result", &[Field::ToolResult, Field::OutputValue, Field::OutputMessages]),
    ("db_system", &[Field::DbSystem]),
    ("db_operation", &[Field::DbOperation]),
    ("db_collection", &[Field::DbCollection]),
    ("db_query", &[Field::DbQuery]),
    ("db_top_k", &[Field::DbTopK]),
    ("db_returned", &[Field::DbReturned]),
    ("embedding_dims", &[Field::EmbeddingDims]),
    ("prompt_name", &[Field::PromptName]),
    ("prompt_version", &[Field::PromptVersion]),
    ("error_type", &[Field::ErrorType]),
    ("error_message", &[Field::ErrorMessage]),
    ("http_status_code", &[Field::HttpStatus, Field::ErrorMessage, Field::ErrorType]),
];

/// Notes on usage → the columns they are about. A note that is not here is about the row.
pub(super) const NOTED: &[(&str, &[&str])] = &[
    (NOTE_ADDED_CACHE, &["input_tokens"]),
    (NOTE_ADDED_REASONING, &["output_tokens"]),
    (NOTE_FROM_TOTAL, &["input_tokens", "output_tokens"]),
    (NOTE_TOTAL_DIFFERS, &["total_tokens"]),
    (NOTE_ZERO_ABSENT, &["input_tokens", "output_tokens"]),
];

/// Columns that another row of the trace or another book may change: no sign that the tables have changed since.
pub(super) const FROM_ELSEWHERE: &[&str] =
    &["counts", "cost_usd", "input_cost_usd", "output_cost_usd", "computed_cost_usd"];

/// Columns whose fields only feed them: a second answer there contradicts nothing.
pub(super) const CONCLUDED: &[&str] = &["kind", "status", "provider", "model_vendor", "cost_usd"];

/// Where a rule tells which field decided; no field: none did by itself.
pub(super) const DECIDED_BY: &[(&str, &str, &[Field])] = &[
    ("kind", "marker", &[Field::Kind]),
    ("kind", "operation", &[Field::Operation]),
    ("kind", "telling_key", &[]),
    ("kind", "name", &[]),
    ("kind", "model_embeds", &[Field::RequestModel, Field::ResponseModel]),
    ("kind", "nothing_tells", &[]),
    ("operation", "by_kind", &[]),
    ("status", "sent", &[]),
    ("status", "instrumentation_failed", &[]),
    ("status", "exception_event", &[]),
    ("status", "error_type", &[]),
    ("status", "finish_reason", &[]),
    ("status", "nothing_tells", &[]),
    ("provider", "host", &[Field::ServerHost]),
    ("provider", "sent", &[Field::Provider]),
    ("provider", "model", &[Field::RequestModel, Field::ResponseModel]),
    ("http_status_code", "error_message", &[Field::ErrorMessage]),
    ("http_status_code", "error_type", &[Field::ErrorType]),
];
