import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ColumnOrigin, Origin } from "@/api/types";
import { Segmented } from "@/components/core/Segmented";
import { Empty, Failed, Skeleton } from "@/components/core/States";
import { brief, conflictCount, grouped, isAddress, written } from "../origins";
import { originsQuery } from "../queries";
import { useWords } from "./originWords";

/** Where every column comes from, what was refused, and what contradicts. Asked for only when it is opened. */
export function OriginsTab({ traceId, spanId }: { traceId: string; spanId: string }) {
  const { t } = useTranslation();
  const query = useQuery(originsQuery(traceId, spanId));
  const [shown, setShown] = useState<"all" | "telling">("all");
  const words = useWords();
  if (!query.data) {
    return query.error ? (
      <Failed error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton rows={10} className="h-64" />
    );
  }
  if (query.data.columns.length === 0) return <Empty title={t("trace.origins.none")} />;
  const groups = grouped(query.data, shown === "telling");
  const conflicts = conflictCount(query.data);
  return (
    <div className="space-y-4">
      <p className="max-w-prose text-muted text-xs">{t("trace.origins.about")}</p>
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label={t("trace.tabs.origins")}
          value={shown}
          options={[
            { value: "all", label: t("trace.origins.all") },
            { value: "telling", label: t("trace.origins.telling") },
          ]}
          onChange={setShown}
        />
        {conflicts > 0 && (
          <span className="text-warn text-xs">{t("trace.origins.conflicts", { count: conflicts })}</span>
        )}
        {query.data.notes.map((note) => (
          <Note key={note}>{words.note(note)}</Note>
        ))}
      </div>
      {groups.length === 0 && <Empty title={t("trace.origins.noneTelling")} />}
      {groups.map(({ id, columns }) => (
        <section key={id} aria-label={t(`trace.origins.groups.${id}`)}>
          <h3 className="mb-1 font-medium">{t(`trace.origins.groups.${id}`)}</h3>
          <dl className="grid grid-cols-[minmax(120px,max-content)_1fr] text-xs">
            {columns.map((column) => (
              <Column key={column.column} told={column} />
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Column({ told }: { told: ColumnOrigin }) {
  const { t } = useTranslation();
  const words = useWords();
  const value = written(told.value);
  return (
    <div className="col-span-2 grid grid-cols-subgrid border-b py-1 hover:bg-hover">
      <dt className="pr-4 text-muted">{told.column}</dt>
      <dd className="min-w-0 space-y-0.5">
        <p className="line-clamp-3 break-words font-mono">{value}</p>
        <p className="flex flex-wrap items-baseline gap-x-2 text-muted">
          {told.origin && <Place place={told.origin} value={value} />}
          {told.rule && <span>{words.rule(told.rule)}</span>}
          {told.price_id && (
            <span>
              {t("trace.origins.price")} <code className="break-all">{told.price_id}</code>
            </span>
          )}
          {told.notes.map((note) => (
            <Note key={note}>{words.note(note)}</Note>
          ))}
        </p>
        {told.today !== null && <Note>{t("trace.origins.today", { value: written(told.today) })}</Note>}
        {told.conflicts.map((place, at) => (
          <p key={at} className="flex flex-wrap items-baseline gap-x-2 text-warn">
            <span>≠ {t("trace.origins.conflict")}:</span>
            <Place place={place} value={null} />
          </p>
        ))}
        {told.refused.map(({ origin, why }, at) => (
          <p key={at} className="flex flex-wrap items-baseline gap-x-2 text-faint">
            <span>{t("trace.origins.refused")}:</span>
            <Place place={origin} value={null} />
            <span>{words.why(why)}</span>
          </p>
        ))}
      </dd>
    </div>
  );
}

/** A place: key, what stood there if it is not the value itself, and by whose table it means this. */
function Place({ place, value }: { place: Origin; value: string | null }) {
  const { t } = useTranslation();
  const words = useWords();
  const path = [place.name, place.key, place.pointer].filter((part) => part !== null && part !== "").join(" · ");
  const different = place.sent !== null && place.sent !== value;
  return (
    <>
      <span>
        {value !== null && `${t("trace.origins.from")} `}
        {words.kind(place.kind)} <code className="break-all">{path}</code>
      </span>
      {place.logs.length > 0 && place.kind !== "log" && (
        <span>
          {t("trace.origins.inLog")} <code className="break-all">{place.logs.join(", ")}</code>
        </span>
      )}
      {place.kind === "log" && <code className="break-all">{place.logs.join(", ")}</code>}
      {different && (
        <span>
          {t("trace.origins.sent")}{" "}
          <code className="break-all" title={place.sent ?? undefined}>
            {brief(place.sent ?? "")}
          </code>
        </span>
      )}
      {place.dialect && <Dialect place={place} />}
    </>
  );
}

function Dialect({ place: { dialect, spec } }: { place: Origin }) {
  const { t } = useTranslation();
  const tip = `${t("trace.origins.dialect")} · ${t("trace.origins.spec")}: ${spec}`;
  const look = "rounded bg-sunken px-1";
  return isAddress(spec) ? (
    <a href={spec} target="_blank" rel="noreferrer" title={tip} className={`${look} text-accent hover:underline`}>
      {dialect}
    </a>
  ) : (
    <span title={tip} className={look}>
      {dialect}
    </span>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <span className="rounded bg-warn-soft px-1 text-warn">{children}</span>;
}
