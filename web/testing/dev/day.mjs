// A believable day as OTLP JSON, always the same: chats (streamed or not, some failing, some without a price), RAG with
// a vector store, agents with tools. For looking at pages while working on them.

let state = 42;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const pick = (list) => list[Math.floor(random() * list.length)];
const hex = (bytes) => Array.from({ length: bytes * 2 }, () => Math.floor(random() * 16).toString(16)).join("");
const between = (low, high) => low + random() * (high - low);
/** Long tails, as latencies have. */
const skewed = (typical) => typical * Math.exp(between(-0.7, 0.9)) * (random() < 0.04 ? 4 : 1);

const attribute = (key, value) => ({
  key,
  value:
    typeof value === "boolean"
      ? { boolValue: value }
      : typeof value === "number"
        ? Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value }
        : Array.isArray(value)
          ? { arrayValue: { values: value.map((one) => ({ stringValue: one })) } }
          : { stringValue: value },
});
const attributes = (map) =>
  Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => attribute(key, value));

const MODELS = [
  { provider: "moonshot_ai", model: "moonshot-v1-8k", tps: 40, weight: 5 },
  { provider: "moonshot_ai", model: "kimi-k2-0711-preview", tps: 60, weight: 3 },
  { provider: "openai", model: "gpt-4o-mini", tps: 90, weight: 4 },
  { provider: "openai", model: "gpt-4o", tps: 60, weight: 2 },
  { provider: "anthropic", model: "claude-sonnet-4-20250514", tps: 70, weight: 3 },
  { provider: "deepseek", model: "deepseek-chat", tps: 35, weight: 2 },
  { provider: "openai", model: "acme-private-7b", tps: 80, weight: 1 },
];
const BAG = MODELS.flatMap((model) => Array(model.weight).fill(model));
const APPS = ["kimi_openlit_flask", "support-bot", "docs-rag", "research-agent"];
const TALK = [
  [
    "你好，请用三句话介绍一下量子纠缠。",
    "量子纠缠是两个粒子之间的一种**关联**：\n\n1. 测量其中一个会立刻确定另一个的状态；\n2. 这种关联与距离无关；\n3. 它不能用来超光速通信。",
  ],
  ["我的订单 20451 为什么还没有退款？", "您好，退款申请已于昨天通过审核，款项将在 **1–3 个工作日** 内原路返回。"],
  [
    "Explain the difference between a mutex and a semaphore.",
    "A **mutex** has an owner: only the thread that locked it may unlock it.\n\nA *semaphore* counts permits:\n\n```python\nsem = Semaphore(3)\nwith sem:\n    work()\n```\n\n| | mutex | semaphore |\n|---|---|---|\n| owner | yes | no |\n| count | 1 | n |",
  ],
  [
    "Write a haiku about columnar storage.",
    "Columns side by side,\nrun lengths whispering of sames —\nthe scan skips the rest.",
  ],
  [
    "Translate to French: <b>good morning</b> <script>alert(1)</script>",
    "**Bonjour** — the tags `<b>` were left as they are: <b>bonjour</b>",
  ],
];
const SYSTEM = [
  "You are a helpful assistant. Answer briefly.",
  "你是 Kimi，由 Moonshot AI 提供的人工智能助手。",
  undefined,
];

const text = (content) => [{ type: "text", content }];
const nanos = (ms) => `${Math.floor(ms)}${String(Math.floor((ms % 1) * 1e6)).padStart(6, "0")}`;

function span(trace, parent, name, start, ms, map, extra = {}) {
  return {
    traceId: trace,
    spanId: hex(8),
    ...(parent ? { parentSpanId: parent } : {}),
    name,
    kind: extra.kind ?? 1,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + ms),
    attributes: attributes(map),
    ...(extra.events ? { events: extra.events } : {}),
    status: extra.status ?? {},
  };
}

const ERRORS = [
  ["RateLimitError", "429 Too Many Requests: quota of the organisation is used up"],
  ["APITimeoutError", "request timed out after 60 s"],
  ["BadRequestError", "maximum context length is 8192 tokens"],
];

