import { useMemo } from "react";
import { useClock } from "./clock";
import { type Filters, parseFilters } from "./filters";
import type { Order } from "./order";
import { type TimeSearch, type Window, windowOf } from "./time";

type Search = TimeSearch & Filters & { order?: Order; q?: string };

/** What a list is asked by: the address's window at the page's moment, its filters, order and words. The same as long as they are. */
export function useAsked(search: Search): Window & Filters & { order?: Order; q?: string } {
  const { now } = useClock();
  const filters = JSON.stringify(parseFilters(search));
  const { range, from, to, order, q } = search;
  return useMemo(
    () => ({ ...windowOf({ range, from, to }, now), order, q, ...(JSON.parse(filters) as Filters) }),
    [range, from, to, now, order, q, filters],
  );
}
