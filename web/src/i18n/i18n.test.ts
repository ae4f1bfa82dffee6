import { expect, it } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

function leaves(tree: object, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string"
      ? [[`${path}${key}`, value] as [string, string]]
      : leaves(value as object, `${path}${key}.`),
  );
}

const holes = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();

it("says everything in both languages, with the same values in it", () => {
  const chinese = new Map(leaves(zh));
  expect([...chinese.keys()]).toEqual(leaves(en).map(([key]) => key));
  for (const [key, text] of leaves(en)) expect([key, holes(chinese.get(key) ?? "")]).toEqual([key, holes(text)]);
});

it("is Chinese where it says so", () => {
  const same = leaves(en).filter(([key, text]) => new Map(leaves(zh)).get(key) === text && /[a-z]{4,}/.test(text));
  expect(same.map(([key]) => key)).toEqual([]);
});
