import { queryOptions } from "@tanstack/react-query";
import { askSql } from "@/api/client";

/** Rows shown; an export has all that the server allows. */
export const SHOWN_ROWS = 10_000;

/** `run` counts: the same question asked again is asked again. */
export const answerQuery = (sql: string, run: number) =>
  queryOptions({
    queryKey: ["sql", sql, run],
    queryFn: ({ signal }) => askSql({ query: sql, limit: SHOWN_ROWS }, { signal }),
    enabled: sql.trim() !== "" && run > 0,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Names for completion: every table and view with its columns. */
export const tablesQuery = queryOptions({
  queryKey: ["tables"],
  queryFn: async ({ signal }) => {
    const query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'";
    const { rows } = await askSql({ query }, { signal });
    const tables: Record<string, string[]> = {};
    for (const [table, column] of rows) {
      tables[String(table)] = [...(tables[String(table)] ?? []), String(column)];
    }
    return tables;
  },
  staleTime: Number.POSITIVE_INFINITY,
});
