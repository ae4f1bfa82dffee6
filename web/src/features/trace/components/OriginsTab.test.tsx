import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { open, Refusal, serve } from "../../../../testing/render";
import { OriginsTab } from "./OriginsTab";

const place = (name: string, sent: string, more = {}) => ({
  kind: "attribute",
  name,
  key: null,
  pointer: null,
  logs: [],
  dialect: "openlit",
  spec: "https://example.org/spec",
  sent,
  ...more,
});

const blank = { today: null, origin: null, rule: null, price_id: null, notes: [], refused: [], conflicts: [] };

const span = {
  explain: {
    notes: ["the SDK dropped attributes"],
    columns: [
      { ...blank, column: "kind", value: "llm", rule: "a rule of a newer server" },
      {
        ...blank,
        column: "input_tokens",
        value: 110,
        origin: place("gen_ai.usage.input_tokens", "10"),
        notes: ["input+=cache"],
        conflicts: [place("llm.token_count.prompt", "12", { dialect: "openinference", spec: "PyPI something" })],
      },
      {
        ...blank,
        column: "seed",
        value: null,
        refused: [{ origin: place("gen_ai.request.seed", "0"), why: "filler" }],
      },
    ],
  },
};

const show = (answer: unknown) => {
  const asked = serve({ "spans/t/s": answer });
  return open("/traces/t", <OriginsTab traceId="t" spanId="s" />).then(() => asked);
};

it("names place, dialect and what was done, in words", async () => {
  const asked = await show(span);
  expect(await screen.findByText("gen_ai.usage.input_tokens")).toBeInTheDocument();
  expect(asked[0]?.input).toEqual({ explain: "true" });
  expect(screen.getByText("cached tokens were added to the input")).toBeInTheDocument();
  expect(screen.getByText("1 conflict")).toBeInTheDocument();
  const links = screen.getAllByRole("link", { name: "openlit" });
  expect(links.map((link) => link.getAttribute("href"))).toEqual(Array(2).fill("https://example.org/spec"));
  expect(screen.queryByRole("link", { name: "openinference" })).toBeNull();
  expect(screen.getByText("a rule of a newer server")).toBeInTheDocument();
  expect(screen.getByText("the SDK writes this where nobody said anything")).toBeInTheDocument();
});

it("shows only what deserves a look when asked to", async () => {
  await show(span);
  await userEvent.click(await screen.findByRole("button", { name: "Conflicts and refusals" }));
  expect(screen.queryByText("kind")).toBeNull();
  expect(screen.getByText("seed")).toBeInTheDocument();
});

it("says so when there is nothing, and when it fails", async () => {
  await show({ explain: { notes: [], columns: [] } });
  expect(await screen.findByText("Nothing is known about this span's columns")).toBeInTheDocument();
});

it("gives the server's own words when it fails", async () => {
  await show(new Refusal(404, "no span s in trace t"));
  expect(await screen.findByText("no span s in trace t")).toBeInTheDocument();
});