function chat(trace, parent, start, context, more = {}) {
  const model = more.model ?? pick(BAG);
  const [question, answer] = more.talk ?? pick(TALK);
  const stream = random() < 0.6;
  const failed = random() < 0.06;
  const input = Math.floor(skewed(more.input ?? 600));
  const output = Math.floor(skewed(220));
  const ttft = skewed(380);
  const ms = failed ? skewed(900) : ttft + (output / model.tps) * 1_000;
  const system = pick(SYSTEM);
  const error = failed ? pick(ERRORS) : null;
  const made = span(
    trace,
    parent,
    `chat ${model.model}`,
    start,
    ms,
    {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": model.provider,
      "gen_ai.request.model": model.model,
      "gen_ai.response.model": failed ? undefined : model.model,
      "gen_ai.response.id": failed ? undefined : `chatcmpl-${hex(8)}`,
      "gen_ai.request.temperature": pick([0.3, 0.3, 0.7, 0.2, undefined]),
      "gen_ai.request.max_tokens": pick([1024, 4096, undefined]),
      "gen_ai.request.stream": stream,
      "gen_ai.usage.input_tokens": failed ? undefined : input,
      "gen_ai.usage.output_tokens": failed ? undefined : output,
      "gen_ai.usage.cache_read.input_tokens": !failed && random() < 0.3 ? Math.floor(input * 0.6) : undefined,
      "gen_ai.response.finish_reasons": failed ? undefined : [more.finish ?? "stop"],
      "gen_ai.server.time_to_first_token": stream && !failed ? ttft / 1_000 : undefined,
      "gen_ai.response.time_to_first_chunk": stream && !failed ? ttft / 1_000 : undefined,
      "gen_ai.system_instructions": system ? JSON.stringify(text(system)) : undefined,
      "gen_ai.input.messages": JSON.stringify(more.messages ?? [{ role: "user", parts: text(question) }]),
      "gen_ai.output.messages": failed
        ? undefined
        : JSON.stringify([
            { role: "assistant", parts: more.parts ?? text(answer), finish_reason: more.finish ?? "stop" },
          ]),
      "gen_ai.conversation.id": context.session,
      "session.id": context.session,
      "user.id": context.user,
      "error.type": error?.[0],
    },
    {
      kind: 3,
      status: error ? { code: 2, message: error[1] } : {},
      events: error
        ? [
            {
              timeUnixNano: nanos(start + ms),
              name: "exception",
              attributes: attributes({
                "exception.type": `openai.${error[0]}`,
                "exception.message": error[1],
                "exception.stacktrace": `Traceback (most recent call last):\n  File "app.py", line 48, in ask\n    client.chat.completions.create(\n  File "openai/_base_client.py", line 1037, in request\n    raise self._make_status_error_from_response(err.response)\nopenai.${error[0]}: ${error[1]}`,
              }),
            },
          ]
        : undefined,
    },
  );
  return { span: made, ms };
}

function web(start, context) {
  const trace = hex(16);
  const root = span(
    trace,
    null,
    "POST /ask",
    start,
    1,
    { "http.request.method": "POST", "url.path": "/ask" },
    { kind: 2 },
  );
  const { span: call, ms } = chat(trace, root.spanId, start + 6, context);
  root.endTimeUnixNano = nanos(start + ms + 14);
  return [root, call];
}

function rag(start, context) {
  const trace = hex(16);
  const root = span(trace, null, "answer_question", start, 1, {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": "docs-rag",
    "session.id": context.session,
    "user.id": context.user,
  });
  const query = pick(TALK)[0];
  const embedding = span(
    trace,
    root.spanId,
    "embeddings text-embedding-3-small",
    start + 4,
    skewed(120),
    {
      "gen_ai.operation.name": "embeddings",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "text-embedding-3-small",
      "gen_ai.usage.input_tokens": Math.floor(between(10, 60)),
    },
    { kind: 3 },
  );
  const system = pick(["milvus", "chroma", "qdrant"]);
  const lookup = span(
    trace,
    root.spanId,
    `${system}.search`,
    start + 160,
    skewed(35),
    {
      "db.system": system,
      "db.operation.name": "search",
      "db.collection.name": "manual",
      "db.query.text": query,
      "db.vector.query.top_k": 5,
    },
    { kind: 3 },
  );
  const { span: call, ms } = chat(trace, root.spanId, start + 230, context, { input: 2_400 });
  root.endTimeUnixNano = nanos(start + 230 + ms + 3);
  return [root, embedding, lookup, call];
}

