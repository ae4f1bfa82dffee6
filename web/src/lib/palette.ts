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

function hash(name: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < name.length; index++) value = Math.imul(value ^ name.charCodeAt(index), 16_777_619);
  return value >>> 0;
}

/** 1…12. The name's hash proposes, the first free slot disposes; when all are taken names share. */
export function slotOf(field: string, name: string): number {
  const all = load();
  const names = all[field] ?? {};
  const mine = names[name];
  if (mine !== undefined && mine >= 1 && mine <= SLOTS) return mine;
  const taken = new Set(Object.values(names));
  const wish = hash(name) % SLOTS;
  let slot = wish;
  for (let step = 0; step < SLOTS; step++) {
    if (!taken.has(((wish + step) % SLOTS) + 1)) {
      slot = (wish + step) % SLOTS;
      break;
    }
  }
  names[name] = slot + 1;
  all[field] = names;
  try {
    localStorage.setItem(STORE, JSON.stringify(all));
  } catch {
    // Without storage the colours hold until the page is closed.
  }
  return slot + 1;
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
