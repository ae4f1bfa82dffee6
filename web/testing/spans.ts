import type { TreeSpan } from "@/api/types";

/** One span of a tree; everything that is not told is unknown. */
export function treeSpan(span_id: string, depth: number, more: Partial<TreeSpan> = {}): TreeSpan {
  return {
    span_id,
    parent_span_id: null,
    parent_missing: false,
    name: span_id,
    kind: "span",
    operation: null,
    status: "ok",
    start_time: "2025-11-24T00:00:00Z",
    duration_ns: 1e9,
    ttft_ns: null,
    model: null,
    provider: null,
    input_tokens: null,
    output_tokens: null,
    usage_source: null,
    counts: false,
    cost_usd: null,
    truncated: false,
    redacted: false,
    flags: [],
    depth,
    input_preview: null,
    output_preview: null,
    tool_name: null,
    db_system: null,
    service_name: null,
    running: false,
    error_type: null,
    ...more,
  };
}
