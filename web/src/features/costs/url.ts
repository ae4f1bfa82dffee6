import { type Filters, parseFilters } from "@/lib/filters";

/** What the money is split by. */
export const SPLITS = ["model", "app", "user", "session"] as const;
export type Split = (typeof SPLITS)[number];

export type CostsSearch = Filters & { by?: Split };

/** `model` is what an address without a split means, so it is never written. */
export function parseCosts(raw: Record<string, unknown>): CostsSearch {
  const value = Array.isArray(raw.by) ? raw.by[0] : raw.by;
  const by = SPLITS.find((known) => known === value);
  return { ...(by && by !== "model" ? { by } : {}), ...parseFilters(raw) };
}
