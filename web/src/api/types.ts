/** The shapes of the HTTP API under short names. Money is a decimal string, times are RFC 3339, what is not known is null. */
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

/** The description marks what may be null as optional; the server writes every null out. */
type Told<T> = { [K in keyof T]-?: T[K] };

export type Sender = Told<Schemas["Sender"]>;
export type Status = Omit<Schemas["Status"], "senders"> & { senders: Sender[] };

export type MetricFilter = Schemas["MetricFilter"];
export type MetricRequest = Schemas["MetricRequest"];
export type Cell = string | number | boolean | null;
export type MetricFrame = Omit<Schemas["MetricFrame"], "columns" | "rows"> & {
  columns: Told<Schemas["FrameColumn"]>[];
  rows: Cell[][];
};

type Optional = "span_count" | "call_count" | "error_count" | "unpriced_calls" | "estimated_calls";
export type TraceRow = Told<Omit<Schemas["TraceRow"], Optional>> & Pick<Schemas["TraceRow"], Optional>;
export type TraceList = Omit<Schemas["TraceList"], "items"> & { items: TraceRow[] };

export type View = "calls" | "traces" | "spans";

/** What lists, facets and histograms are asked by. */
export type ListQuery = Omit<NonNullable<operations["facets"]["parameters"]["query"]>, "view" | "from" | "to"> & {
  view?: View;
  from?: number;
  to?: number;
};

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
