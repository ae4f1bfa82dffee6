/** Frames → the rows of the table. Pure. */
import type { MetricFrame, PriceShape } from "@/api/types";
import { columnOf, keyOf, numberOf } from "@/components/chart/frame";

export type CostRow = {
  key: string | null;
  cost: number | null;
  /** The decimal as the server sent it. */
  raw: string | null;
  share: number | null;
  /** What it cost in the period before; null if it was not there. */
  before: number | null;
  /** It was not there before, though others were. */
  isNew: boolean;
  calls: number;
  unpriced: number;
  perCall: number | null;
  input: number | null;
  output: number | null;
  /** Part of the input that was read from caches. */
  cached: number | null;
};

/** One row a value of the split, the dearest first. What has only unpriced calls has no known cost. */
export function costRows(frame: MetricFrame, before: MetricFrame | undefined, field: string, total: number | null) {
  const at = (name: string) => columnOf(frame, name);
  const past = new Map(
    before?.rows.map((row) => [keyOf(row[columnOf(before, field)]), numberOf(row[columnOf(before, "cost")])]),
  );
  return frame.rows.map((row): CostRow => {
    const key = keyOf(row[at(field)]);
    const calls = numberOf(row[at("requests")]) ?? 0;
    const unpriced = numberOf(row[at("unpriced_calls")]) ?? 0;
    const sum = numberOf(row[at("cost")]);
    // Beside calls without a price, nothing paid for is not "free" but unknown.
    const cost = sum === 0 && unpriced > 0 ? null : sum;
    const input = numberOf(row[at("input_tokens")]);
    const cached = numberOf(row[at("cache_read_tokens")]);
    const raw = row[at("cost")];
    return {
      key,
      cost,
      raw: cost !== null && typeof raw === "string" ? raw : null,
      share: cost !== null && total ? cost / total : null,
      before: past.get(key) ?? null,
      isNew: past.size > 0 && !past.has(key),
      calls,
      unpriced,
      perCall: cost !== null && calls > unpriced ? cost / (calls - unpriced) : null,
      input,
      output: numberOf(row[at("output_tokens")]),
      cached: input && cached !== null ? cached / input : null,
    };
  });
}

/** What the form of a price holds: everything as it is typed. */
export type PriceForm = {
  id: string;
  model: string;
  provider: string;
  currency: "USD" | "CNY";
  rate: string;
  valid_from: string;
  input: string;
  output: string;
  cache_read: string;
  cache_write: string;
};

export const EMPTY_FORM: PriceForm = {
  id: "",
  model: "",
  provider: "",
  currency: "USD",
  rate: "",
  valid_from: "",
  input: "",
  output: "",
  cache_read: "",
  cache_write: "",
};

/** A name out of a model's: what an address can carry. */
export const idOf = (model: string) =>
  model
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80);

/** The form as the server wants it: what was left open is not sent. */
export function shapeOf(form: PriceForm): PriceShape {
  const { id: _, currency, rate, ...rest } = form;
  const told = Object.entries({ ...rest, rate: currency === "CNY" ? rate : "" }).filter(([, value]) => value.trim());
  const shape = Object.fromEntries(told.map(([name, value]) => [name, value.trim()]));
  return { ...shape, currency } as PriceShape;
}

/** A stored price back in the form. */
export function formOf(id: string, shape: PriceShape): PriceForm {
  const text = (value: unknown) => (value === null || value === undefined ? "" : String(value));
  return {
    ...EMPTY_FORM,
    id,
    model: shape.model,
    provider: text(shape.provider),
    currency: shape.currency === "CNY" ? "CNY" : "USD",
    rate: text(shape.rate),
    valid_from: text(shape.valid_from),
    input: text(shape.input),
    output: text(shape.output),
    cache_read: text(shape.cache_read),
    cache_write: text(shape.cache_write),
  };
}
