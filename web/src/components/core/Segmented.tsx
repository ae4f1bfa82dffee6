type Props<T extends string> = {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  size?: "small" | "normal";
};

/** One of a few, all of them visible. */
export function Segmented<T extends string>({ label, value, options, onChange, size = "normal" }: Props<T>) {
  return (
    <fieldset aria-label={label} className="inline-flex rounded-md border border-line-strong bg-sunken p-px">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={`whitespace-nowrap rounded-[5px] ${size === "small" ? "px-1.5 text-xs leading-5" : "px-2.5 leading-6"} ${
            option.value === value
              ? "bg-surface font-medium text-fg shadow-sm shadow-shade"
              : "text-muted hover:text-fg"
          }`}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
