type Props = { values: (number | null)[] };

/** The shape of the window at a glance; the chart below has the numbers. */
export function Sparkline({ values }: Props) {
  const max = Math.max(0, ...values.map((value) => value ?? 0));
  if (values.length < 2 || max === 0) return null;
  const step = 100 / (values.length - 1);
  let pen = "M";
  const path = values
    .map((value, at) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const point = `${pen}${(at * step).toFixed(1)} ${(20 - (value / max) * 18).toFixed(1)}`;
      pen = "L";
      return point;
    })
    .join("");
  return (
    <svg
      viewBox="0 0 100 21"
      preserveAspectRatio="none"
      aria-hidden="true"
      className="mt-auto h-4 w-full text-accent opacity-70"
    >
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.2" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
