import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { open, serve } from "../../../testing/render";
import { UsersPage } from "./UsersPage";

// jsdom has no layout: every row is on the screen.
vi.mock("@tanstack/react-virtual", () => ({
  useVirtualizer: ({ count }: { count: number }) => ({
    getVirtualItems: () => Array.from({ length: count }, (_, index) => ({ index, key: index, start: index * 32 })),
    getTotalSize: () => count * 32,
    scrollToIndex: () => undefined,
  }),
}));

const USER = {
  user_id: "ann",
  first_seen: "2025-11-24T11:00:00Z",
  last_seen: "2025-11-24T11:02:00Z",
  session_count: 2,
  trace_count: 3,
  call_count: 4,
  error_count: 0,
  input_tokens: 1000,
  output_tokens: 200,
  total_tokens: 1200,
  cost_usd: "1.500000000000",
  unpriced_calls: 0,
  estimated_calls: 1,
  models: ["kimi", "gpt-5"],
};

it("lists users with what they spent and leads to their sessions", async () => {
  const asked = serve({ users: { items: [USER] }, sessions: { items: [] } });
  const { location } = await open("/users?order=cost", <UsersPage />);
  const row = await screen.findByRole("row", { name: /ann/ });
  expect(within(row).getByText("$1.50")).toBeInTheDocument();
  expect(within(row).getByText("kimi, gpt-5")).toBeInTheDocument();
  expect(asked[0]?.input.order).toBe("cost");
  await userEvent.click(row);
  await waitFor(() => expect(location()).toContain("/sessions"));
  expect(location()).toContain("user=ann");
});
