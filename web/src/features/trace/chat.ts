/** Messages of a span as a conversation: tool calls meet their results, every part gets a shape that can be drawn. Pure. */

export type Part =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  | {
      type: "tool";
      id: string | null;
      name: string;
      arguments: unknown;
      result?: { value: unknown };
      answered: boolean;
    }
  | { type: "result"; id: string | null; value: unknown }
  | { type: "image"; src: string | null; uri: string | null }
  | { type: "file"; label: string }
  | { type: "other"; kind: string; value: unknown };

export type Message = { role: string; parts: Part[]; finish: string | null; side: "system" | "input" | "output" };

type Raw = Record<string, unknown>;

const object = (value: unknown): Raw | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : null;
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];

export type Content = { system_instructions?: unknown; input_messages?: unknown; output_messages?: unknown };

/** The whole conversation in reading order. */
export function conversation(content: Content): Message[] {
  const system = list(content.system_instructions).map(part);
  const messages: Message[] = [
    ...(system.length > 0 ? [{ role: "system", parts: system, finish: null, side: "system" as const }] : []),
    ...list(content.input_messages).map((raw) => message(raw, "input")),
    ...list(content.output_messages).map((raw) => message(raw, "output")),
  ];
  return pair(messages).filter((one) => one.parts.length > 0 || one.finish !== null);
}

function message(raw: unknown, side: "input" | "output"): Message {
  const map = object(raw);
  if (!map) return { role: side === "input" ? "user" : "assistant", parts: [part(raw)], finish: null, side };
  const parts = list(map.parts ?? map.content).map(part);
  return {
    role: text(map.role) ?? (side === "input" ? "user" : "assistant"),
    parts,
    finish: text(map.finish_reason),
    side,
  };
}

function part(raw: unknown): Part {
  const map = object(raw);
  if (!map) return { type: "text", text: text(raw) ?? JSON.stringify(raw) };
  const kind = text(map.type) ?? "text";
  const content = map.content ?? map.text;
  if (kind === "text" && typeof content === "string") return { type: "text", text: content };
  if (kind === "reasoning" || kind === "thinking") {
    return {
      type: "thinking",
      text: text(content) ?? text(map.thinking) ?? text(map.reasoning) ?? JSON.stringify(map),
    };
  }
  if (kind === "tool_call") {
    return {
      type: "tool",
      id: text(map.id),
      name: text(map.name) ?? "?",
      arguments: map.arguments ?? null,
      answered: false,
    };
  }
  if (kind === "tool_call_response")
    return { type: "result", id: text(map.id), value: map.response ?? map.result ?? null };
  return image(kind, map) ?? file(kind, map) ?? { type: "other", kind, value: map };
}

/** What browsers can draw and scripts cannot hide in. SVG is drawn as a picture, where its scripts do not run. */
const PICTURE = /^image\/(png|jpe?g|gif|webp|avif|bmp|svg\+xml)$/i;
const INLINE = /^data:image\/(png|jpe?g|gif|webp|avif|bmp|svg\+xml);base64,[a-z0-9+/=\s_-]*$/i;

/** Data in the message is shown; an address elsewhere is only named: opening a trace must not call out. */
function image(kind: string, map: Raw): Part | null {
  const source = object(map.source);
  const mime = text(map.mime_type) ?? text(map.media_type) ?? text(source?.media_type) ?? "";
  const uri =
    text(object(map.image_url)?.url) ?? text(map.image_url) ?? text(map.uri) ?? text(map.url) ?? text(source?.url);
  const data = text(map.data) ?? text(source?.data) ?? (kind === "blob" ? text(map.content) : null);
  const picture = kind.includes("image") || map.modality === "image" || mime.startsWith("image/");
  if (!picture) return null;
  if (data && PICTURE.test(mime)) return { type: "image", src: `data:${mime};base64,${data}`, uri: null };
  if (uri && INLINE.test(uri)) return { type: "image", src: uri, uri: null };
  return { type: "image", src: null, uri: uri ? uri.slice(0, 300) : null };
}

function file(kind: string, map: Raw): Part | null {
  if (kind !== "file" && kind !== "blob" && kind !== "uri") return null;
  const label = [map.file_id, map.filename, map.name, map.uri, map.mime_type, map.modality]
    .map(text)
    .find((one) => one !== null);
  return { type: "file", label: label ?? kind };
}

/** Puts each result into its call; a result without a call stays where it is. */
function pair(messages: Message[]): Message[] {
  const calls = new Map<string, Extract<Part, { type: "tool" }>>();
  for (const { parts } of messages) {
    for (const one of parts) if (one.type === "tool" && one.id !== null) calls.set(one.id, one);
  }
  return messages.map((one) => ({
    ...one,
    parts: one.parts.filter((candidate) => {
      if (candidate.type !== "result" || candidate.id === null) return true;
      const call = calls.get(candidate.id);
      if (!call || call.answered) return true;
      call.result = { value: candidate.value };
      call.answered = true;
      return false;
    }),
  }));
}

/** Text that is JSON, laid out; other text as it is. */
export function pretty(value: unknown): { text: string; json: boolean } {
  if (typeof value !== "string") return { text: JSON.stringify(value, null, 2) ?? "", json: true };
  const start = value.trimStart()[0];
  if (start !== "{" && start !== "[") return { text: value, json: false };
  try {
    return { text: JSON.stringify(JSON.parse(value), null, 2), json: true };
  } catch {
    return { text: value, json: false };
  }
}
