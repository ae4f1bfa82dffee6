import { useContext } from "react";
import { useTranslation } from "react-i18next";
import { Code } from "@/components/core/Code";
import { Icon } from "@/components/core/Icon";
import { Markdown } from "@/components/core/Markdown";
import { type Message, type Part, pretty } from "../chat";
import { Rendering } from "./rendering";

const TONES: Record<string, string> = {
  system: "border-l-line-strong bg-sunken",
  developer: "border-l-line-strong bg-sunken",
  user: "border-l-series-2",
  assistant: "border-l-series-1",
  tool: "border-l-series-3",
};

/** One turn: who speaks, and its parts in order. */
export function ChatMessage({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { role, parts, finish } = message;
  const known = role === "system" || role === "developer" || role === "user" || role === "assistant" || role === "tool";
  const length = parts.reduce((sum, part) => sum + (part.type === "text" ? part.text.length : 0), 0);
  return (
    <article className={`rounded-lg border border-l-[3px] ${TONES[role] ?? "border-l-line-strong"}`}>
      <header className="flex items-baseline gap-2 px-3 pt-1.5 text-xs">
        <span className="font-medium text-muted">{known ? t(`trace.roles.${role}`) : role}</span>
        {finish && finish !== "stop" && (
          <span className={finish === "tool_call" ? "text-faint" : "rounded bg-warn-soft px-1 text-warn"}>
            {t("trace.finish", { reason: finish })}
          </span>
        )}
        {length > 0 && <span className="ml-auto text-faint">{length.toLocaleString("en-US")}</span>}
      </header>
      <div className="space-y-2 px-3 pt-1 pb-2.5">
        {parts.map((part, at) => (
          <PartView key={at} part={part} />
        ))}
      </div>
    </article>
  );
}

function PartView({ part }: { part: Part }) {
  const { t } = useTranslation();
  switch (part.type) {
    case "text":
      return <Text text={part.text} />;
    case "thinking":
      return (
        <details className="rounded border border-dashed">
          <summary className="px-2 py-0.5 text-muted text-xs">{t("trace.thinking")}</summary>
          <div className="px-2 pb-2 text-muted">
            <Text text={part.text} />
          </div>
        </details>
      );
    case "tool":
      return <ToolCall part={part} />;
    case "result":
      return (
        <div>
          <p className="mb-1 text-muted text-xs">
            {t("trace.toolResult")} {part.id && <code className="text-faint">{part.id}</code>}
          </p>
          <Code bounded {...pretty(part.value)} />
        </div>
      );
    case "image":
      return <Picture src={part.src} uri={part.uri} />;
    case "file":
      return (
        <p className="text-muted">
          {t("trace.file")}: <code className="break-all">{part.label}</code>
        </p>
      );
    case "other":
      return (
        <div>
          <p className="mb-1 text-muted text-xs">{t("trace.unknownPart", { type: part.kind })}</p>
          <Code bounded {...pretty(part.value)} />
        </div>
      );
  }
}

/** Very long text is parsed only when asked for: markdown costs more than it shows. */
const MARKDOWN_CHARS = 100_000;

function Text({ text }: { text: string }) {
  const view = useContext(Rendering);
  if (view === "source" || text.length > MARKDOWN_CHARS) {
    return <div className="whitespace-pre-wrap break-words font-mono text-xs leading-5">{text}</div>;
  }
  const { json, text: laid } = pretty(text);
  return json ? <Code json bounded text={laid} /> : <Markdown text={text} />;
}

/** A call and what came of it, together. */
function ToolCall({ part }: { part: Extract<Part, { type: "tool" }> }) {
  const { t } = useTranslation();
  return (
    <div className="rounded-md border">
      <p className="flex items-center gap-1.5 border-b bg-sunken px-2 py-1 text-xs">
        <Icon name="tool" className="!size-3.5 text-warn" />
        <span className="text-muted">{t("trace.toolCall")}</span>
        <code className="font-medium">{part.name}</code>
        {part.id && <code className="ml-auto truncate text-faint">{part.id}</code>}
      </p>
      <div className="space-y-1.5 p-2">
        <Code bounded {...pretty(part.arguments)} />
        {part.result ? (
          <>
            <p className="text-muted text-xs">{t("trace.toolResult")}</p>
            <Code bounded {...pretty(part.result.value)} />
          </>
        ) : (
          <p className="text-faint text-xs">{t("trace.toolNoResult")}</p>
        )}
      </div>
    </div>
  );
}

function Picture({ src, uri }: { src: string | null; uri: string | null }) {
  const { t } = useTranslation();
  if (src)
    return (
      <img src={src} alt={t("trace.image")} className="max-h-96 max-w-full rounded border bg-sunken object-contain" />
    );
  return (
    <p className="inline-flex max-w-full items-center gap-2 rounded border border-dashed px-3 py-2 text-muted">
      <Icon name="image" />
      <span className="break-all">{uri ? t("trace.imageRemote", { uri }) : t("trace.image")}</span>
    </p>
  );
}
