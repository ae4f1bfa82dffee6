import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { Icon } from "@/components/core/Icon";

/** Long enough not to ask for every letter. */
const DELAY_MS = 350;

type Props = { value: string; error?: unknown; onChange: (value: string) => void };

/** Full text. Asked when typing pauses, at once on Enter; Escape leaves. A wrong question is shown with its place. */
export function SearchBox({ value, error, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const change = useRef(onChange);
  change.current = onChange;

  useEffect(() => {
    // The address changed elsewhere (back button, cleared filters): it wins over what stands in the box.
    if (value !== asked.current) {
      asked.current = value;
      setText(value);
    }
  }, [value]);

  const ask = (next: string) => {
    asked.current = next;
    change.current(next);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the clock
  useEffect(() => {
    if (text.trim() === asked.current) return;
    const timer = setTimeout(() => ask(text.trim()), DELAY_MS);
    return () => clearTimeout(timer);
  }, [text]);

  const wrong = value !== "" && error instanceof ApiError && error.position ? error : null;
  const column = wrong?.position?.column ?? 0;
  const letters = [...value];
  return (
    <label className="relative flex min-w-48 max-w-xl flex-1 items-center">
      <span className="sr-only">{t("traces.search")}</span>
      <Icon name="search" className="pointer-events-none absolute left-2 text-faint" />
      <input
        data-search
        type="search"
        value={text}
        placeholder={t("traces.search")}
        title={t("traces.searchHelp")}
        aria-invalid={wrong !== null}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") ask(text.trim());
          if (event.key === "Escape") event.currentTarget.blur();
        }}
        className={`h-7 w-full rounded-md border bg-surface pr-2 pl-7 ${wrong ? "border-error" : "border-line-strong"}`}
      />
      {wrong && (
        <span
          role="alert"
          className="absolute top-full left-0 z-20 mt-1 rounded-md border bg-surface px-2 py-1 text-xs"
        >
          <code>
            {letters.slice(0, column - 1).join("")}
            <mark>{letters[column - 1] ?? "\u00a0"}</mark>
            {letters.slice(column).join("")}
          </code>
          <span className="block text-error">{wrong.message}</span>
          {wrong.hint && <span className="block text-muted">{wrong.hint}</span>}
        </span>
      )}
    </label>
  );
}
