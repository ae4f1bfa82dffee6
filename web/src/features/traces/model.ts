/** What the list shows of an answer. Pure. */
import type { Histogram, Snippet, View } from "@/api/types";
import type { Filters } from "@/lib/filters";

export type Facet = { value: string; count: number; chosen: boolean };

/** The values of a field with the chosen ones always there, even if nothing matches them any more. */
export function facetValues(values: { value: string | null; count: number }[], chosen: string[]): Facet[] {
  const known = values
    .filter((one): one is { value: string; count: number } => one.value !== null)
    .map((one) => ({ ...one, chosen: chosen.includes(one.value) }));
  const missing = chosen
    .filter((value) => !known.some((one) => one.value === value))
    .map((value) => ({ value, count: 0, chosen: true }));
  return [...missing, ...known];
}

export const COLUMNS = [
  "status",
  "time",
  "kind",
  "name",
  "app",
  "model",
  "input",
  "output",
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "cost",
  "ttft",
  "duration",
  "spans",
  "user",
  "session",
] as const;
export type ColumnId = (typeof COLUMNS)[number];

/** Columns that a view starts with; the picker adds and removes. */
const SHOWN: Record<View, readonly ColumnId[]> = {
  calls: [
    "status",
    "time",
    "app",
    "model",
    "input",
    "output",
    "input_tokens",
    "output_tokens",
    "cost",
    "ttft",
    "duration",
  ],
  traces: ["status", "time", "name", "app", "model", "input", "output", "spans", "total_tokens", "cost", "duration"],
  spans: ["status", "time", "kind", "name", "app", "model", "input", "output", "total_tokens", "cost", "duration"],
};

export function visibility(view: View, kept: string | null): Record<ColumnId, boolean> {
  const chosen = kept ? kept.split(",") : SHOWN[view];
  return Object.fromEntries(COLUMNS.map((id) => [id, chosen.includes(id)])) as Record<ColumnId, boolean>;
}

/** Columns whose texts are answers: a line from one stands where the answer does. */
const OUTPUTS: readonly string[] = ["output_messages", "output_value", "tool_result", "error_message"];

export const isOfOutput = (snippet: Snippet) => OUTPUTS.includes(snippet.column);

/** Rows in the whole window, as the histogram counts them. */
export const totalOf = (histogram: Histogram | undefined) =>
  histogram?.buckets.reduce((sum, bucket) => sum + bucket.count, 0);

/** The window that a drag from one bar to another means, in either direction. */
export function dragged(histogram: Histogram, a: number, b: number): { from: number; to: number } | null {
  const [first, last] = [histogram.buckets[Math.min(a, b)], histogram.buckets[Math.max(a, b)]];
  if (!first || !last) return null;
  return { from: Date.parse(first.time), to: Date.parse(last.time) + histogram.step_s * 1_000 };
}

/** The facets a view can be filtered by: calls are calls by definition, so their kind says little but is asked for. */
export const FACET_FIELDS = [
  "app",
  "model",
  "provider",
  "status",
  "kind",
  "operation",
] as const satisfies readonly (keyof Filters)[];
