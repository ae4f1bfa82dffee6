// The spans of day.mjs as rows of the table `spans`, roughly: enough to draw pages without the server.

const PRICES = {
  "moonshot-v1-8k": [0.2, 2],
  "kimi-k2-0711-preview": [0.6, 2.5],
  "gpt-4o-mini": [0.15, 0.6],
  "gpt-4o": [2.5, 10],
  "claude-sonnet-4-20250514": [3, 15],
  "deepseek-chat": [0.27, 1.1],
  "text-embedding-3-small": [0.02, 0],
};

const plainValue = ({ stringValue, intValue, doubleValue, boolValue, arrayValue }) =>
  stringValue ??
  doubleValue ??
  boolValue ??
  (intValue === undefined ? arrayValue?.values.map(plainValue) : Number(intValue));
const mapOf = (list) => Object.fromEntries(list.map(({ key, value }) => [key, plainValue(value)]));
const iso = (nanos) => `${new Date(Number(BigInt(nanos) / 1_000_000n)).toISOString().slice(0, -1)}${nanos.slice(-6)}Z`;
const parsed = (text) => (text === undefined ? null : JSON.parse(text));
const plain = (messages) =>
  messages
    ?.at(-1)
    ?.parts.map((part) => part.content ?? (part.name ? `${part.name}(…)` : ""))
    .filter(Boolean)
    .join(" ")
    .slice(0, 200) ?? null;

function kindOf(a) {
  const operation = a["gen_ai.operation.name"];
  if (operation === "embeddings") return "embedding";
  if (operation === "chat") return "llm";
  if (operation === "execute_tool") return "tool";
  if (operation === "invoke_agent") return "agent";
  return a["db.system"] ? "vector_db" : "span";
}

export function rowOf(app, span) {
  const a = mapOf(span.attributes);
  const kind = kindOf(a);
  const counts = kind === "llm" || kind === "embedding";
  const model = a["gen_ai.response.model"] ?? a["gen_ai.request.model"] ?? null;
  const [input, output] = [
    a["gen_ai.usage.input_tokens"] ?? null,
    a["gen_ai.usage.output_tokens"] ?? (kind === "embedding" ? 0 : null),
  ];
  const price = counts && input !== null ? PRICES[model] : undefined;
  const money = price && [(input * price[0]) / 1e6, ((output ?? 0) * price[1]) / 1e6];
  const text = (number) => (number === undefined ? null : number.toFixed(12));
  const inputs = parsed(a["gen_ai.input.messages"]);
  const outputs = parsed(a["gen_ai.output.messages"]);
  const error = span.status.code === 2;
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId ?? null,
    start_time: iso(span.startTimeUnixNano),
    end_time: iso(span.endTimeUnixNano),
    ms: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
    duration_ns: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)),
    name: span.name,
    kind,
    operation: a["gen_ai.operation.name"] ?? null,
    status: error ? "error" : counts ? "ok" : "unset",
    status_message: span.status.message ?? null,
    service_name: app,
    app_name: app,
    app,
    provider: a["gen_ai.provider.name"] ?? null,
    request_model: a["gen_ai.request.model"] ?? null,
    response_model: a["gen_ai.response.model"] ?? null,
    model,
    response_id: a["gen_ai.response.id"] ?? null,
    temperature: a["gen_ai.request.temperature"] ?? null,
    max_tokens: a["gen_ai.request.max_tokens"] ?? null,
    stream: a["gen_ai.request.stream"] ?? null,
    finish_reasons: a["gen_ai.response.finish_reasons"] ?? [],
    input_tokens: input,
    output_tokens: output,
    total_tokens: input === null ? null : input + (output ?? 0),
    cache_read_tokens: a["gen_ai.usage.cache_read.input_tokens"] ?? null,
    usage_source:
      input === null ? null : model === "moonshot-v1-8k" && a["gen_ai.request.stream"] ? "estimated" : "reported",
    counts,
    cost_usd: text(money && money[0] + money[1]),
    input_cost_usd: text(money?.[0]),
    output_cost_usd: text(money?.[1]),
    cost_source: money ? "computed" : null,
    price_id: money ? `genai-prices@0.0.71/${a["gen_ai.provider.name"]}/${model}` : null,
    ttft_ns: a["gen_ai.response.time_to_first_chunk"]
      ? Math.round(a["gen_ai.response.time_to_first_chunk"] * 1e9)
      : null,
    system_instructions: parsed(a["gen_ai.system_instructions"]),
    input_messages: inputs,
    output_messages: outputs,
    session_id: a["session.id"] ?? null,
    user_id: a["user.id"] ?? null,
    agent_name: a["gen_ai.agent.name"] ?? null,
    tool_name: a["gen_ai.tool.name"] ?? null,
    tool_call_id: a["gen_ai.tool.call.id"] ?? null,
    tool_arguments: a["gen_ai.tool.call.arguments"] ?? null,
    tool_result: a["gen_ai.tool.call.result"] ?? null,
    db_system: a["db.system"] ?? null,
    db_operation: a["db.operation.name"] ?? null,
    db_query: a["db.query.text"] ?? null,
    error_type: a["error.type"] ?? null,
    error_message: error ? span.status.message : null,
    events: (span.events ?? []).map((event) => ({
      time: iso(event.timeUnixNano),
      name: event.name,
      attributes: mapOf(event.attributes),
    })),
    links: [],
    attributes: a,
    resource_attributes: { "service.name": app, "telemetry.sdk.name": "opentelemetry" },
    input_preview: plain(inputs),
    output_preview: plain(outputs),
  };
}
