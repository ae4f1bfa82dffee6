/** One colour a series name, everywhere: a name keeps its slot of the 12 while the browser remembers it. */

export const SLOTS = 12;
const STORE = "pellucid.palette";

/** Statuses have a meaning, so they have a colour of their own. */
const MEANING: Record<string, string> = {
  ok: "var(--color-ok)",
  error: "var(--color-error)",
  unset: "var(--color-faint)",
};

type Known = Record<string, Record<string, number>>;

let known: Known | null = null;

function load(): Known {
  if (known) return known;
  try {
    known = JSON.parse(localStorage.getItem(STORE) ?? "{}") as Known;
  } catch {
    known = {};
  }
  return known;
}

/** 1…12. A new name takes the first free slot, so that few names are far apart; when all are taken, names share. */
export function slotOf(field: string, name: string): number {
  const all = load();
  const names = all[field] ?? {};
  const mine = names[name];
  if (mine !== undefined && mine >= 1 && mine <= SLOTS) return mine;
  const taken = Object.keys(names).length;
  const slot = (taken % SLOTS) + 1;
  names[name] = slot;
  all[field] = names;
  try {
    localStorage.setItem(STORE, JSON.stringify(all));
  } catch {
    // Without storage the colours hold until the page is closed.
  }
  return slot;
}

/** A CSS colour for a series. */
export function seriesColor(field: string, name: string | null): string {
  if (name === null || name === OTHER) return "var(--color-line-strong)";
  return (field === "status" ? MEANING[name] : undefined) ?? `var(--color-series-${slotOf(field, name)})`;
}

/** The series that holds everything too small for its own. */
export const OTHER = "…other";

/** Forgets every slot; for tests. */
export function resetPalette(): void {
  known = null;
}
