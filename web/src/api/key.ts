/** The key that this browser shows to a server that asks for one; kept for this tab only. */
const NAME = "pellucid.key";

export function apiKey(): string | null {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}

export function setApiKey(key: string): void {
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // Private windows may refuse storage; the key then has to be typed again.
  }
}
