/** Line icons, 16 × 16, in the colour of the text around them. */

const PATHS = {
  overview: "M2.5 13.5v-4h3v4zM6.5 13.5v-11h3v11zM10.5 13.5v-7h3v7z",
  traces: "M2 4h8M5 8h9M4 12h6",
  sessions: "M2 3h12v8H8l-3.5 3v-3H2z",
  users: "M8 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM3 13.500a5 5 0 0 1 10 0",
  costs:
    "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM10 6c-.500-.800-1.200-1-2-1-1.200 0-2 .500-2 1.500S7 7.800 8 8s2 .500 2 1.500S9.200 11 8 11c-.800 0-1.500-.300-2-1M8 4v1M8 11v1",
  explore: "M2.500 3h11v10h-11zM5 6.500 7 8 5 9.500M8.500 10h2.500",
  connect: "M6 10 4.5 11.5a2.5 2.5 0 0 1-3.5-3.5L3 6M10 6l1.5-1.5a2.5 2.5 0 0 1 3.5 3.5L13 10M6 9.5 10 6.5",
  status: "M1.5 8.5h3l2-5 3 9 2-4h3",
  refresh: "M13.5 8a5.5 5.5 0 1 1-1.600-3.900M13.5 2v3h-3",
  clock: "M8 4.5V8l2.5 1.5M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  chevron: "M6 4l4 4-4 4",
  down: "M4 6l4 4 4-4",
  up: "M4 10l4-4 4 4",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  check: "M3 8.5 6.5 12 13 4.5",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  system: "M2 3h12v8H2zM6 14h4M8 11v3",
  warning: "M8 2 1.5 13.5h13zM8 6.5v3M8 11.5v.5",
  columns: "M2.5 3h11v10h-11zM6 3v10M10 3v10",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.5M7 6.5h.5M10 6.5h.5M12 6.5h.5M4.5 9.5h7",
  image: "M2 3h12v10H2zM2 11l3.5-3.5L9 11l2-2 3 3M10.5 6h.5",
  tool: "M9.5 6.5 3 13M10 2.5a3.5 3.5 0 1 0 3.5 3.5L11.5 7 9 4.5z",
  external: "M6 3H3v10h10v-3M9 3h4v4M13 3 7.5 8.5",
  zoomOut: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14M5 7h4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`size-4 shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
