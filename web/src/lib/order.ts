/** What comes first in lists of sessions and users. */
export const ORDERS = ["time", "cost", "tokens", "calls", "errors"] as const;
export type Order = (typeof ORDERS)[number];

/** The order of an address; the latest first is what an address without one means, so it is never written. */
export function parseOrder(raw: Record<string, unknown>): { order?: Order } {
  const value = Array.isArray(raw.order) ? raw.order[0] : raw.order;
  const order = ORDERS.find((known) => known === value);
  return order && order !== "time" ? { order } : {};
}
