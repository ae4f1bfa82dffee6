import type { Row } from "../details";

/** Names and values; values break, names do not. */
export function RowList({ rows }: { rows: Row[] }) {
  return (
    <dl className="grid grid-cols-[minmax(140px,max-content)_1fr] text-xs">
      {rows.map(({ name, value }) => (
        <div key={name} className="group col-span-2 grid grid-cols-subgrid border-b py-1 hover:bg-hover">
          <dt className="max-w-72 break-all pr-4 text-muted">{name}</dt>
          <dd className="max-h-60 overflow-y-auto whitespace-pre-wrap break-words font-mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
