/** Every question of the page. All carry the window in their key: one refresh asks them all anew. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getFacets, listTraces, queryMetrics } from "@/api/client";
import type { MetricRequest } from "@/api/types";
import { metricFilters } from "@/components/chart/frame";
import { before, stepOf, type Window } from "@/lib/time";
import type { OverviewSearch } from "./url";

/** What all panels share. */
export type Scope = { window: Window; search: OverviewSearch };

/** Series beyond this are one "other". */
const SERIES = 8;
const TOP = 10;
const LATEST = 20;

export const TOTALS = [
  "requests",
  "errors",
  "error_rate",
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "cost",
  "avg_cost",
  "unpriced_calls",
  "estimated_calls",
  "truncated_calls",
  "redacted_calls",
  "latency_avg",
  "latency_p95",
  "ttft_p95",
  "distinct_users",
];

const TREND = [
  ...["requests", "errors", "error_rate", "input_tokens", "output_tokens", "total_tokens", "cost"],
  ...["latency_avg", "latency_p50", "latency_p95", "latency_p99", "ttft_avg", "ttft_p50", "ttft_p95"],
];

function metrics(name: string, { window, search }: Scope, request: MetricRequest) {
  const body = { ...request, filters: [...(request.filters ?? []), ...metricFilters(search)], ...window };
  return queryOptions({
    queryKey: ["query", name, body],
    queryFn: ({ signal }) => queryMetrics(body, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Vector stores know apps, but no models and no providers of models. */
const appOnly = (scope: Scope): Scope => ({ ...scope, search: { app: scope.search.app } });

export const totals = (scope: Scope) => metrics("totals", scope, { metrics: TOTALS });

export const totalsBefore = (scope: Scope) =>
  metrics("before", { ...scope, window: before(scope.window) }, { metrics: TOTALS });

export const trend = (scope: Scope) => metrics("trend", scope, { metrics: TREND, step_s: stepOf(scope.window) });

export type Split = "model" | "provider" | "app";

export const trendBy = (scope: Scope, split: Split, metric: "requests" | "cost") =>
  metrics(`trend ${split} ${metric}`, scope, {
    metrics: [metric],
    splits: [split],
    step_s: stepOf(scope.window),
    limit: SERIES,
    order_by: metric,
  });

export type Measure = "requests" | "total_tokens" | "cost";

export const top = (scope: Scope, split: "model" | "app" | "user_id", measure: Measure) =>
  metrics(`top ${split}`, scope, {
    metrics: ["requests", "total_tokens", "cost"],
    splits: [split],
    limit: TOP,
    order_by: measure,
  });

export const share = (scope: Scope, split: "provider" | "operation" | "status") =>
  metrics(`share ${split}`, scope, { metrics: ["requests"], splits: [split], limit: TOP });

export const errorTypes = (scope: Scope) =>
  metrics("errors", scope, {
    metrics: ["errors"],
    splits: ["error_type"],
    filters: [{ field: "status", op: "eq", value: "error" }],
    limit: TOP,
  });

export const temperature = (scope: Scope) =>
  metrics("temperature", scope, { metrics: ["requests"], splits: ["temperature"], limit: 20 });

export const vectorTrend = (scope: Scope) =>
  metrics("vector trend", appOnly(scope), {
    metrics: ["db_requests"],
    splits: ["db_system"],
    step_s: stepOf(scope.window),
    limit: SERIES,
  });

export const vectorTable = (scope: Scope) =>
  metrics("vector table", appOnly(scope), {
    metrics: ["db_requests", "db_latency_avg", "db_latency_p95"],
    splits: ["db_system", "db_operation"],
    limit: 20,
  });

export const latest = ({ window, search }: Scope) =>
  queryOptions({
    queryKey: ["latest", window, search],
    queryFn: ({ signal }) => listTraces({ view: "calls", ...window, ...search, limit: LATEST }, { signal }),
    placeholderData: keepPreviousData,
  });

export const facets = ({ window, search }: Scope) =>
  queryOptions({
    queryKey: ["facets", "calls", window, search],
    queryFn: ({ signal }) => getFacets({ view: "calls", ...window, ...search }, { signal }),
    placeholderData: keepPreviousData,
  });
