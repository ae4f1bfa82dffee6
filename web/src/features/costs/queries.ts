/** Every question of the page; all carry the window in their key: one refresh asks them all anew. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getAuditLine, getPrices, getUnpriced, queryMetrics } from "@/api/client";
import type { MetricRequest } from "@/api/types";
import { metricFilters } from "@/components/chart/frame";
import type { Filters } from "@/lib/filters";
import { before, stepOf, type Window } from "@/lib/time";
import type { Split } from "./url";

/** What all panels share. */
export type Scope = { window: Window; filters: Filters };

const SERIES = 8;
const ROWS = 50;
const POLL_MS = 700;

const SUMS = ["cost", "input_cost", "output_cost", "requests", "unpriced_calls", "estimated_calls"];
const TOKENS = ["input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens"];

/** The field of the catalogue. */
export const fieldOf: Record<Split, string> = {
  model: "model",
  app: "app",
  user: "user_id",
  session: "session_id",
};

function metrics(name: string, { window, filters }: Scope, request: MetricRequest) {
  const body = { ...request, filters: metricFilters(filters), ...window };
  return queryOptions({
    queryKey: ["query", name, body],
    queryFn: ({ signal }) => queryMetrics(body, { signal }),
    placeholderData: keepPreviousData,
  });
}

const earlier = (scope: Scope): Scope => ({ ...scope, window: before(scope.window) });

export const totals = (scope: Scope) => metrics("cost totals", scope, { metrics: [...SUMS, ...TOKENS] });
export const totalsBefore = (scope: Scope) => metrics("cost before", earlier(scope), { metrics: [...SUMS, ...TOKENS] });

export const costOverTime = (scope: Scope, by: Split) =>
  metrics(`cost by ${by}`, scope, {
    metrics: ["cost"],
    splits: [fieldOf[by]],
    step_s: stepOf(scope.window),
    limit: SERIES,
    order_by: "cost",
  });

export const wholeOverTime = (scope: Scope) =>
  metrics("cost over time", scope, { metrics: ["cost", ...TOKENS], step_s: stepOf(scope.window) });

const split = (name: string, scope: Scope, by: Split, limit: number) =>
  metrics(`${name} ${by}`, scope, {
    metrics: ["cost", "requests", "unpriced_calls", ...TOKENS],
    splits: [fieldOf[by]],
    limit,
    order_by: "cost",
  });

export const rows = (scope: Scope, by: Split) => split("cost rows", scope, by, ROWS);
/** More of them than are shown: who was among the dearest now need not have been then. */
export const rowsBefore = (scope: Scope, by: Split) => split("cost rows before", earlier(scope), by, ROWS * 4);

export const pricesQuery = queryOptions({ queryKey: ["prices"], queryFn: ({ signal }) => getPrices({ signal }) });

export const unpricedQuery = (window: Window) =>
  queryOptions({
    queryKey: ["unpriced", window],
    queryFn: ({ signal }) => getUnpriced(window, { signal }),
    placeholderData: keepPreviousData,
  });

/** A walk over stored rows, asked again until it is over. */
export const walkQuery = (id: number) =>
  queryOptions({
    queryKey: ["audit", id],
    queryFn: ({ signal }) => getAuditLine(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.rewrite?.state === "running" || !state.data ? POLL_MS : false),
  });
