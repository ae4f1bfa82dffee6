//! The views: what a query may name beside the stored tables.
//!
//! In: the stored tables of one session. Out: their definitions as SQL, expanded like any view, so that push-down and
//! projection pruning work through them and a column that nobody reads costs nothing.

/// Rows that are a model call, whoever owns its tokens.
pub(crate) const IS_MODEL: &str = "(kind IN ('llm', 'embedding', 'rerank'))";

/// Rows that are a model call and own their tokens.
pub(crate) const IS_CALL: &str = "(counts AND kind IN ('llm', 'embedding', 'rerank'))";

/// Of these, calls whose cost is not known though there was something to pay: one that failed without using a token cost
/// nothing that anybody knows of.
pub(crate) const IS_UNPRICED: &str = "(cost_usd IS NULL AND NOT (status = 'error' AND usage_source IS NULL))";

/// The spans under `llm_calls`: see `wrappers`.
pub(crate) const CALL_ROWS: &str = "spans_with_wrappers";

/// A view: its name and definition.
pub(crate) struct View {
    /// The name in SQL.
    pub(crate) name: &'static str,
    /// The definition over stored tables.
    pub(crate) sql: &'static str,
}

/// Every view.
pub(crate) const VIEWS: &[View] = &[
    View { name: "llm_calls", sql: LLM_CALLS },
    View { name: "traces", sql: TRACES },
    View { name: "sessions", sql: SESSIONS },
];

/// Every real model call exactly once.
const LLM_CALLS: &str = "SELECT * FROM spans_with_wrappers WHERE counts AND kind IN ('llm', 'embedding', 'rerank')";

/// One row a trace. The root is the earliest span without parent, else the earliest span.
const TRACES: &str = "\
SELECT
  trace_id,
  min(project) AS project,
  first_value(span_id ORDER BY (parent_span_id IS NOT NULL), start_time, span_id) AS root_span_id,
  first_value(name ORDER BY (parent_span_id IS NOT NULL), start_time, span_id) AS name,
  first_value(kind ORDER BY (parent_span_id IS NOT NULL), start_time, span_id) AS kind,
  first_value(operation ORDER BY (parent_span_id IS NOT NULL), start_time, span_id) AS operation,
  first_value(status ORDER BY (parent_span_id IS NOT NULL), start_time, span_id) AS status,
  min(start_time) AS start_time,
  greatest(max(end_time), max(start_time)) AS end_time,
  greatest(CAST(max(end_time) AS BIGINT), CAST(max(start_time) AS BIGINT)) - CAST(min(start_time) AS BIGINT)
    AS duration_ns,
  count(*) AS span_count,
  count(*) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS call_count,
  count(*) FILTER (WHERE kind = 'tool') AS tool_count,
  count(*) FILTER (WHERE status = 'error') AS error_count,
  sum(input_tokens) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS input_tokens,
  sum(output_tokens) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS output_tokens,
  sum(total_tokens) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS total_tokens,
  CAST(sum(cost_usd) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS DECIMAL(24, 12)) AS cost_usd,
  count(*) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')
    AND cost_usd IS NULL AND NOT (status = 'error' AND usage_source IS NULL)) AS unpriced_calls,
  count(*) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank') AND usage_source = 'estimated') AS estimated_calls,
  bool_or(truncated) AS truncated,
  bool_or(redacted) AS redacted,
  array_sort(array_agg(DISTINCT coalesce(response_model, request_model))
    FILTER (WHERE coalesce(response_model, request_model) IS NOT NULL)) AS models,
  array_sort(array_agg(DISTINCT provider) FILTER (WHERE provider IS NOT NULL)) AS providers,
  first_value(coalesce(app_name, service_name) ORDER BY (parent_span_id IS NOT NULL), start_time, span_id) AS app,
  first_value(session_id ORDER BY start_time, span_id) FILTER (WHERE session_id IS NOT NULL) AS session_id,
  first_value(user_id ORDER BY start_time, span_id) FILTER (WHERE user_id IS NOT NULL) AS user_id,
  first_value(coalesce(input_messages, input_value) ORDER BY start_time, span_id)
    FILTER (WHERE coalesce(input_messages, input_value) IS NOT NULL) AS first_input,
  last_value(coalesce(output_messages, output_value) ORDER BY end_time, span_id)
    FILTER (WHERE coalesce(output_messages, output_value) IS NOT NULL) AS last_output,
  bool_or(parent_span_id IS NULL) AND bool_and(CAST(end_time AS BIGINT) <> 0) AS complete
FROM spans GROUP BY trace_id";

/// One row a session.
const SESSIONS: &str = "\
SELECT
  session_id,
  min(project) AS project,
  first_value(user_id ORDER BY start_time, span_id) FILTER (WHERE user_id IS NOT NULL) AS user_id,
  first_value(coalesce(app_name, service_name) ORDER BY start_time, span_id) AS app,
  min(start_time) AS start_time,
  greatest(max(end_time), max(start_time)) AS end_time,
  count(DISTINCT trace_id) AS trace_count,
  count(*) AS span_count,
  count(*) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS call_count,
  count(*) FILTER (WHERE status = 'error') AS error_count,
  sum(input_tokens) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS input_tokens,
  sum(output_tokens) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS output_tokens,
  sum(total_tokens) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS total_tokens,
  CAST(sum(cost_usd) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')) AS DECIMAL(24, 12)) AS cost_usd,
  count(*) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank')
    AND cost_usd IS NULL AND NOT (status = 'error' AND usage_source IS NULL)) AS unpriced_calls,
  count(*) FILTER (WHERE counts AND kind IN ('llm', 'embedding', 'rerank') AND usage_source = 'estimated') AS estimated_calls,
  bool_or(truncated) AS truncated,
  bool_or(redacted) AS redacted,
  array_sort(array_agg(DISTINCT coalesce(response_model, request_model))
    FILTER (WHERE coalesce(response_model, request_model) IS NOT NULL)) AS models,
  first_value(coalesce(input_messages, input_value) ORDER BY start_time, span_id)
    FILTER (WHERE coalesce(input_messages, input_value) IS NOT NULL) AS first_input
FROM spans WHERE session_id IS NOT NULL GROUP BY session_id";
