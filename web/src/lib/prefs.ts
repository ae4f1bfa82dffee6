/** Preferences of this browser: kept in localStorage, harmless when it is not there. */

export type Theme = "system" | "light" | "dark";

export function readPref(name: string): string | null {
  try {
    return localStorage.getItem(`pellucid.${name}`);
  } catch {
    return null;
  }
}

export function writePref(name: string, value: string): void {
  try {
    localStorage.setItem(`pellucid.${name}`, value);
  } catch {
    // Nothing depends on it being kept.
  }
}

export function readTheme(): Theme {
  const theme = readPref("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

const dark = () => (typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null);

/** Sets the theme on the document; tokens.css does the rest. */
export function applyTheme(theme: Theme): void {
  const now = theme === "system" ? (dark()?.matches ? "dark" : "light") : theme;
  document.documentElement.dataset.theme = now;
}

/** Follows the system while the preference says so. */
export function followSystem(): void {
  dark()?.addEventListener("change", () => readTheme() === "system" && applyTheme("system"));
}
