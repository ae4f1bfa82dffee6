// The HTTP API over made-up rows, for looking at pages without building the server. Never part of a build:
//   node testing/dev/mock.mjs 19530 600   then   PELLUCID_SERVER=http://127.0.0.1:19530 npm run dev
import { createServer } from "node:http";
import { day } from "./day.mjs";
import { rowOf } from "./rows.mjs";

const [port = "19530", amount = "600"] = process.argv.slice(2);
const rows = [...day(Number(amount))].flatMap(([app, spans]) => spans.map((span) => rowOf(app, span)));
rows.sort((a, b) => b.ms - a.ms);

const sum = (list, name) => list.reduce((total, row) => total + Number(row[name] ?? 0), 0);
const known = (list, name) =>
  list
    .map((row) => row[name])
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
const average = (values) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : null);
const quantile = (values, q) =>
  values.length ? values[Math.min(values.length - 1, Math.floor(q * values.length))] : null;
const errors = (list) => list.filter((row) => row.status === "error").length;
const money = (list) => sum(list, "cost_usd").toFixed(12);
const calls = (read, unit, zero = false) => ({ base: (row) => row.counts, read, unit, zero });
const stores = (read, unit, zero = false) => ({ base: (row) => row.kind === "vector_db", read, unit, zero });

const METRICS = {
  requests: calls((list) => list.length, "1", true),
  errors: calls(errors, "1", true),
  error_rate: calls((list) => (list.length ? errors(list) / list.length : null), "ratio"),
  input_tokens: calls((list) => sum(list, "input_tokens"), "tokens", true),
  output_tokens: calls((list) => sum(list, "output_tokens"), "tokens", true),
  total_tokens: calls((list) => sum(list, "total_tokens"), "tokens", true),
  cost: calls(money, "usd", true),
  avg_cost: calls((list) => {
    const priced = list.filter((row) => row.cost_usd !== null);
    return priced.length ? (sum(priced, "cost_usd") / priced.length).toFixed(12) : null;
  }, "usd"),
  unpriced_calls: calls((list) => list.filter((row) => row.cost_usd === null).length, "1", true),
  estimated_calls: calls((list) => list.filter((row) => row.usage_source === "estimated").length, "1", true),
  latency_avg: calls((list) => average(known(list, "duration_ns")), "ns"),
  latency_p50: calls((list) => quantile(known(list, "duration_ns"), 0.5), "ns"),
  latency_p95: calls((list) => quantile(known(list, "duration_ns"), 0.95), "ns"),
  latency_p99: calls((list) => quantile(known(list, "duration_ns"), 0.99), "ns"),
  ttft_avg: calls((list) => average(known(list, "ttft_ns")), "ns"),
  ttft_p50: calls((list) => quantile(known(list, "ttft_ns"), 0.5), "ns"),
  ttft_p95: calls((list) => quantile(known(list, "ttft_ns"), 0.95), "ns"),
  distinct_users: calls((list) => new Set(known(list, "user_id")).size, "1", true),
  db_requests: stores((list) => list.length, "1", true),
  db_latency_avg: stores((list) => average(known(list, "duration_ns")), "ns"),
  db_latency_p95: stores((list) => quantile(known(list, "duration_ns"), 0.95), "ns"),
};

function query({ metrics, splits = [], filters = [], from, to, step_s, limit = 100, order_by }) {
  const holds = (row) =>
    filters.every(({ field, op, value }) => (op === "in" ? value.includes(row[field]) : row[field] === value));
  const base = METRICS[metrics[0]].base;
  const found = rows.filter((row) => row.ms >= from && row.ms < to && base(row) && holds(row));
  const groups = (list, key) => {
    const map = new Map();
    for (const row of list) {
      const at = JSON.stringify(key(row));
      map.set(at, [...(map.get(at) ?? []), row]);
    }
    return map;
  };
  const rank = METRICS[order_by ?? metrics[0]].read;
  const bySplit = [...groups(found, (row) => splits.map((split) => row[split] ?? null))].sort(
    (a, b) => Number(rank(b[1])) - Number(rank(a[1])),
  );
  const kept = splits.length ? bySplit.slice(0, limit) : [["[]", found]];
  const values = (list) => metrics.map((id) => METRICS[id].read(list));
  const step = (step_s ?? 0) * 1_000;
  const out = [];
  for (const [key, list] of kept) {
    if (!step) out.push([...JSON.parse(key), ...values(list)]);
    else if (splits.length)
      for (const [at, some] of groups(list, (row) => Math.floor(row.ms / step) * step))
        out.push([new Date(Number(at)).toISOString(), ...JSON.parse(key), ...values(some)]);
    else
      for (let at = Math.floor(from / step) * step; at < to; at += step) {
        const some = list.filter((row) => row.ms >= at && row.ms < at + step);
        out.push([
          new Date(at).toISOString(),
          ...metrics.map((id) => (some.length || METRICS[id].zero ? METRICS[id].read(some) : null)),
        ]);
      }
  }
  const columns = [
    ...(step ? [{ name: "time", unit: null }] : []),
    ...splits.map((name) => ({ name, unit: null })),
    ...metrics.map((id) => ({ name: id, unit: METRICS[id].unit })),
  ];
  return {
    columns: columns.map((column) => ({ ...column, type: "Utf8" })),
    rows: out,
    window: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    step_s: step_s ?? null,
    truncated: splits.length > 0 && bySplit.length > limit,
  };
}

const FIELDS = {
  app: "app",
  model: "model",
  provider: "provider",
  status: "status",
  kind: "kind",
  operation: "operation",
  user: "user_id",
  session: "session_id",
};

