export const TABS = ["messages", "parameters", "usage", "errors", "attributes", "events", "origins", "raw"] as const;
export type TabId = (typeof TABS)[number];

/** Which span is chosen and which of its sides is shown. */
export type TraceSearch = { span?: string; tab?: TabId };

export function parseTrace(raw: Record<string, unknown>): TraceSearch {
  const span = typeof raw.span === "string" && /^[0-9a-f]{16}$/i.test(raw.span) ? { span: raw.span.toLowerCase() } : {};
  const tab = TABS.find((known) => known === raw.tab);
  return { ...span, ...(tab ? { tab } : {}) };
}
