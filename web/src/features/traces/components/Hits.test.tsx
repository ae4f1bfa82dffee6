import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { Hits } from "./Hits";

it("marks what was searched for in a line", () => {
  const parts = [
    { text: "我要", hit: false },
    { text: "退款", hit: true },
    { text: "…", hit: false },
  ];
  const { container } = render(<Hits snippet={{ column: "input_messages", parts }} />);
  expect([...container.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["退款"]);
  expect(container).toHaveTextContent("我要退款…");
});