function listed(params, except) {
  const view = params.get("view") ?? "calls";
  const q = params.get("q")?.toLowerCase();
  return rows.filter(
    (row) =>
      row.ms >= Number(params.get("from")) &&
      row.ms < Number(params.get("to")) &&
      (view !== "calls" || row.counts) &&
      (!q || JSON.stringify([row.name, row.input_messages, row.output_messages]).toLowerCase().includes(q)) &&
      Object.entries(FIELDS).every(
        ([name, field]) =>
          name === except || params.getAll(name).length === 0 || params.getAll(name).includes(row[field]),
      ),
  );
}

function treeOf(id) {
  const spans = rows.filter((row) => row.trace_id === id).sort((a, b) => (a.start_time < b.start_time ? -1 : 1));
  const ids = new Set(spans.map((row) => row.span_id));
  const out = [];
  const walk = (row, depth) => {
    out.push({
      ...row,
      depth,
      running: false,
      parent_missing: row.parent_span_id !== null && !ids.has(row.parent_span_id),
    });
    for (const child of spans.filter((one) => one.parent_span_id === row.span_id)) walk(child, depth + 1);
  };
  for (const row of spans.filter((one) => !ids.has(one.parent_span_id))) walk(row, 0);
  return out;
}

function summary(spans) {
  const own = spans.filter((row) => row.counts);
  const [start, end] = [
    spans.map((row) => row.start_time).sort()[0],
    spans
      .map((row) => row.end_time)
      .sort()
      .at(-1),
  ];
  return {
    trace_id: spans[0].trace_id,
    start_time: start,
    end_time: end,
    duration_ns: (Date.parse(end) - Date.parse(start)) * 1e6,
    span_count: spans.length,
    call_count: own.length,
    error_count: errors(spans),
    status: errors(spans) ? "error" : "ok",
    app: spans[0].app,
    session_id: spans[0].session_id,
    user_id: spans[0].user_id,
    models: [...new Set(known(own, "model"))],
    input_tokens: sum(own, "input_tokens"),
    output_tokens: sum(own, "output_tokens"),
    total_tokens: sum(own, "total_tokens"),
    cost_usd: own.some((row) => row.cost_usd) ? money(own) : null,
    unpriced_calls: own.filter((row) => row.cost_usd === null).length,
    complete: spans.every((row) => !row.parent_missing),
  };
}

function list(params) {
  const limit = Number(params.get("limit") ?? 50);
  const offset = Number(params.get("cursor") ?? 0);
  let found = listed(params);
  if (params.get("view") === "traces")
    found = [...new Set(found.map((row) => row.trace_id))].map((id) => {
      const tree = treeOf(id);
      const total = summary(tree);
      return {
        ...tree[0],
        ...total,
        model: total.models[0] ?? null,
        input_preview: tree.find((row) => row.input_preview)?.input_preview ?? null,
        output_preview: tree.findLast((row) => row.output_preview)?.output_preview ?? null,
      };
    });
  const items = found.slice(offset, offset + limit).map((row) => ({ ...row, time: row.start_time }));
  return { items, ...(offset + limit < found.length ? { next_cursor: String(offset + limit) } : {}) };
}

function facets(params) {
  return {
    items: ["app", "model", "provider", "status", "kind", "operation"].map((field) => {
      const counts = new Map();
      for (const row of listed(params, field))
        if (row[field] !== null) counts.set(row[field], (counts.get(row[field]) ?? 0) + 1);
      return {
        field,
        values: [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count),
      };
    }),
  };
}

function histogram(params) {
  const [from, to] = [Number(params.get("from")), Number(params.get("to"))];
  const step =
    [1, 5, 10, 15, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 43_200].find(
      (one) => one * 1_000 >= (to - from) / 80,
    ) * 1_000;
  const buckets = [];
  for (let at = Math.floor(from / step) * step; at < to; at += step)
    buckets.push({ time: new Date(at).toISOString(), count: 0, errors: 0 });
  for (const row of listed(params)) {
    const bucket = buckets[Math.floor((row.ms - Date.parse(buckets[0].time)) / step)];
    bucket.count++;
    bucket.errors += row.status === "error" ? 1 : 0;
  }
  return { step_s: step / 1_000, buckets };
}

const status = () => ({
  version: "0.1.0",
  uptime_s: 60,
  empty: rows.length === 0,
  auth: false,
  project: "default",
  store: { rows: { spans: rows.length, logs: 0, metrics: 0 }, files: 1, disk_bytes: 1, memory_bytes: 1, wal_bytes: 1 },
  senders: rows.length
    ? [{ service_name: "kimi_openlit_flask", sdk: "opentelemetry", last_seen: new Date().toISOString(), spans: 120 }]
    : [],
});

function answer({ pathname, searchParams }, body) {
  const [, traceId, spanId] = /^\/api\/v1\/(?:traces|spans)\/(\w+)(?:\/(\w+))?$/.exec(pathname) ?? [];
  if (spanId) {
    const row = rows.find((one) => one.trace_id === traceId && one.span_id === spanId);
    return row && { ...row, logs: [] };
  }
  if (traceId) {
    const spans = treeOf(traceId);
    return spans.length ? { ...summary(spans), spans } : undefined;
  }
  const routes = {
    status,
    query: () => query(body),
    traces: () => list(searchParams),
    facets: () => facets(searchParams),
    histogram: () => histogram(searchParams),
  };
  return routes[pathname.replace("/api/v1/", "")]?.();
}

createServer(async (incoming, outgoing) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const found = answer(new URL(incoming.url, "http://mock"), chunks.length ? JSON.parse(Buffer.concat(chunks)) : null);
  outgoing.writeHead(found ? 200 : 404, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(found ?? { error: { code: "not_found", message: "not here", hint: null } }));
}).listen(Number(port), "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${port}`));
