/**
 * What a full-text question asks for, to mark it in a text that is shown. Pure. The server decides what answers a question;
 * this only finds the same words again, so it need not know groups or OR.
 */

/** Longest first, so that a phrase wins over its words. What must not be there (`-word`, `NOT word`) is left out. */
export function wantedWords(question: string): string[] {
  const folded = question.replace(/[“”„＂]/g, '"');
  const words: string[] = [];
  let not = false;
  for (const [, minus, phrase, word] of folded.matchAll(/(-?)(?:"((?:\\"|[^"])*)"?\*?|([^\s"]+))/g)) {
    const plain = phrase?.replaceAll('\\"', '"') ?? word?.replace(/^[(-]+|[)*]+$/g, "") ?? "";
    if (phrase === undefined && plain === "NOT") {
      not = true;
      continue;
    }
    if (phrase === undefined && (plain === "OR" || plain === "AND")) continue;
    if (!minus && !not && !word?.startsWith("-") && plain.trim() !== "") words.push(plain.trim());
    not = false;
  }
  return [...new Set(words)].sort((a, b) => b.length - a.length);
}

/** Where the words stand in a text: start and end, in order, none in another. A word does not begin inside another. */
export function hits(text: string, words: readonly string[]): [number, number][] {
  if (words.length === 0) return [];
  const found: [number, number][] = [];
  for (const match of text.matchAll(new RegExp(words.map(pattern).join("|"), "giu"))) {
    if (match[0] !== "") found.push([match.index, match.index + match[0].length]);
  }
  return found;
}

/** Written without spaces: a word may begin and end anywhere. */
const SPACELESS = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;

function pattern(word: string): string {
  const escaped = word
    .split(/\s+/)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
    .join("[\\s\\p{P}]+");
  const alone = /^[\p{L}\p{N}_]/u.test(word) && !SPACELESS.test(word);
  return alone ? `(?<![A-Za-z0-9_])${escaped}` : escaped;
}
