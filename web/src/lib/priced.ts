/** Whether a cost is missing, or there was nothing to pay. */

type Call = { cost_usd: string | null; status: string | null; usage_source: string | null };

/** A call that failed without using a token cost nothing that anybody knows of: it lacks no price. */
export const isFree = ({ cost_usd, status, usage_source }: Call) =>
  cost_usd === null && status === "error" && usage_source === null;
