import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Markdown } from "./Markdown";

it("draws what models write", () => {
  render(
    <Markdown
      text={
        "# Title\n\n**bold** `code` & <3\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nlet x = 1 < 2;\n```"
      }
    />,
  );
  expect(screen.getByText("bold").tagName).toBe("STRONG");
  expect(screen.getAllByRole("listitem")).toHaveLength(2);
  expect(screen.getByRole("table")).toHaveTextContent("ab12");
  expect(screen.getByText("let x = 1 < 2;").tagName).toBe("PRE");
  expect(screen.getByText(/& <3/)).toBeInTheDocument();
});

it("never runs or loads anything", () => {
  const { container } = render(
    <Markdown
      text={
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[evil](javascript:alert(1)) [data](data:text/html,x) [good](https://a.example)\n\n![pic](https://elsewhere.example/p.png)"
      }
    />,
  );
  expect(container.querySelector("script, img, iframe")).toBeNull();
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["https://a.example"]);
  expect(screen.getByRole("link")).toHaveAttribute("rel", expect.stringContaining("noopener"));
  expect(container).toHaveTextContent("<script>alert(1)</script>");
  expect(container).toHaveTextContent("elsewhere.example/p.png");
});
