import { Fragment, type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Copy } from "./Copy";

/** Colouring costs time with every character: beyond this, text stays plain. */
const COLOUR_CHARS = 60_000;
/** Beyond this, the rest waits for a click. */
const SHOWN_CHARS = 20_000;

type Props = { text: string; json?: boolean; bounded?: boolean };

/** Text as it is, JSON with its strings and numbers told apart; long text opens in steps. */
export function Code({ text, json = false, bounded = false }: Props) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? text : text.slice(0, SHOWN_CHARS);
  const body = useMemo(() => (json && shown.length <= COLOUR_CHARS ? colour(shown) : shown), [shown, json]);
  return (
    <div className="group relative">
      <pre
        className={`thin-scroll overflow-auto whitespace-pre-wrap break-words rounded border bg-sunken px-2 py-1.5 font-mono text-xs leading-5 ${bounded ? "max-h-96" : ""}`}
      >
        {body}
      </pre>
      {shown.length < text.length && (
        <button type="button" onClick={() => setAll(true)} className="text-accent text-xs hover:underline">
          {t("common.more")} ({(text.length - shown.length).toLocaleString("en-US")})
        </button>
      )}
      <span className="absolute top-0.5 right-0.5 rounded bg-sunken opacity-0 focus-within:opacity-100 group-hover:opacity-100">
        <Copy small text={() => text} />
      </span>
    </div>
  );
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function colour(text: string): ReactNode {
  const nodes: ReactNode[] = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon] = match;
    nodes.push(text.slice(last, match.index));
    const tone = string ? (colon ? "text-info" : "text-ok") : "text-warn";
    nodes.push(
      <Fragment key={match.index}>
        <span className={tone}>{string ?? whole}</span>
        {colon}
      </Fragment>,
    );
    last = match.index + whole.length;
  }
  nodes.push(text.slice(last));
  return nodes;
}
