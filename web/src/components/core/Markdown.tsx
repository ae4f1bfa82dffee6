import { lexer, type Token, type Tokens } from "marked";
import { Fragment, type ReactNode, useMemo } from "react";

/**
 * Markdown as React elements. Text of models is not trusted: HTML in it is shown as text, addresses other than
 * http(s) and mailto lose their link, and pictures are named, never fetched.
 */
export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => lexer(text, { gfm: true, breaks: true }), [text]);
  return <div className="space-y-2 break-words">{blocks(tokens)}</div>;
}

const HEADINGS = ["text-lg", "text-base", "text-base", "text-sm", "text-sm", "text-sm"];

function blocks(tokens: Token[]): ReactNode {
  // Tokens have no identity and never change places: the text is parsed anew when it changes.
  return tokens.map((token, at) => <Fragment key={`${at} ${token.type}`}>{block(token)}</Fragment>);
}

function block(token: Token): ReactNode {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading": {
      const { depth, tokens = [] } = token as Tokens.Heading;
      // A heading inside a message is no heading of the page.
      return <p className={`font-semibold ${HEADINGS[depth - 1] ?? "text-sm"}`}>{inlines(tokens)}</p>;
    }
    case "paragraph":
      return <p>{inlines((token as Tokens.Paragraph).tokens ?? [])}</p>;
    case "code": {
      const { text } = token as Tokens.Code;
      return (
        <pre className="thin-scroll overflow-x-auto rounded border bg-sunken px-2 py-1.5 font-mono text-xs leading-5">
          {text}
        </pre>
      );
    }
    case "blockquote":
      return (
        <blockquote className="border-line-strong border-l-2 pl-3 text-muted">
          {blocks((token as Tokens.Blockquote).tokens ?? [])}
        </blockquote>
      );
    case "list":
      return list(token as Tokens.List);
    case "table":
      return table(token as Tokens.Table);
    case "hr":
      return <hr />;
    case "text": {
      const { tokens, text } = token as Tokens.Text;
      return tokens ? inlines(tokens) : text;
    }
    default:
      return <p className="whitespace-pre-wrap">{token.raw}</p>;
  }
}

function list({ ordered, start, items }: Tokens.List): ReactNode {
  const children = items.map((item, at) => (
    <li key={at}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} readOnly disabled className="mr-1.5" />}
      {blocks(item.tokens.filter((token) => token.type !== "checkbox"))}
    </li>
  ));
  return ordered ? (
    <ol start={Number(start) || 1} className="list-decimal space-y-0.5 pl-6">
      {children}
    </ol>
  ) : (
    <ul className="list-disc space-y-0.5 pl-5">{children}</ul>
  );
}

function table({ header, rows }: Tokens.Table): ReactNode {
  const cells = (row: Tokens.TableCell[], head: boolean) =>
    row.map((cell, at) => {
      const style = "border px-2 py-0.5 text-left";
      return head ? (
        <th key={at} className={`${style} bg-sunken font-medium`}>
          {inlines(cell.tokens)}
        </th>
      ) : (
        <td key={at} className={style}>
          {inlines(cell.tokens)}
        </td>
      );
    });
  return (
    <div className="thin-scroll overflow-x-auto">
      <table className="border-collapse">
        <thead>
          <tr>{cells(header, true)}</tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>{cells(row, false)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlines(tokens: Token[]): ReactNode {
  return tokens.map((token, at) => <Fragment key={`${at} ${token.type}`}>{inline(token)}</Fragment>);
}

function inline(token: Token): ReactNode {
  const children = (token as { tokens?: Token[] }).tokens;
  switch (token.type) {
    case "strong":
      return <strong className="font-semibold">{inlines(children ?? [])}</strong>;
    case "em":
      return <em className="italic">{inlines(children ?? [])}</em>;
    case "del":
      return <del className="line-through">{inlines(children ?? [])}</del>;
    case "codespan":
      return <code className="rounded bg-sunken px-1 font-mono text-xs">{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link": {
      const { href } = token as Tokens.Link;
      if (!isSafe(href)) return <>{inlines(children ?? [])}</>;
      return (
        <a
          href={href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          title={href}
          className="text-accent underline"
        >
          {inlines(children ?? [])}
        </a>
      );
    }
    case "image": {
      const { href, text } = token as Tokens.Image;
      return <span className="text-muted">{`[${text || "image"}: ${href}]`}</span>;
    }
    case "text":
      return children ? inlines(children) : withoutEntities((token as Tokens.Text).text);
    case "escape":
      return (token as Tokens.Escape).text;
    default:
      return token.raw;
  }
}

const isSafe = (href: string) => /^(https?:\/\/|mailto:)/i.test(href);

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

/** The lexer leaves entities as they stand; React escapes by itself. */
const withoutEntities = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
