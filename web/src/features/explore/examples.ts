/** Questions to begin with: each runs as it stands. `name` is a key of the translations. */
export const EXAMPLES = [
  {
    name: "costByApp",
    sql: `SELECT coalesce(app_name, service_name) AS app, sum(cost_usd) AS cost_usd, count(*) AS calls
FROM llm_calls
WHERE start_time >= now() - INTERVAL '1 day'
GROUP BY 1
ORDER BY cost_usd DESC NULLS LAST`,
  },
  {
    name: "tokensByHour",
    sql: `SELECT date_trunc('hour', start_time) AS hour, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
FROM llm_calls
WHERE start_time >= now() - INTERVAL '7 days'
GROUP BY 1
ORDER BY 1`,
  },
  {
    name: "cheapest",
    sql: `SELECT coalesce(response_model, request_model) AS model,
  sum(output_cost_usd) / sum(output_tokens) * 1000 AS usd_per_1k_output_tokens, count(*) AS calls
FROM llm_calls
WHERE output_cost_usd IS NOT NULL AND output_tokens > 0
GROUP BY 1
ORDER BY 2`,
  },
  {
    name: "failingTools",
    sql: `SELECT tool_name, count(*) AS calls, count(*) FILTER (WHERE status = 'error') AS failed
FROM spans
WHERE kind = 'tool'
GROUP BY 1
ORDER BY failed DESC, calls DESC`,
  },
  {
    name: "slowest",
    sql: `SELECT start_time, name, coalesce(response_model, request_model) AS model, duration_ns / 1e9 AS seconds,
  ttft_ns / 1e9 AS ttft_seconds, output_tokens, trace_id
FROM llm_calls
ORDER BY duration_ns DESC
LIMIT 50`,
  },
] as const;
