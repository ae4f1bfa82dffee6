import { type RefObject, useEffect } from "react";
import { hits, wantedWords } from "@/lib/words";

/** The name that `base.css` colours. */
const NAME = "searched";
/** Places that are marked; a text with more has its first ones marked. */
const MOST = 2_000;

/**
 * Marks what a question asks for in all texts below an element, without touching the elements themselves (CSS custom
 * highlights). Where the browser cannot, nothing is marked.
 */
export function useMarks(root: RefObject<HTMLElement | null>, question: string): void {
  useEffect(() => {
    const element = root.current;
    const words = wantedWords(question);
    if (!element || words.length === 0 || typeof Highlight === "undefined") return;
    const mark = () => CSS.highlights.set(NAME, new Highlight(...rangesOf(element, words)));
    mark();
    const changes = new MutationObserver(mark);
    changes.observe(element, { childList: true, characterData: true, subtree: true });
    return () => {
      changes.disconnect();
      CSS.highlights.delete(NAME);
    };
  }, [root, question]);
}

/** Where the words stand in the texts below an element; a phrase across elements is not found. */
export function rangesOf(element: Node, words: readonly string[]): Range[] {
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node && ranges.length < MOST; node = texts.nextNode()) {
    for (const [start, end] of hits(node.textContent ?? "", words)) {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, end);
      ranges.push(range);
    }
  }
  return ranges.slice(0, MOST);
}
