/** Filters as they stand in an address: each may repeat, which means "any of these". */

export const FILTER_FIELDS = ["app", "model", "provider", "status", "kind", "operation", "user", "session"] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];
export type Filters = Partial<Record<FilterField, string[]>>;

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((one) => typeof one === "string" || typeof one === "number")
    .map(String)
    .filter((one) => one !== "");

export function parseFilters(raw: Record<string, unknown>, fields: readonly FilterField[] = FILTER_FIELDS): Filters {
  const filters: Filters = {};
  for (const field of fields) {
    const values = [...new Set(list(raw[field]))];
    if (values.length > 0) filters[field] = values;
  }
  return filters;
}

/** The filters out of a bigger search object. */
export function filtersOf(search: Filters): Filters {
  return parseFilters(search);
}

/** Adds the value, or takes it away if it is there; an empty field disappears. */
export function toggleFilter(filters: Filters, field: FilterField, value: string): Filters {
  const now = filters[field] ?? [];
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value];
  return { ...filters, [field]: next.length > 0 ? next : undefined };
}

export const countFilters = (filters: Filters) =>
  FILTER_FIELDS.reduce((sum, field) => sum + (filters[field]?.length ?? 0), 0);
