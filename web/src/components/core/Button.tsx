import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { icon?: IconName; tone?: "plain" | "accent" | "quiet" };

const TONES = {
  plain: "border border-line-strong bg-surface text-fg hover:bg-hover",
  accent: "border border-accent bg-accent text-on-accent hover:opacity-90",
  quiet: "border border-transparent text-muted hover:bg-hover hover:text-fg",
};

export function Button({ icon, tone = "plain", className = "", children, ...rest }: Props) {
  return (
    <button
      type="button"
      className={`inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-md px-2 text-sm disabled:opacity-50 ${TONES[tone]} ${className}`}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows only an icon; `label` is what it says to everyone who cannot see it. */
export function IconButton({ label, icon, className = "", ...rest }: Props & { label: string; icon: IconName }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-7 shrink-0 items-center justify-center rounded-md border border-transparent text-muted hover:bg-hover hover:text-fg disabled:opacity-40 ${className}`}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
