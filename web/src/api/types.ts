/** The shapes of the HTTP API under short names. Money is a decimal string, times are RFC 3339, what is not known is null. */
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

/** The description marks what may be null as optional; the server writes every null out. */
type Told<T> = { [K in keyof T]-?: T[K] };

/** What is not said of a price is left out. */
export type PriceShape = Pick<Schemas["PriceShape"], "model"> & Partial<Schemas["PriceShape"]>;
export type PriceItem = Told<Omit<Schemas["PriceItem"], "price">> & { price: PriceShape };
export type PriceList = Omit<Schemas["PriceList"], "items"> & { items: PriceItem[] };
export type Unpriced = Told<Schemas["Unpriced"]>;
export type UnpricedList = Omit<Schemas["UnpricedList"], "items"> & { items: Unpriced[] };
export type RewriteProgress = Schemas["RewriteProgress"];
export type AuditLine = Schemas["AuditLine"];

/** The answer to a question in SQL. */
export type SqlAnswer = {
  columns: { name: string; type: string }[];
  rows: Cell[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
};

export type Sender = Told<Schemas["Sender"]>;
export type Status = Omit<Schemas["Status"], "senders"> & { senders: Sender[] };

export type MetricFilter = Schemas["MetricFilter"];
export type MetricRequest = Schemas["MetricRequest"];
export type Cell = string | number | boolean | null;
export type MetricFrame = Omit<Schemas["MetricFrame"], "columns" | "rows"> & {
  columns: Told<Schemas["FrameColumn"]>[];
  rows: Cell[][];
};

export type Snippet = Schemas["Snippet"];

type Optional = "snippet" | "span_count" | "call_count" | "error_count" | "unpriced_calls" | "estimated_calls";
export type TraceRow = Told<Omit<Schemas["TraceRow"], Optional>> & Pick<Schemas["TraceRow"], Optional>;
export type TraceList = Omit<Schemas["TraceList"], "items"> & { items: TraceRow[] };

export type View = "calls" | "traces" | "spans";

/** What lists, facets and histograms are asked by. */
export type ListQuery = Omit<NonNullable<operations["facets"]["parameters"]["query"]>, "view" | "from" | "to"> & {
  view?: View;
  from?: number;
  to?: number;
};

/** What lists of sessions and users are asked by. */
export type GroupQuery = Omit<ListQuery, "view"> & { order?: string };

export type SessionRow = Told<Schemas["SessionRow"]>;
export type SessionList = Omit<Schemas["SessionList"], "items"> & { items: SessionRow[] };
export type Turn = Told<Schemas["Turn"]>;
export type SessionTurns = Omit<Schemas["SessionTurns"], "session" | "items"> & { session: SessionRow; items: Turn[] };
export type UserRow = Told<Schemas["UserRow"]>;
export type UserList = Omit<Schemas["UserList"], "items"> & { items: UserRow[] };

export type FacetValue = Told<Schemas["FacetValue"]>;
export type Facets = { items: { field: string; values: FacetValue[] }[] };
export type Histogram = Schemas["Histogram"];

export type TreeSpan = Told<Schemas["TreeSpan"]>;
export type Trace = Omit<Told<Schemas["Trace"]>, "spans" | "next"> & { spans: TreeSpan[]; next?: string | null };

export type SpanLog = Omit<Told<Schemas["SpanLog"]>, "attributes"> & { attributes: Record<string, unknown> | null };

/** Every column of table `spans`, by name; JSON columns arrive as JSON. */
export type SpanDetail = { trace_id: string; span_id: string; logs: SpanLog[] } & Record<string, unknown>;

/** What nobody mapped, by sender. */
export type SenderKeys = Told<Schemas["SenderKeys"]>;
export type UnmappedReport = Omit<Schemas["UnmappedReport"], "items"> & { items: SenderKeys[] };

/** Where the columns of a span come from. */
export type Origin = Told<Schemas["Origin"]>;
export type ColumnOrigin = Omit<Told<Schemas["ColumnOrigin"]>, "origin" | "refused" | "conflicts"> & {
  origin: Origin | null;
  refused: { origin: Origin; why: string }[];
  conflicts: Origin[];
};
export type SpanExplanation = { columns: ColumnOrigin[]; notes: string[] };
