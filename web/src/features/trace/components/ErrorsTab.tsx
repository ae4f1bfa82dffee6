import { useTranslation } from "react-i18next";
import type { SpanDetail } from "@/api/types";
import { Code } from "@/components/core/Code";
import { Empty } from "@/components/core/States";
import { exceptions, hasError, numberOf, textOf } from "../details";

/** What went wrong, in the sender's words. */
export function ErrorsTab({ span }: { span: SpanDetail }) {
  const { t } = useTranslation();
  if (!hasError(span)) return <Empty title={t("trace.noErrors")} />;
  const type = textOf(span, "error_type");
  const message = textOf(span, "error_message") ?? textOf(span, "status_message");
  const http = numberOf(span, "http_status_code");
  return (
    <div className="space-y-3">
      <div className="rounded-md border border-error bg-error-soft px-3 py-2">
        <p className="font-medium text-error">{type ?? t("status.error")}</p>
        {message && <p className="mt-1 whitespace-pre-wrap break-words">{message}</p>}
        {http !== null && (
          <p className="mt-1 text-muted text-xs">
            {t("trace.httpStatus")}: {http}
          </p>
        )}
      </div>
      {exceptions(span).map((exception, at) => (
        <section key={at} aria-label={exception.type ?? t("status.error")} className="space-y-1">
          <h3 className="font-medium">{exception.type}</h3>
          {exception.message !== message && exception.message && <p className="break-words">{exception.message}</p>}
          {exception.stack && (
            <>
              <p className="text-muted text-xs">{t("trace.stack")}</p>
              <Code text={exception.stack} />
            </>
          )}
        </section>
      ))}
    </div>
  );
}
