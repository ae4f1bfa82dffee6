import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { ApiError } from "@/api/error";
import { SearchBox } from "./SearchBox";

it("shows where a question is wrong, and what to do", () => {
  const error = new ApiError(400, "invalid", "a quote is not closed", "write a second one", { line: 1, column: 4 });
  const { container, rerender } = render(<SearchBox value={'退款 "未'} error={error} onChange={() => {}} />);
  expect(screen.getByRole("alert")).toHaveTextContent('退款 "未a quote is not closedwrite a second one');
  expect(container.querySelector("mark")).toHaveTextContent('"');
  expect(screen.getByRole("searchbox")).toHaveAttribute("aria-invalid", "true");
  rerender(<SearchBox value="退款" onChange={() => {}} />);
  expect(screen.queryByRole("alert")).toBeNull();
});
