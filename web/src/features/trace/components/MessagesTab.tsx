import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SpanDetail } from "@/api/types";
import { Code } from "@/components/core/Code";
import { Segmented } from "@/components/core/Segmented";
import { Empty } from "@/components/core/States";
import { type Content, conversation, pretty } from "../chat";
import { listOf, textOf } from "../details";
import { ChatMessage } from "./ChatMessage";
import { Rendering } from "./rendering";

/** What was said. Spans that are no chat show what went in and what came out. */
export function MessagesTab({ span }: { span: SpanDetail }) {
  const { t } = useTranslation();
  const [view, setView] = useState<"rendered" | "source">("rendered");
  const messages = conversation(span as Content);
  const others = values(span);
  if (messages.length === 0 && others.length === 0)
    return <Empty title={t("trace.noMessages")} hint={t("trace.noMessagesHint")} />;
  return (
    <div className="space-y-3">
      <div className="flex items-center gap-3">
        {span.truncated === true && <Notice text={t("trace.cut")} />}
        {span.redacted === true && <Notice text={t("trace.redacted")} />}
        {messages.length > 0 && (
          <div className="ml-auto">
            <Segmented
              size="small"
              label={t("trace.tabs.messages")}
              value={view}
              options={[
                { value: "rendered", label: t("trace.rendered") },
                { value: "source", label: t("trace.source") },
              ]}
              onChange={setView}
            />
          </div>
        )}
      </div>
      <Rendering.Provider value={view}>
        {messages.map((message, at) => (
          <ChatMessage key={at} message={message} />
        ))}
      </Rendering.Provider>
      {others.map(({ side, value }) => (
        <section key={side} aria-label={t(`trace.${side}`)}>
          <h3 className="mb-1 text-muted text-xs">{t(`trace.${side}`)}</h3>
          <Code bounded {...pretty(value)} />
        </section>
      ))}
      <Tools span={span} />
    </div>
  );
}

function Notice({ text }: { text: string }) {
  return <p className="rounded bg-warn-soft px-2 py-0.5 text-warn text-xs">{text}</p>;
}

type Value = { side: "input" | "output"; value: unknown };

/** Tool arguments and results, queries, embedded texts: what a span holds that is no message. */
function values(span: SpanDetail): Value[] {
  const first = (names: string[]) => names.map((name) => textOf(span, name)).find((value) => value !== null);
  const input = first([
    "tool_arguments",
    "db_query",
    ...(listOf(span, "input_messages").length > 0 ? [] : ["input_value"]),
  ]);
  const output = first(["tool_result", ...(listOf(span, "output_messages").length > 0 ? [] : ["output_value"])]);
  const found: Value[] = [];
  if (input !== undefined) found.push({ side: "input", value: input });
  if (output !== undefined) found.push({ side: "output", value: output });
  return found;
}

function Tools({ span }: { span: SpanDetail }) {
  const { t } = useTranslation();
  const tools = listOf<Record<string, unknown>>(span, "tool_definitions");
  if (tools.length === 0) return null;
  return (
    <details className="rounded-lg border">
      <summary className="px-3 py-1.5 text-muted">
        {t("trace.toolDefinitions")} ({tools.length})
        <span className="ml-2 text-faint text-xs">{tools.map((tool) => String(tool.name ?? "?")).join(", ")}</span>
      </summary>
      <div className="p-2">
        <Code json bounded text={JSON.stringify(tools, null, 2)} />
      </div>
    </details>
  );
}
