import { useSyncExternalStore } from "react";

const current = () => document.documentElement.dataset.theme ?? "light";

function subscribe(changed: () => void) {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

/** The theme in force, for what is drawn on a canvas and cannot follow CSS. */
export const useTheme = () => useSyncExternalStore(subscribe, current);
