import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { readPref, writePref } from "@/lib/prefs";

type Props = { name: string; label: string; left: ReactNode; right: ReactNode };

const MIN = 25;
const MAX = 75;
const STEP = 2;

/** Two panes and a line between them that can be moved, by arrows too; the place is kept under `name`. */
export function SplitPane({ name, label, left, right }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(() => clamp(Number(readPref(`split.${name}`) ?? 54)));
  const move = (value: number) => {
    setShare(clamp(value));
    writePref(`split.${name}`, String(clamp(value)));
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    const box = root.current?.getBoundingClientRect();
    if (box && event.currentTarget.hasPointerCapture(event.pointerId))
      move(((event.clientX - box.left) / box.width) * 100);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    move(share + step);
  };
  return (
    <div ref={root} className="flex min-h-0 flex-1 max-lg:flex-col">
      <div className="min-h-0 min-w-0 max-lg:!w-full max-lg:h-1/2" style={{ width: `${share}%` }}>
        {left}
      </div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={Math.round(share)}
        aria-valuemin={MIN}
        aria-valuemax={MAX}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={keys}
        className="w-1 shrink-0 cursor-col-resize touch-none border-x bg-sunken hover:bg-accent max-lg:hidden"
      />
      <div className="min-h-0 min-w-0 flex-1">{right}</div>
    </div>
  );
}

const clamp = (value: number) => Math.max(MIN, Math.min(MAX, Number.isFinite(value) ? value : 54));
