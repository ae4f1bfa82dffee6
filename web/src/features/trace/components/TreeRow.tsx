import { useTranslation } from "react-i18next";
import { Icon } from "@/components/core/Icon";
import { kindColor } from "@/components/core/kinds";
import { Marks } from "@/components/core/Marks";
import { Num } from "@/components/core/Num";
import { StatusMark } from "@/components/core/Status";
import { useFlagWord } from "@/i18n/useFlagWord";
import { duration } from "@/lib/format";
import { isFree } from "@/lib/priced";
import { usd } from "@/lib/units";
import { CALLS, hasChildren, type Node } from "../model";

type Props = {
  node: Node;
  total: number;
  top: number;
  height: number;
  chosen: boolean;
  folded: boolean;
  hit: boolean;
  onChoose: () => void;
  onFold: (folded: boolean) => void;
};

/** Deeper levels do not move further right: the name must stay readable. */
const MAX_INDENT = 14;
const INDENT_PX = 14;

export function TreeRow({ node, total, top, height, chosen, folded, hit, onChoose, onFold }: Props) {
  const { t } = useTranslation();
  const { span } = node;
  const parent = hasChildren(node);
  const flagWord = useFlagWord();
  const flags = (span.flags ?? []).map(flagWord).join(", ");
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the page's keys move and fold
    <div
      role="treeitem"
      aria-level={span.depth + 1}
      aria-selected={chosen}
      aria-expanded={parent ? !folded : undefined}
      tabIndex={chosen ? 0 : -1}
      onClick={onChoose}
      className={`absolute inset-x-0 grid cursor-pointer grid-cols-[minmax(200px,42%)_1fr_64px_64px_92px] items-center border-b pr-2 ${
        chosen ? "bg-selected" : hit ? "bg-mark" : "hover:bg-hover"
      }`}
      style={{ top, height }}
    >
      <span
        className="flex min-w-0 items-center gap-1 pr-2"
        style={{ paddingLeft: 4 + Math.min(span.depth, MAX_INDENT) * INDENT_PX }}
      >
        {parent ? (
          <button
            type="button"
            tabIndex={-1}
            aria-label={folded ? t("trace.expandAll") : t("trace.collapseAll")}
            onClick={(event) => {
              event.stopPropagation();
              onFold(!folded);
            }}
            className="rounded hover:bg-line"
          >
            <Icon name="chevron" className={`text-faint ${folded ? "" : "rotate-90"}`} />
          </button>
        ) : (
          <span className="w-4 shrink-0" />
        )}
        <span aria-hidden="true" className="size-2 shrink-0 rounded-sm" style={{ background: kindColor(span.kind) }} />
        {flags !== "" && (
          <span title={flags} className="text-warn">
            <Icon name="warning" className="!size-3.5" />
            <span className="sr-only">{flags}</span>
          </span>
        )}
        {span.parent_missing && (
          <span title={t("trace.parentMissing")} className="text-warn">
            <Icon name="warning" className="!size-3.5" />
            <span className="sr-only">{t("trace.parentMissing")}</span>
          </span>
        )}
        <span
          className={`truncate ${span.status === "error" ? "text-error" : ""}`}
          title={`${span.kind} · ${span.name}`}
        >
          {span.name}
        </span>
        {span.model && !span.name.includes(span.model) && (
          <span className="truncate text-faint text-xs">{span.model}</span>
        )}
        {folded && <span className="rounded bg-sunken px-1 text-2xs text-muted">+{node.end - node.index - 1}</span>}
        <Marks truncated={span.truncated} redacted={span.redacted} />
        {span.status === "error" && <StatusMark status="error" detail={span.error_type} />}
      </span>
      <Bar node={node} total={total} />
      <span className="text-right text-muted text-xs">
        {span.running ? (
          <span className="text-warn" title={t("trace.runningTip")}>
            {t("trace.running")}
          </span>
        ) : (
          <Num value={span.duration_ns} unit="ns" />
        )}
      </span>
      <Usage node={node} />
    </div>
  );
}

/** The span in time. The first token is a line in it; a running span has an open end. */
function Bar({ node, total }: { node: Node; total: number }) {
  const { t } = useTranslation();
  const { span } = node;
  const left = Math.max(0, Math.min(100, (node.start / total) * 100));
  const width = span.running ? 100 - left : Math.min(100 - left, (span.duration_ns / total) * 100);
  const first = span.ttft_ns !== null && span.duration_ns > 0 ? Math.min(1, span.ttft_ns / span.duration_ns) : null;
  const color = span.status === "error" ? "var(--color-error)" : kindColor(span.kind);
  const tip = [
    `${span.name}: ${span.running ? t("trace.running") : duration(span.duration_ns)}`,
    ...(span.ttft_ns === null ? [] : [t("trace.ttftMark", { value: duration(span.ttft_ns) })]),
  ].join("\n");
  return (
    <span className="relative h-full overflow-hidden border-l" title={tip}>
      <span
        className={`absolute top-[7px] h-3.5 min-w-[2px] overflow-hidden rounded-[3px] ${span.running ? "rounded-r-none border-r-2 border-dashed opacity-60" : ""}`}
        style={{ left: `${left}%`, width: `${width}%`, background: color, borderColor: color }}
      >
        {first !== null && (
          <>
            <span className="absolute inset-y-0 left-0 bg-surface opacity-55" style={{ width: `${first * 100}%` }} />
            <span
              data-ttft
              className="absolute inset-y-0 w-0.5 bg-fg"
              style={{ left: `calc(${first * 100}% - 1px)` }}
            />
          </>
        )}
      </span>
    </span>
  );
}

/** Its own tokens and money if it owns them; else, in grey and marked Σ, what the calls below it add up to. */
function Usage({ node: { span, below } }: { node: Node }) {
  const { t } = useTranslation();
  const mine = span.counts && CALLS.has(span.kind);
  const sums = mine ? null : below;
  const tokens = sums ? total(sums.input, sums.output) : total(span.input_tokens, span.output_tokens);
  const cost = sums ? sums.cost : usd(span.cost_usd);
  const sigma = sums ? <span title={t("common.sigma")}>Σ </span> : null;
  const tone = sums ? "text-faint" : "";
  return (
    <>
      <span
        className={`whitespace-nowrap text-right text-xs ${tone}`}
        title={!mine && CALLS.has(span.kind) ? t("trace.notCounted") : undefined}
      >
        {tokens !== null && (
          <>
            {sigma}
            <Num value={tokens} unit="tokens" estimated={sums ? sums.estimated : span.usage_source === "estimated"} />
          </>
        )}
      </span>
      <span className={`whitespace-nowrap text-right text-xs ${tone}`}>
        {cost !== null ? (
          <>
            {sigma}
            <Num value={cost} raw={sums ? null : span.cost_usd} unit="usd" />
          </>
        ) : (
          mine && <Num value={null} unit="usd" unknown={isFree(span) ? t("common.freeTip") : undefined} />
        )}
      </span>
    </>
  );
}

function total(input: number | null, output: number | null): number | null {
  return input === null && output === null ? null : (input ?? 0) + (output ?? 0);
}
