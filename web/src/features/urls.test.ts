import { expect, it } from "vitest";
import { parseOverview } from "./overview/url";
import { parseTrace } from "./trace/url";
import { parseTraces } from "./traces/url";

it("reads the overview's filters and nothing else", () => {
  expect(parseOverview({ app: "a", status: "error", range: "1h" })).toEqual({ app: ["a"] });
});

it("reads the list's view, text and filters; the default view is not written", () => {
  expect(parseTraces({ view: "traces", q: "退款", status: ["error"], user: "u" })).toEqual({
    view: "traces",
    q: "退款",
    status: ["error"],
    user: ["u"],
  });
  expect(parseTraces({ view: "calls", q: "  " })).toEqual({});
  expect(parseTraces({ view: "nonsense" })).toEqual({});
});

it("reads the chosen span and tab only if they can be one", () => {
  expect(parseTrace({ span: "00F067AA0BA902B7", tab: "usage" })).toEqual({ span: "00f067aa0ba902b7", tab: "usage" });
  expect(parseTrace({ span: "../etc", tab: "nonsense", q: " " })).toEqual({});
  expect(parseTrace({ q: "退款" })).toEqual({ q: "退款" });
});