function agent(start, context) {
  const trace = hex(16);
  const model = pick(BAG);
  const root = span(trace, null, "invoke_agent researcher", start, 1, {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": "researcher",
    "session.id": context.session,
    "user.id": context.user,
  });
  const spans = [root];
  const messages = [{ role: "user", parts: text("Find the population of Lyon and Nantes and compare them.") }];
  let at = start + 5;
  const steps = 1 + Math.floor(random() * 4);
  for (let step = 0; step < steps; step++) {
    const id = `call_${hex(6)}`;
    const city = pick(["Lyon", "Nantes"]);
    const parts = [
      { type: "reasoning", content: `I need the population of ${city}; the search tool has it.` },
      { type: "tool_call", id, name: "web_search", arguments: { query: `population of ${city}`, top: 3 } },
    ];
    const { span: call, ms } = chat(trace, root.spanId, at, context, {
      model,
      messages: [...messages],
      parts,
      finish: "tool_call",
    });
    spans.push(call);
    at += ms + 2;
    const took = skewed(420);
    const result = {
      results: [
        {
          title: `${city} — Wikipedia`,
          snippet: `${city} has ${city === "Lyon" ? "522,250" : "323,204"} inhabitants.`,
        },
      ],
    };
    const tool = span(trace, root.spanId, "execute_tool web_search", at, took, {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "web_search",
      "gen_ai.tool.call.id": id,
      "gen_ai.tool.call.arguments": JSON.stringify(parts[1].arguments),
      "gen_ai.tool.call.result": JSON.stringify(result),
    });
    spans.push(
      tool,
      span(
        trace,
        tool.spanId,
        "GET",
        at + 3,
        took * 0.9,
        { "http.request.method": "GET", "server.address": "search.example" },
        { kind: 3 },
      ),
    );
    messages.push(
      { role: "assistant", parts },
      { role: "tool", parts: [{ type: "tool_call_response", id, response: result }] },
    );
    at += took + 2;
  }
  const { span: last, ms } = chat(trace, root.spanId, at, context, {
    model,
    messages,
    talk: ["", "**Lyon** has 522,250 inhabitants, **Nantes** 323,204: Lyon is about *1.6 times* larger."],
  });
  spans.push(last);
  root.endTimeUnixNano = nanos(at + ms + 5);
  return random() < 0.05 ? spans.slice(1) : spans;
}

const SHAPES = { kimi_openlit_flask: web, "support-bot": web, "docs-rag": rag, "research-agent": agent };

/** Spans by app, the newest a few seconds old. */
export function day(amount, now = Date.now()) {
  const groups = new Map();
  for (let index = 0; index < amount; index++) {
    const app = pick(APPS);
    // Denser towards now, so that short ranges show something too.
    const age = random() ** 1.6 * 48 * 3_600_000;
    const context = {
      session: `s-${Math.floor(random() * 60)}`,
      user: pick(["alice", "bob", "李雷", "韩梅梅", "carol", "dave"]),
    };
    groups.set(app, [...(groups.get(app) ?? []), ...SHAPES[app](now - age - 30_000, context)]);
  }
  return groups;
}

export function request(app, spans) {
  const resource = {
    "service.name": app,
    "deployment.environment": "demo",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": "python",
  };
  return {
    resourceSpans: [
      { resource: { attributes: attributes(resource) }, scopeSpans: [{ scope: { name: "seed" }, spans }] },
    ],
  };
}
