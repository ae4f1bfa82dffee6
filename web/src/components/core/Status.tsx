import { useTranslation } from "react-i18next";
import { kindColor } from "./kinds";

const TONES: Record<string, string> = {
  ok: "bg-ok",
  error: "bg-error",
  unset: "bg-line-strong",
};

/** A dot with the word beside it or, in dense tables, as its name. */
export function StatusMark({
  status,
  word = false,
  detail,
}: {
  status: string | null;
  word?: boolean;
  detail?: string | null;
}) {
  const { t } = useTranslation();
  const name = status === "ok" || status === "error" || status === "unset" ? t(`status.${status}`) : (status ?? "—");
  const tip = detail ? `${name}: ${detail}` : name;
  return (
    <span className={`inline-flex items-center gap-1.5 ${status === "error" ? "text-error" : ""}`} title={tip}>
      <span aria-hidden="true" className={`size-2 rounded-full ${TONES[status ?? "unset"] ?? "bg-line-strong"}`} />
      {word ? <span>{name}</span> : <span className="sr-only">{tip}</span>}
    </span>
  );
}

/** What kind of span, with the colour it has everywhere. */
export function KindTag({ kind }: { kind: string | null }) {
  return (
    <span className="inline-flex items-center gap-1.5 text-muted text-xs">
      <span aria-hidden="true" className="size-2 rounded-sm" style={{ background: kindColor(kind) }} />
      {kind ?? "span"}
    </span>
  );
}
