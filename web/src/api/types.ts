/** The shapes of the HTTP API. Money is a decimal string, times are RFC 3339, what is not known is null. */

export type Status = {
  version: string;
  uptime_s: number;
  empty: boolean;
  auth: boolean;
  project: string;
  store: {
    rows: { spans: number; logs: number; metrics: number };
    files: number;
    disk_bytes: number;
    memory_bytes: number;
    wal_bytes: number;
  };
  senders: { service_name: string | null; sdk: string | null; last_seen: string; spans: number }[];
};

export type MetricFilter = { field: string; op: "eq" | "ne" | "in" | "contains" | "gt" | "lt"; value: unknown };

export type MetricRequest = {
  metrics: string[];
  splits?: string[];
  filters?: MetricFilter[];
  from?: number | string;
  to?: number | string;
  step_s?: number | null;
  limit?: number;
  order_by?: string;
};

export type Cell = string | number | boolean | null;

export type MetricFrame = {
  columns: { name: string; unit: string | null; type: string }[];
  rows: Cell[][];
  window: { from: string; to: string };
  step_s: number | null;
  truncated: boolean;
};

export type TraceRow = {
  trace_id: string;
  span_id: string | null;
  time: string;
  name: string | null;
  kind: string | null;
  operation: string | null;
  app: string | null;
  provider: string | null;
  model: string | null;
  status: string | null;
  error_type: string | null;
  input_preview: string | null;
  output_preview: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  usage_source: string | null;
  cost_usd: string | null;
  duration_ns: number | null;
  ttft_ns: number | null;
  session_id: string | null;
  user_id: string | null;
  stream: boolean | null;
  span_count?: number | null;
  call_count?: number | null;
  error_count?: number | null;
};

export type TraceList = { items: TraceRow[]; next_cursor?: string | null; total?: number | null };

export type View = "calls" | "traces" | "spans";

export type FilterField = "app" | "model" | "provider" | "status" | "kind" | "operation" | "user" | "session";

export type ListQuery = { view?: View; from?: number; to?: number; q?: string } & Partial<
  Record<FilterField, string[]>
>;

export type Facets = { items: { field: string; values: { value: string | null; count: number }[] }[] };

export type Histogram = { step_s: number; buckets: { time: string; count: number; errors: number }[] };

export type TreeSpan = {
  span_id: string;
  parent_span_id: string | null;
  parent_missing: boolean;
  name: string;
  kind: string;
  operation: string | null;
  status: string;
  start_time: string;
  duration_ns: number;
  ttft_ns: number | null;
  model: string | null;
  provider: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  usage_source: string | null;
  counts: boolean;
  cost_usd: string | null;
  depth: number;
  input_preview: string | null;
  output_preview: string | null;
  tool_name: string | null;
  db_system: string | null;
  service_name: string | null;
  running: boolean;
  error_type: string | null;
};

export type Trace = {
  trace_id: string;
  start_time: string;
  end_time: string;
  duration_ns: number;
  span_count: number;
  call_count: number;
  error_count: number;
  status: string;
  app: string | null;
  session_id: string | null;
  user_id: string | null;
  models: string[];
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  cost_usd: string | null;
  unpriced_calls: number;
  complete: boolean;
  spans: TreeSpan[];
  next?: string | null;
};

export type SpanLog = {
  time: string | null;
  event_name: string | null;
  severity: string | null;
  body: unknown;
  attributes: Record<string, unknown>;
};

/** Every column of table `spans`, by name; JSON columns arrive as JSON. */
export type SpanDetail = { trace_id: string; span_id: string; logs: SpanLog[] } & Record<string, unknown>;
