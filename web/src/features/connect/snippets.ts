/** What to paste into an application so that its spans arrive here. */

export type SnippetContext = { origin: string; needsKey: boolean; ids: { trace: string; span: string } };

/** OpenLIT in three lines; the address is this server's own. */
export function openlit({ origin, needsKey }: SnippetContext): string {
  const key = needsKey ? `, otlp_headers={"Authorization": "Bearer KEY"}` : "";
  return [
    "# pip install openlit",
    "import openlit",
    "",
    `openlit.init(otlp_endpoint="${origin}/otel", application_name="my_app"${key})`,
  ].join("\n");
}

export function environment({ origin, needsKey }: SnippetContext): string {
  const lines = [
    `export OTEL_EXPORTER_OTLP_ENDPOINT="${origin}/otel"`,
    `export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"`,
    `export OTEL_SERVICE_NAME="my_app"`,
    `export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="true"`,
  ];
  if (needsKey) lines.push(`export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20KEY"`);
  return lines.join("\n");
}

/** One chat call as OTLP JSON; the shell fills in the time. */
export function curl({ origin, needsKey, ids }: SnippetContext): string {
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const int = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
  const message = (role: string, content: string) =>
    JSON.stringify([
      { role, parts: [{ type: "text", content }], ...(role === "assistant" ? { finish_reason: "stop" } : {}) },
    ]);
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", "hello")] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: ids.trace,
                spanId: ids.span,
                name: "chat gpt-4o-mini",
                kind: 3,
                startTimeUnixNano: "START",
                endTimeUnixNano: "END",
                attributes: [
                  text("gen_ai.operation.name", "chat"),
                  text("gen_ai.provider.name", "openai"),
                  text("gen_ai.request.model", "gpt-4o-mini"),
                  int("gen_ai.usage.input_tokens", 12),
                  int("gen_ai.usage.output_tokens", 9),
                  text("gen_ai.input.messages", message("user", "Are you there?")),
                  text("gen_ai.output.messages", message("assistant", "Yes, and so is this span.")),
                ],
              },
            ],
          },
        ],
      },
    ],
  };
  const json = JSON.stringify(body).replace("START", `'$NOW'000000000`).replace("END", `'$NOW'800000000`);
  const key = needsKey ? `  -H 'Authorization: Bearer KEY' \\\n` : "";
  return `NOW=$(date +%s); curl -sS ${origin}/otel/v1/traces \\\n  -H 'Content-Type: application/json' \\\n${key}  -d '${json}'`;
}

/** Random ids, so that trying twice makes two spans. */
export function randomIds(): SnippetContext["ids"] {
  const hex = (bytes: number) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { trace: hex(16), span: hex(8) };
}
