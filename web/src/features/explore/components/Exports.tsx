import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exportSql } from "@/api/client";
import { Button } from "@/components/core/Button";

/** Forms an answer is kept in: its media type and the file's ending. */
const FORMS = [
  { name: "CSV", type: "text/csv", ending: "csv" },
  { name: "JSON", type: "application/json", ending: "json" },
  { name: "Parquet", type: "application/vnd.apache.parquet", ending: "parquet" },
] as const;

/** Asks the same question again, for a file. */
export function Exports({ sql, disabled }: { sql: string; disabled: boolean }) {
  const { t } = useTranslation();
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async ({ type, ending }: (typeof FORMS)[number]) => {
    setBusy(true);
    setFailed(null);
    try {
      const file = URL.createObjectURL(await exportSql(sql, type));
      const link = Object.assign(document.createElement("a"), { href: file, download: `pellucid.${ending}` });
      link.click();
      URL.revokeObjectURL(file);
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <span className="inline-flex items-center gap-1.5">
      {failed && (
        <span role="alert" className="text-error text-xs">
          {failed}
        </span>
      )}
      <span className="text-muted text-xs">{t("explore.export")}</span>
      {FORMS.map((form) => (
        <Button key={form.name} tone="quiet" disabled={disabled || busy} onClick={() => void save(form)}>
          {form.name}
        </Button>
      ))}
    </span>
  );
}
