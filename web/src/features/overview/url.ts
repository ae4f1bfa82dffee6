import { type Filters, parseFilters } from "@/lib/filters";

/** Filters that hold for the whole page. */
export const OVERVIEW_FIELDS = ["app", "model", "provider"] as const;
export type OverviewField = (typeof OVERVIEW_FIELDS)[number];
export type OverviewSearch = Pick<Filters, OverviewField>;

export const parseOverview = (raw: Record<string, unknown>): OverviewSearch => parseFilters(raw, OVERVIEW_FIELDS);
