import { expect, it } from "vitest";
import { isFree } from "./priced";

it("tells a missing price from nothing to pay", () => {
  expect(isFree({ cost_usd: null, status: "error", usage_source: null })).toBe(true);
  expect(isFree({ cost_usd: null, status: "error", usage_source: "reported" })).toBe(false);
  expect(isFree({ cost_usd: null, status: "ok", usage_source: null })).toBe(false);
  expect(isFree({ cost_usd: "0.1", status: "error", usage_source: null })).toBe(false);
});
