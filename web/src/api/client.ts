/** The only place that talks to the server. Every function is one endpoint and throws `ApiError`. */
import createClient from "openapi-fetch";
import { errorOf } from "./error";
import { apiKey } from "./key";
import type { paths } from "./schema";
import type {
  Facets,
  Histogram,
  ListQuery,
  MetricFrame,
  MetricRequest,
  SpanDetail,
  SpanExplanation,
  Status,
  Trace,
  TraceList,
  UnmappedReport,
} from "./types";

const api = createClient<paths>({
  baseUrl: window.location.origin,
  // Looked up at every call: tests replace it.
  fetch: (request) => globalThis.fetch(request),
});

api.use({
  onRequest({ request }) {
    const key = apiKey();
    if (key) request.headers.set("authorization", `Bearer ${key}`);
    return request;
  },
});

type Options = { signal?: AbortSignal };
type Answer = { data?: unknown; error?: unknown; response: Response };

/** `T` narrows what the description leaves loose: see types.ts. */
async function told<T>(answer: Promise<Answer>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok || data === undefined) throw errorOf(response.status, error);
  return data as T;
}

/** Times go as text: the description knows no number there. */
const listed = ({ from, to, ...rest }: ListQuery) => ({ ...rest, from: from?.toString(), to: to?.toString() });

export const getStatus = ({ signal }: Options = {}) => told<Status>(api.GET("/api/v1/status", { signal }));

export const queryMetrics = (body: MetricRequest, { signal }: Options = {}) =>
  told<MetricFrame>(api.POST("/api/v1/query", { body, signal }));

type Page = { cursor?: string; limit?: number };

export const listTraces = ({ cursor, limit, ...query }: ListQuery & Page, { signal }: Options = {}) =>
  told<TraceList>(api.GET("/api/v1/traces", { params: { query: { ...listed(query), cursor, limit } }, signal }));

export const getFacets = (query: ListQuery, { signal }: Options = {}) =>
  told<Facets>(api.GET("/api/v1/facets", { params: { query: listed(query) }, signal }));

export const getHistogram = ({ buckets, ...query }: ListQuery & { buckets?: number }, { signal }: Options = {}) =>
  told<Histogram>(api.GET("/api/v1/histogram", { params: { query: { ...listed(query), buckets } }, signal }));

export const getTrace = (trace_id: string, query: { limit?: number; after?: string }, { signal }: Options = {}) =>
  told<Trace>(api.GET("/api/v1/traces/{trace_id}", { params: { path: { trace_id }, query }, signal }));

export const getSpan = (trace_id: string, span_id: string, { signal }: Options = {}) =>
  told<SpanDetail>(api.GET("/api/v1/spans/{trace_id}/{span_id}", { params: { path: { trace_id, span_id } }, signal }));

export const getUnmapped = ({ from, to }: { from: number; to: number }, { signal }: Options = {}) => {
  const query = { from: from.toString(), to: to.toString() };
  return told<UnmappedReport>(api.GET("/api/v1/reports/unmapped", { params: { query }, signal }));
};

export const explainSpan = async (trace_id: string, span_id: string, { signal }: Options = {}) => {
  const params = { path: { trace_id, span_id }, query: { explain: true } };
  const span = await told<{ explain: SpanExplanation }>(
    api.GET("/api/v1/spans/{trace_id}/{span_id}", { params, signal }),
  );
  return span.explain;
};
