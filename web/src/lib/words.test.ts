import { expect, it } from "vitest";
import { hits, wantedWords } from "./words";

it("takes words and phrases, and not what must be absent", () => {
  expect(wantedWords('退款 "not found" -test NOT old OR (refun* AND /v1/chat)')).toEqual([
    "not found",
    "/v1/chat",
    "refun",
    "退款",
  ]);
  expect(wantedWords("“全角 引号” -“不要”")).toEqual(["全角 引号"]);
  expect(wantedWords("  ")).toEqual([]);
});

it("finds them in any case, and phrases over other spaces", () => {
  const marked = (text: string, question: string) =>
    hits(text, wantedWords(question)).map(([start, end]) => text.slice(start, end));
  expect(marked("我要退款流程，退款", "退款")).toEqual(["退款", "退款"]);
  expect(marked("Not\n found, notfound", '"not found"')).toEqual(["Not\n found"]);
  expect(marked("Refunds unrefund refund", "refun*")).toEqual(["Refun", "refun"]);
  expect(marked("C++ and a.b?", "c++ a.b?")).toEqual(["C++", "a.b?"]);
  expect(marked("anything", "-any")).toEqual([]);
});
