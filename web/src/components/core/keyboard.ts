import { useEffect, useRef } from "react";

type Handlers = Record<string, (event: KeyboardEvent) => void>;

const EDITABLE = "input, textarea, select, [contenteditable=true]";

/** Page-wide keys. `"g o"` is g, then o. Nothing fires while someone types or holds a modifier. */
export function useKeys(handlers: Handlers): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    let prefix = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest(EDITABLE)) return;
      const chord = prefix ? `${prefix} ${event.key}` : event.key;
      const handler = latest.current[chord];
      clearTimeout(timer);
      prefix = "";
      if (handler) {
        event.preventDefault();
        handler(event);
      } else if (Object.keys(latest.current).some((key) => key.startsWith(`${event.key} `))) {
        prefix = event.key;
        timer = setTimeout(() => {
          prefix = "";
        }, 1_000);
      }
    };
    window.addEventListener("keydown", listen);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", listen);
    };
  }, []);
}
