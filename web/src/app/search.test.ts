import { expect, it } from "vitest";
import { parseSearch, stringifySearch } from "./search";

it("writes addresses people can read, and reads them back", () => {
  const search = { app: ["kimi & co", "b"], range: "1h", q: "退款", from: 5, gone: undefined, empty: "" };
  const text = stringifySearch(search);
  expect(text).toBe("?app=kimi+%26+co&app=b&range=1h&q=%E9%80%80%E6%AC%BE&from=5");
  expect(parseSearch(text)).toEqual({ app: ["kimi & co", "b"], range: "1h", q: "退款", from: "5" });
  expect(stringifySearch({})).toBe("");
});
