import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

/** Where a question is wrong; lines and columns count from one. */
export type Fault = { line: number; column: number; message: string };

type Props = {
  value: string;
  tables: Record<string, string[]>;
  fault: Fault | null;
  onChange: (value: string) => void;
  onRun: () => void;
};

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--color-surface)", color: "var(--color-fg)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, ui-monospace, monospace)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--color-sunken)", color: "var(--color-faint)", border: "none" },
  ".cm-content": { caretColor: "var(--color-fg)" },
  ".cm-cursor": { borderLeftColor: "var(--color-fg)" },
  ".cm-tooltip": {
    backgroundColor: "var(--color-raised)",
    color: "var(--color-fg)",
    border: "1px solid var(--color-line-strong)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--color-selected)",
    color: "var(--color-fg)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--color-selected)",
  },
});

/** Colours that are readable in both themes. */
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--color-accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--color-warn)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--color-ok)" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--color-accent)" },
  { tag: tags.comment, color: "var(--color-faint)", fontStyle: "italic" },
]);

/** The editor: completion of tables and columns, the fault underlined where it stands, Ctrl+Enter asks. */
export function SqlEditor({ value, tables, fault, onChange, onRun }: Props) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const told = useRef({ onChange, onRun });
  told.current = { onChange, onRun };
  const label = t("explore.editor");
  const hint = t("explore.placeholder");

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what changes reaches it below
  useEffect(() => {
    if (!box.current) return;
    const run = () => {
      told.current.onRun();
      return true;
    };
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
          keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          language.current.of(sql({ dialect: PostgreSQL })),
          syntaxHighlighting(colours),
          history(),
          lineNumbers(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ activateOnTyping: true }),
          placeholder(hint),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, "data-search": "" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current.onChange(update.state.doc.toString());
          }),
          look,
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== value) {
      now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    const extension = sql({ dialect: PostgreSQL, schema: tables, upperCaseKeywords: true });
    view.current?.dispatch({ effects: language.current.reconfigure(extension) });
  }, [tables]);

  useEffect(() => {
    const now = view.current;
    if (now) now.dispatch(setDiagnostics(now.state, fault ? [underlined(now.state, fault)] : []));
  }, [fault]);

  return <div ref={box} className="h-full overflow-hidden" />;
}

function underlined(state: EditorState, { line, column, message }: Fault): Diagnostic {
  const found = state.doc.line(Math.max(1, Math.min(line, state.doc.lines)));
  const from = Math.min(found.from + Math.max(0, column - 1), found.to);
  const word = state.wordAt(from);
  const to = word && word.to > from ? word.to : Math.min(from + 1, state.doc.length);
  return { from: from === to ? Math.max(0, from - 1) : from, to, severity: "error", message };
}
