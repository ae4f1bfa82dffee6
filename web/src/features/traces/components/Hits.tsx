import type { Snippet } from "@/api/types";

/** A line of a text with what was searched for marked. */
export function Hits({ snippet }: { snippet: Snippet }) {
  const whole = snippet.parts.map((part) => part.text).join("");
  return (
    <span title={`${snippet.column}: ${whole}`}>
      {snippet.parts.map((part, place) =>
        part.hit ? <mark key={place}>{part.text}</mark> : <span key={place}>{part.text}</span>,
      )}
    </span>
  );
}
