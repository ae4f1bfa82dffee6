export type ExploreSearch = { sql?: string };

/** The question stands in the address, so that it can be shared. */
export function parseExplore(raw: Record<string, unknown>): ExploreSearch {
  const value = Array.isArray(raw.sql) ? raw.sql[0] : raw.sql;
  return typeof value === "string" && value.trim() !== "" ? { sql: value } : {};
}
