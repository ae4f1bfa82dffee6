import type { View } from "@/api/types";
import { type Filters, parseFilters } from "@/lib/filters";

export type TracesSearch = Filters & { view?: View; q?: string };

/** `calls` is what an address without a view means, so it is never written. */
export function parseTraces(raw: Record<string, unknown>): TracesSearch {
  const view = raw.view === "traces" || raw.view === "spans" ? { view: raw.view as View } : {};
  const text = Array.isArray(raw.q) ? raw.q[0] : raw.q;
  const q = typeof text === "string" && text.trim() !== "" ? { q: text } : {};
  return { ...view, ...q, ...parseFilters(raw) };
}
