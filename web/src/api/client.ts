/** The only place that talks to the server. Every function is one endpoint and throws `ApiError`. */
import createClient from "openapi-fetch";
import { errorOf } from "./error";
import { apiKey } from "./key";
import type { paths } from "./schema";
import type {
  AuditLine,
  Facets,
  GroupQuery,
  Histogram,
  ListQuery,
  MetricFrame,
  MetricRequest,
  PriceItem,
  PriceList,
  PriceShape,
  SessionList,
  SessionTurns,
  SpanDetail,
  SpanExplanation,
  SqlAnswer,
  Status,
  Trace,
  TraceList,
  UnmappedReport,
  UnpricedList,
  UserList,
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
const listed = <Q extends { from?: number; to?: number }>({ from, to, ...rest }: Q) => ({
  ...rest,
  from: from?.toString(),
  to: to?.toString(),
});

export const getStatus = ({ signal }: Options = {}) => told<Status>(api.GET("/api/v1/status", { signal }));

export const queryMetrics = (body: MetricRequest, { signal }: Options = {}) =>
  told<MetricFrame>(api.POST("/api/v1/query", { body, signal }));

type Question = { query: string; limit?: number };

const MAX_EXPORT_ROWS = 1_000_000;

export const askSql = ({ query, limit = 10_000 }: Question, { signal }: Options = {}) =>
  told<SqlAnswer>(api.POST("/api/v1/sql", { body: { query, limit, params: {} }, signal }));

/** The whole answer as a file of a media type. */
export const exportSql = (query: string, type: string) =>
  told<Blob>(
    api.POST("/api/v1/sql", {
      body: { query, limit: MAX_EXPORT_ROWS, params: {} },
      headers: { accept: type },
      parseAs: "blob",
    }),
  );

export const getPrices = ({ signal }: Options = {}) => told<PriceList>(api.GET("/api/v1/prices", { signal }));

/** The description takes what may be left out for what must be null. */
type WholePrice = paths["/api/v1/prices/{id}"]["put"]["requestBody"]["content"]["application/json"];

export const setPrice = (id: string, body: PriceShape) =>
  told<PriceItem>(api.PUT("/api/v1/prices/{id}", { params: { path: { id } }, body: body as WholePrice }));

export async function removePrice(id: string, scope: string): Promise<void> {
  const params = { path: { id }, query: { scope } };
  const { error, response } = await api.DELETE("/api/v1/prices/{id}", { params });
  if (!response.ok) throw errorOf(response.status, error);
}

export const chooseCost = (choice: string) => told(api.PUT("/api/v1/prices/choice", { body: { choice } }));

export const getUnpriced = ({ from, to }: { from: number; to: number }, { signal }: Options = {}) => {
  const query = { from: from.toString(), to: to.toString() };
  return told<UnpricedList>(api.GET("/api/v1/prices/unpriced", { params: { query }, signal }));
};

type RepriceOrder = { from: string; to: string; dry_run: boolean };

export const reprice = (body: RepriceOrder) =>
  told<AuditLine>(api.POST("/api/v1/prices/reprice", { body: { ...body, wait: false } }));

export const getAuditLine = (id: number, { signal }: Options = {}) =>
  told<AuditLine>(api.GET("/api/v1/audit/{id}", { params: { path: { id } }, signal }));

type Page = { cursor?: string; limit?: number };

export const listTraces = ({ cursor, limit, ...query }: ListQuery & Page, { signal }: Options = {}) =>
  told<TraceList>(api.GET("/api/v1/traces", { params: { query: { ...listed(query), cursor, limit } }, signal }));

export const listSessions = ({ cursor, limit, ...query }: GroupQuery & Page, { signal }: Options = {}) =>
  told<SessionList>(api.GET("/api/v1/sessions", { params: { query: { ...listed(query), cursor, limit } }, signal }));

export const getSession = (session_id: string, query: Page, { signal }: Options = {}) =>
  told<SessionTurns>(api.GET("/api/v1/sessions/{session_id}", { params: { path: { session_id }, query }, signal }));

export const listUsers = ({ cursor, limit, ...query }: GroupQuery & Page, { signal }: Options = {}) =>
  told<UserList>(api.GET("/api/v1/users", { params: { query: { ...listed(query), cursor, limit } }, signal }));

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
