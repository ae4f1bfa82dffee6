export const TABS = ["messages", "parameters", "usage", "errors", "attributes", "events", "origins", "raw"] as const;
export type TabId = (typeof TABS)[number];

/** Which span is chosen, which of its sides is shown, and what is marked in its texts. */
export type TraceSearch = { span?: string; tab?: TabId; q?: string };

export function parseTrace(raw: Record<string, unknown>): TraceSearch {
  const span = typeof raw.span === "string" && /^[0-9a-f]{16}$/i.test(raw.span) ? { span: raw.span.toLowerCase() } : {};
  const tab = TABS.find((known) => known === raw.tab);
  const q = typeof raw.q === "string" && raw.q.trim() !== "" ? { q: raw.q } : {};
  return { ...span, ...(tab ? { tab } : {}), ...q };
}
