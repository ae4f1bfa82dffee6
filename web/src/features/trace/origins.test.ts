import { expect, it } from "vitest";
import type { ColumnOrigin, Origin } from "@/api/types";
import { conflictCount, grouped, isAddress, isTelling, written } from "./origins";

const place = (name: string): Origin => ({
  kind: "attribute",
  name,
  key: null,
  pointer: null,
  logs: [],
  dialect: "openlit",
  spec: "https://example.org",
  sent: "1",
});

const told = (column: string, more: Partial<ColumnOrigin> = {}): ColumnOrigin => ({
  column,
  value: 1,
  today: null,
  origin: place(column),
  rule: null,
  price_id: null,
  notes: [],
  refused: [],
  conflicts: [],
  ...more,
});

const explanation = {
  notes: [],
  columns: [
    told("kind"),
    told("input_tokens", { conflicts: [place("a"), place("b")] }),
    told("seed", { value: null, origin: null, refused: [{ origin: place("seed"), why: "filler" }] }),
    told("brand_new_column"),
  ],
};

it("puts numbers first, and what it does not know last", () => {
  const order = grouped(explanation, false).map(({ id, columns }) => [id, ...columns.map(({ column }) => column)]);
  expect(order).toEqual([
    ["numbers", "input_tokens"],
    ["call", "kind", "seed"],
    ["rest", "brand_new_column"],
  ]);
});

it("finds what deserves a look", () => {
  expect(grouped(explanation, true).flatMap(({ columns }) => columns.map(({ column }) => column))).toEqual([
    "input_tokens",
    "seed",
  ]);
  expect(conflictCount(explanation)).toBe(2);
  expect(isTelling(told("kind"))).toBe(false);
  expect(isTelling(told("kind", { today: "agent" }))).toBe(true);
});

it("writes values on a line and never makes a link of what is no address", () => {
  expect([written(null), written([]), written(["a", "b"]), written(0), written({ a: 1 })]).toEqual([
    "—",
    "—",
    "a, b",
    "0",
    '{"a":1}',
  ]);
  expect([isAddress("PyPI openlit 1.30.4"), isAddress("javascript:alert(1)"), isAddress(null)]).toEqual([
    false,
    false,
    false,
  ]);
  expect(isAddress("https://opentelemetry.io/docs")).toBe(true);
});
