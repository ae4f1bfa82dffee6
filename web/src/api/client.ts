/** The only place that talks to the server. Every function is one endpoint and throws `ApiError`. */
import { errorOf } from "./error";
import { apiKey } from "./key";
import type {
  Facets,
  Histogram,
  ListQuery,
  MetricFrame,
  MetricRequest,
  SpanDetail,
  Status,
  Trace,
  TraceList,
} from "./types";

type Options = { signal?: AbortSignal };

async function call<T>(path: string, options: Options, body?: unknown): Promise<T> {
  const key = apiKey();
  const response = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: options.signal,
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok || answer === null) throw errorOf(response.status, answer);
  return answer as T;
}

function search(query: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

export const getStatus = (options: Options = {}) => call<Status>("/api/v1/status", options);

export const queryMetrics = (request: MetricRequest, options: Options = {}) =>
  call<MetricFrame>("/api/v1/query", options, request);

export const listTraces = (query: ListQuery & { cursor?: string; limit?: number }, options: Options = {}) =>
  call<TraceList>(`/api/v1/traces${search(query)}`, options);

export const getFacets = (query: ListQuery, options: Options = {}) =>
  call<Facets>(`/api/v1/facets${search(query)}`, options);

export const getHistogram = (query: ListQuery & { buckets?: number }, options: Options = {}) =>
  call<Histogram>(`/api/v1/histogram${search(query)}`, options);

export const getTrace = (traceId: string, part: { limit?: number; after?: string }, options: Options = {}) =>
  call<Trace>(`/api/v1/traces/${encodeURIComponent(traceId)}${search(part)}`, options);

export const getSpan = (traceId: string, spanId: string, options: Options = {}) =>
  call<SpanDetail>(`/api/v1/spans/${encodeURIComponent(traceId)}/${encodeURIComponent(spanId)}`, options);
