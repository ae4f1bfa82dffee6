import { expect, it } from "vitest";
import { OTHER, resetPalette, seriesColor, slotOf } from "./palette";

it("gives a name one colour for good, also after a reload", () => {
  const names = ["kimi", "gpt-4o", "claude", "qwen"];
  const first = names.map((name) => slotOf("model", name));
  expect(new Set(first).size).toBe(4);
  resetPalette();
  expect([...names].reverse().map((name) => slotOf("model", name))).toEqual([...first].reverse());
});

it("counts each field for itself and starts over after twelve", () => {
  const slots = Array.from({ length: 13 }, (_, at) => slotOf("app", `app ${at}`));
  expect(new Set(slots.slice(0, 12)).size).toBe(12);
  expect(slots[12]).toBe(slots[0]);
  expect(slotOf("provider", "openai")).toBe(1);
});

it("gives statuses their meaning and the rest no colour of its own", () => {
  expect(seriesColor("status", "error")).toBe("var(--color-error)");
  expect(seriesColor("model", OTHER)).toBe("var(--color-line-strong)");
  expect(seriesColor("model", null)).toBe("var(--color-line-strong)");
});
