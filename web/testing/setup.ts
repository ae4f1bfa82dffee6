import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import { startI18n } from "@/i18n";
import { resetPalette } from "@/lib/palette";

startI18n("en");

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  resetPalette();
});

// What jsdom lacks of a browser.
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= Observer as unknown as typeof ResizeObserver;
