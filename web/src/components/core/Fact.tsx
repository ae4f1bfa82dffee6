import type { ReactNode } from "react";

/** A label over its value, one of several in a `dl`. */
export function Fact({ label, title, children }: { label: string; title?: string; children: ReactNode }) {
  return (
    <div title={title} className="min-w-0">
      <dt className="text-2xs text-faint leading-4">{label}</dt>
      <dd className="max-w-72 truncate">{children}</dd>
    </div>
  );
}
