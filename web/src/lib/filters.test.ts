import { expect, it } from "vitest";
import { countFilters, parseFilters, toggleFilter } from "./filters";

it("reads single and repeated values, once each, and ignores the rest", () => {
  expect(parseFilters({ app: "a", model: ["m", "m", "n"], nonsense: "x", status: "" })).toEqual({
    app: ["a"],
    model: ["m", "n"],
  });
  expect(parseFilters({ app: "a", status: "ok" }, ["app"])).toEqual({ app: ["a"] });
});

it("adds, takes away and forgets empty fields", () => {
  const one = toggleFilter({}, "app", "a");
  expect(one.app).toEqual(["a"]);
  expect(toggleFilter(one, "app", "b").app).toEqual(["a", "b"]);
  expect(toggleFilter(one, "app", "a").app).toBeUndefined();
  expect(countFilters({ app: ["a", "b"], user: ["u"] })).toBe(3);
});
