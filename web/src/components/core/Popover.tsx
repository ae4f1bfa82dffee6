import { type ReactNode, useEffect, useId, useRef, useState } from "react";

type Props = {
  /** What the button shows. */
  button: ReactNode;
  label: string;
  children: (close: () => void) => ReactNode;
  align?: "left" | "right";
  className?: string;
};

/** A button that opens a small panel below itself. Escape, a click outside and leaving it by Tab close it. */
export function Popover({ button, label, children, align = "left", className = "" }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for keys of the controls inside
    <div
      ref={root}
      className="relative"
      onKeyDown={(event) => {
        if (open && event.key === "Escape") {
          event.stopPropagation();
          close();
        }
      }}
      onBlur={(event) => {
        if (event.relatedTarget && !root.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        ref={trigger}
        type="button"
        aria-label={label}
        title={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        className={`inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-md border border-line-strong bg-surface px-2 text-sm hover:bg-hover ${className}`}
      >
        {button}
      </button>
      {open && (
        <div
          id={id}
          className={`absolute top-full z-40 mt-1 min-w-full rounded-md border border-line-strong bg-raised p-1 shadow-lg shadow-shade ${align === "right" ? "right-0" : "left-0"}`}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

type ItemProps = { chosen?: boolean; onClick: () => void; children: ReactNode; className?: string };

/** One choice in a popover. */
export function PopoverItem({ chosen = false, onClick, children, className = "" }: ItemProps) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onClick}
      className={`flex w-full items-center gap-2 whitespace-nowrap rounded px-2 py-1 text-left hover:bg-hover ${chosen ? "bg-selected font-medium" : ""} ${className}`}
    >
      {children}
    </button>
  );
}
