import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { rangesOf } from "./useMarks";

it("finds words in all texts below an element", () => {
  const { container } = render(
    <div>
      我要<b>退款</b>，<code>退款 Refund</code>
    </div>,
  );
  expect(rangesOf(container, ["退款", "refund"]).map(String)).toEqual(["退款", "退款", "Refund"]);
  expect(rangesOf(container, [])).toEqual([]);
});
