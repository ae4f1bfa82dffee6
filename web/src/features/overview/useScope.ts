import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useClock } from "@/lib/clock";
import type { Filters } from "@/lib/filters";
import { type TimeSearch, type Window, windowOf } from "@/lib/time";
import type { Scope } from "./queries";
import type { OverviewSearch } from "./url";

/** The page's window and filters, out of the address and the page's clock. */
export function useScope(): Scope {
  const search = useSearch({ strict: false }) as TimeSearch & OverviewSearch;
  const { now } = useClock();
  const { app, model, provider, range, from, to } = search;
  return useMemo(
    () => ({ window: windowOf({ range, from, to }, now), search: { app, model, provider } }),
    [app, model, provider, range, from, to, now],
  );
}

/** Opens the list with the page's filters and one more; with a window if a bucket was clicked. */
export function useOpenList(): (filters: Filters, window?: Window) => void {
  const navigate = useNavigate();
  const { search } = useScope();
  return (filters, window) => {
    void navigate({
      to: "/traces",
      search: { ...search, ...filters, ...(window ? { from: window.from, to: window.to, range: undefined } : {}) },
    });
  };
}
