import { type Filters, parseFilters } from "@/lib/filters";
import { type Order, parseOrder } from "@/lib/order";

export type SessionsSearch = Filters & { order?: Order; q?: string };

export function parseSessions(raw: Record<string, unknown>): SessionsSearch {
  const text = Array.isArray(raw.q) ? raw.q[0] : raw.q;
  const q = typeof text === "string" && text.trim() !== "" ? { q: text } : {};
  return { ...parseOrder(raw), ...q, ...parseFilters(raw) };
}
