/** What an explanation of a span has to say, in the order in which people ask. Pure. */
import type { ColumnOrigin, SpanExplanation } from "@/api/types";

export const GROUPS = ["numbers", "call", "content", "who", "rest"] as const;
export type GroupId = (typeof GROUPS)[number];

/** Columns by group; what is not here is the rest. */
const MEMBERS: Record<Exclude<GroupId, "rest">, string[]> = {
  numbers: [
    ...["input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"],
    ...["usage_source", "counts", "cost_usd", "input_cost_usd", "output_cost_usd", "reported_cost_usd", "ttft_ns"],
  ],
  call: [
    ...["kind", "operation", "status", "provider", "provider_raw", "model_vendor", "request_model", "response_model"],
    ...["response_id", "temperature", "top_p", "top_k", "max_tokens", "frequency_penalty", "presence_penalty", "seed"],
    ...["choice_count", "stop_sequences", "finish_reasons", "stream", "service_tier"],
  ],
  content: [
    ...["system_instructions", "input_messages", "output_messages", "tool_definitions", "input_value", "output_value"],
  ],
  who: [
    ...["service_name", "service_version", "environment", "app_name", "release", "session_id", "user_id", "tags"],
    ...["agent_id", "agent_name", "workflow_name", "prompt_name", "prompt_version"],
  ],
};

const groupOf = (column: string): GroupId =>
  GROUPS.find((group) => group !== "rest" && MEMBERS[group].includes(column)) ?? "rest";

/** Something here deserves a look: a contradiction, a refusal, a change of the rules. */
export const isTelling = ({ conflicts, refused, today }: ColumnOrigin) =>
  conflicts.length > 0 || refused.length > 0 || today !== null;

export type Group = { id: GroupId; columns: ColumnOrigin[] };

/** Groups that have something to show. */
export function grouped({ columns }: SpanExplanation, tellingOnly: boolean): Group[] {
  const shown = columns.filter((column) => !tellingOnly || isTelling(column));
  return GROUPS.map((id) => ({ id, columns: shown.filter(({ column }) => groupOf(column) === id) })).filter(
    (group) => group.columns.length > 0,
  );
}

export const conflictCount = ({ columns }: SpanExplanation) =>
  columns.reduce((sum, { conflicts }) => sum + conflicts.length, 0);

/** A value as one line. */
export function written(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (Array.isArray(value)) return value.length > 0 ? value.map(written).join(", ") : "—";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Only an address that leads somewhere becomes a link. */
export const isAddress = (spec: string | null): spec is string => spec?.startsWith("https://") ?? false;

/** What fits beside a key; the whole stands in its tooltip. */
const BRIEF_CHARS = 80;

export const brief = (text: string) => {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > BRIEF_CHARS ? `${line.slice(0, BRIEF_CHARS)}…` : line;
};
