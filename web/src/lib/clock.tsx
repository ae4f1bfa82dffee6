/** "Now", as all panels of a page agree on it: it moves only when the page is refreshed. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

type Clock = { now: number; tick: () => void };

const Context = createContext<Clock>({ now: 0, tick: () => undefined });

export function ClockProvider({ children, start = Date.now() }: { children: ReactNode; start?: number }) {
  const [now, setNow] = useState(start);
  const tick = useCallback(() => setNow(Date.now()), []);
  const clock = useMemo(() => ({ now, tick }), [now, tick]);
  return <Context.Provider value={clock}>{children}</Context.Provider>;
}

export const useClock = () => useContext(Context);
