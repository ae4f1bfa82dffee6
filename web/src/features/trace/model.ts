/** A trace's spans, depth first → rows of the tree with what lies below each. Pure. */
import type { TreeSpan } from "@/api/types";
import { isFree } from "@/lib/priced";
import { nanosSince } from "@/lib/time";
import { usd } from "@/lib/units";

export type Sums = {
  input: number | null;
  output: number | null;
  cost: number | null;
  unpriced: number;
  estimated: boolean;
};

export type Node = {
  span: TreeSpan;
  index: number;
  /** One past the last descendant. */
  end: number;
  /** ns from the start of the trace. */
  start: number;
  /** Counted calls strictly below. */
  below: Sums;
};

const none = (): Sums => ({ input: null, output: null, cost: null, unpriced: 0, estimated: false });

const plus = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : a + b);

function add(into: Sums, more: Sums): void {
  into.input = plus(into.input, more.input);
  into.output = plus(into.output, more.output);
  into.cost = plus(into.cost, more.cost);
  into.unpriced += more.unpriced;
  into.estimated ||= more.estimated;
}

/** What a span itself adds to sums: only a call that counts owns tokens and money. */
function own(span: TreeSpan): Sums {
  if (!span.counts) return none();
  const cost = usd(span.cost_usd);
  const call = CALLS.has(span.kind);
  return {
    input: span.input_tokens,
    output: span.output_tokens,
    cost,
    unpriced: call && cost === null && !isFree(span) ? 1 : 0,
    estimated: span.usage_source === "estimated",
  };
}

export const CALLS: ReadonlySet<string> = new Set(["llm", "embedding", "rerank"]);

/** Builds the rows; `origin` is the trace's start. A parent's sums come from its descendants, walked backwards once. */
export function buildTree(spans: readonly TreeSpan[], origin: string): Node[] {
  const nodes = spans.map((span, index) => ({
    span,
    index,
    end: index + 1,
    start: nanosSince(span.start_time, origin),
    below: none(),
  }));
  const open: Node[] = [];
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at] as Node;
    // Everything on the stack that is deeper and adjacent is a child of this one.
    while (open.length > 0 && (open.at(-1) as Node).span.depth > node.span.depth) {
      const child = open.pop() as Node;
      node.end = Math.max(node.end, child.end);
      add(node.below, child.below);
      add(node.below, own(child.span));
    }
    open.push(node);
  }
  return nodes;
}

/** The rows on the page: what lies under a folded one is left out. */
export function visibleRows(nodes: readonly Node[], folded: ReadonlySet<string>): Node[] {
  const rows: Node[] = [];
  for (let at = 0; at < nodes.length; ) {
    const node = nodes[at] as Node;
    rows.push(node);
    at = folded.has(node.span.span_id) ? node.end : at + 1;
  }
  return rows;
}

export const hasChildren = (node: Node) => node.end > node.index + 1;

/** Every span id on the way from the root to this node, without itself. */
export function ancestors(nodes: readonly Node[], index: number): string[] {
  const ids: string[] = [];
  let depth = nodes[index]?.span.depth ?? 0;
  for (let at = index - 1; at >= 0 && depth > 0; at--) {
    const node = nodes[at] as Node;
    if (node.span.depth < depth && node.end > index) {
      ids.push(node.span.span_id);
      depth = node.span.depth;
    }
  }
  return ids;
}

/** Indexes of the spans that mention the text. */
export function search(nodes: readonly Node[], text: string): number[] {
  const needle = text.trim().toLowerCase();
  if (needle === "") return [];
  return nodes
    .filter(({ span }) => FIELDS.some((field) => span[field]?.toString().toLowerCase().includes(needle)))
    .map(({ index }) => index);
}

const FIELDS = [
  "name",
  "kind",
  "operation",
  "model",
  "provider",
  "tool_name",
  "db_system",
  "service_name",
  "error_type",
  "input_preview",
  "output_preview",
  "span_id",
] as const satisfies readonly (keyof TreeSpan)[];

/** The span to show first: the model call that failed, else the first chat, else any call, else the root. */
export function firstChoice(nodes: readonly Node[]): string | undefined {
  const call = ({ span }: Node) => CALLS.has(span.kind);
  const choice =
    nodes.find((node) => call(node) && node.span.status === "error") ??
    nodes.find(({ span }) => span.counts && span.kind === "llm") ??
    nodes.find(call);
  return (choice ?? nodes[0])?.span.span_id;
}

/** The length the bars are drawn on: a running span can reach past the trace's known end. */
export function extent(nodes: readonly Node[], duration: number): number {
  let end = Math.max(1, duration);
  for (const node of nodes) end = Math.max(end, node.start + node.span.duration_ns);
  return end;
}

/** Round marks for the time axis: 3 to 6 of them. */
export function axis(extent_ns: number): number[] {
  const rough = extent_ns / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const marks: number[] = [];
  for (let at = 0; at <= extent_ns; at += step) marks.push(at);
  return marks;
}
