/** The columns of one span, read with care: the API sends them by name and any may be null. Pure. */
import type { SpanDetail } from "@/api/types";

export const textOf = (span: SpanDetail, name: string): string | null => {
  const value = span[name];
  return typeof value === "string" && value !== "" ? value : null;
};

export const numberOf = (span: SpanDetail, name: string): number | null => {
  const value = span[name];
  if (typeof value === "number") return value;
  return typeof value === "string" && value !== "" && Number.isFinite(Number(value)) ? Number(value) : null;
};

export const mapOf = (span: SpanDetail, name: string): Record<string, unknown> => {
  const value = span[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
};

export const listOf = <T>(span: SpanDetail, name: string): T[] => {
  const value = span[name];
  return Array.isArray(value) ? (value as T[]) : [];
};

/** What was asked for and what came back besides the messages, in this order, if known. */
const PARAMETERS = [
  ...["provider", "request_model", "response_model", "response_id", "operation", "stream"],
  ...["temperature", "top_p", "top_k", "max_tokens", "frequency_penalty", "presence_penalty", "seed", "choice_count"],
  ...["stop_sequences", "finish_reasons", "service_tier", "agent_name", "agent_id", "workflow_name"],
  ...["tool_name", "tool_call_id", "prompt_name", "prompt_version", "embedding_dims"],
  ...["db_system", "db_operation", "db_collection", "db_query", "db_top_k", "db_returned", "http_status_code"],
];

export type Row = { name: string; value: string };

const written = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(written).join(", ");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
};

export function parameters(span: SpanDetail): Row[] {
  return PARAMETERS.filter((name) => {
    const value = span[name];
    return value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
  }).map((name) => ({ name, value: written(span[name]) }));
}

/** Attributes by name; `filter` looks in names and values. */
export function attributes(map: Record<string, unknown>, filter: string): Row[] {
  const needle = filter.trim().toLowerCase();
  return Object.entries(map)
    .map(([name, value]) => ({ name, value: written(value) }))
    .filter(
      ({ name, value }) => needle === "" || name.toLowerCase().includes(needle) || value.toLowerCase().includes(needle),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export type SpanEvent = { time: string | null; name: string; attributes: Record<string, unknown> };

export function eventsOf(span: SpanDetail): SpanEvent[] {
  return listOf<Partial<SpanEvent>>(span, "events").map((event) => ({
    time: event.time ?? null,
    name: event.name ?? "?",
    attributes: event.attributes ?? {},
  }));
}

export type Exception = { type: string | null; message: string | null; stack: string | null };

/** Every exception told as an event; nothing is said twice. */
export function exceptions(span: SpanDetail): Exception[] {
  const read = (event: SpanEvent, name: string) => {
    const value = event.attributes[`exception.${name}`];
    return value === undefined || value === null ? null : String(value);
  };
  return eventsOf(span)
    .filter((event) => event.name === "exception" || "exception.type" in event.attributes)
    .map((event) => ({ type: read(event, "type"), message: read(event, "message"), stack: read(event, "stacktrace") }));
}

export const hasError = (span: SpanDetail) =>
  textOf(span, "status") === "error" || textOf(span, "error_type") !== null || exceptions(span).length > 0;

export type UsageRow = {
  part: "input" | "cacheRead" | "cacheWrite" | "output" | "reasoning" | "total";
  tokens: number | null;
  cost: string | null;
};

/** Tokens by part with their money; parts of parts only where they are known. */
export function usage(span: SpanDetail): UsageRow[] {
  const row = (part: UsageRow["part"], tokens: string, cost?: string): UsageRow => ({
    part,
    tokens: numberOf(span, tokens),
    cost: cost ? textOf(span, cost) : null,
  });
  const rows = [
    row("input", "input_tokens", "input_cost_usd"),
    row("cacheRead", "cache_read_tokens"),
    row("cacheWrite", "cache_write_tokens"),
    row("output", "output_tokens", "output_cost_usd"),
    row("reasoning", "reasoning_tokens"),
    row("total", "total_tokens", "cost_usd"),
  ];
  return rows.filter(
    ({ part, tokens, cost }) => ["input", "output", "total"].includes(part) || tokens !== null || cost !== null,
  );
}
