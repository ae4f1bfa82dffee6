import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SpanDetail } from "@/api/types";
import { attributes, mapOf } from "../details";
import { RowList } from "./RowList";

/** Everything as sent, searchable by name and value. */
export function AttributesTab({ span }: { span: SpanDetail }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState("");
  const groups = [
    { title: t("trace.spanAttributes"), rows: attributes(mapOf(span, "attributes"), filter) },
    { title: t("trace.resourceAttributes"), rows: attributes(mapOf(span, "resource_attributes"), filter) },
  ];
  return (
    <div className="space-y-3">
      <input
        type="search"
        aria-label={t("trace.filterAttributes")}
        placeholder={t("trace.filterAttributes")}
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
        className="h-7 w-full max-w-sm rounded-md border border-line-strong bg-sunken px-2"
      />
      {groups.map(({ title, rows }) => (
        <section key={title} aria-label={title}>
          <h3 className="mb-1 font-medium">
            {title} <span className="text-faint">{rows.length}</span>
          </h3>
          {rows.length > 0 ? <RowList rows={rows} /> : <p className="text-faint">{t("trace.noAttributes")}</p>}
        </section>
      ))}
    </div>
  );
}
