import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty, Failed, Skeleton } from "@/components/core/States";

/** What a panel needs to know of a query. */
export type Loading<T> = {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  isFetching: boolean;
  refetch: () => unknown;
};

type Props<T> = {
  title: string;
  /** Beside the title: unit, legend, switches. */
  aside?: ReactNode;
  query: Loading<T>;
  isEmpty: (data: T) => boolean;
  empty?: string;
  /** Height of the body; the panel does not jump between its states. */
  height?: number;
  truncated?: (data: T) => boolean;
  className?: string;
  children: (data: T) => ReactNode;
};

/** A titled box around one answer, with its four states: loading, failed, empty, drawn. */
export function Panel<T>(props: Props<T>) {
  const { title, aside, query, isEmpty, empty, height = 200, truncated, className = "", children } = props;
  const { t } = useTranslation();
  return (
    <section aria-label={title} className={`flex min-w-0 flex-col rounded-lg border bg-surface ${className}`}>
      <header className="flex min-h-9 items-center gap-2 px-3 pt-1.5">
        <h2 className="truncate font-medium text-sm">{title}</h2>
        {query.data !== undefined && truncated?.(query.data) && (
          <span className="text-faint text-xs" title={t("state.truncated")}>
            ⋯
          </span>
        )}
        {query.isFetching && !query.isPending && (
          <span className="size-1.5 animate-pulse rounded-full bg-accent" title={t("state.loading")} />
        )}
        <div className="ml-auto flex min-w-0 items-center gap-2">{aside}</div>
      </header>
      <div className="min-h-0 px-3 pt-1 pb-2.5" style={{ height }}>
        <Body query={query} isEmpty={isEmpty} empty={empty}>
          {children}
        </Body>
      </div>
    </section>
  );
}

type BodyProps<T> = Pick<Props<T>, "query" | "isEmpty" | "empty" | "children">;

function Body<T>({ query, isEmpty, empty, children }: BodyProps<T>) {
  const { t } = useTranslation();
  if (query.data !== undefined) {
    return isEmpty(query.data) ? <Empty title={empty ?? t("state.empty")} /> : children(query.data);
  }
  if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton rows={5} />;
}
