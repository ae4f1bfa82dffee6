/** The colour of each kind of span: the same in tags, bars and dots. */
const COLORS: Record<string, string> = {
  llm: "var(--color-series-1)",
  embedding: "var(--color-series-2)",
  rerank: "var(--color-series-10)",
  retrieval: "var(--color-series-7)",
  vector_db: "var(--color-series-7)",
  tool: "var(--color-series-3)",
  mcp: "var(--color-series-8)",
  agent: "var(--color-series-4)",
  chain: "var(--color-series-12)",
  guardrail: "var(--color-series-5)",
  evaluator: "var(--color-series-9)",
  memory: "var(--color-series-6)",
};

export const kindColor = (kind: string | null) => COLORS[kind ?? ""] ?? "var(--color-line-strong)";
