import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ApiError } from "@/api/error";
import { type Loading, Panel } from "./Panel";

const state = (more: Partial<Loading<number[]>>): Loading<number[]> => ({
  data: undefined,
  error: null,
  isPending: true,
  isFetching: true,
  refetch: vi.fn(),
  ...more,
});

function show(query: Loading<number[]>) {
  render(
    <Panel title="Requests" query={query} isEmpty={(data) => data.length === 0}>
      {(data) => <p>{data.join("+")}</p>}
    </Panel>,
  );
}

it("shows grey bars while loading", () => {
  show(state({}));
  expect(screen.getByRole("status", { name: "Loading" })).toBeInTheDocument();
});

it("shows the server's words and tries again", async () => {
  const refetch = vi.fn();
  show(
    state({ error: new ApiError(400, "invalid", "no metric named x", "did you mean y?"), isPending: false, refetch }),
  );
  expect(screen.getByRole("alert")).toHaveTextContent("no metric named x");
  expect(screen.getByRole("alert")).toHaveTextContent("did you mean y?");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(refetch).toHaveBeenCalledOnce();
});

it("says when nothing is there", () => {
  show(state({ data: [], isPending: false }));
  expect(screen.getByText("Nothing in this time range")).toBeInTheDocument();
});

it("draws data, and keeps it when a later question fails", () => {
  show(state({ data: [1, 2], isPending: false, error: new Error("later") }));
  expect(screen.getByText("1+2")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).toBeNull();
});
