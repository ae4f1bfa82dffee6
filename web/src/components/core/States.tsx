import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { Icon } from "./Icon";

type Note = { title: string; hint?: ReactNode; children?: ReactNode };

/** Nothing is there, and that is no failure. */
export function Empty({ title, hint, children }: Note) {
  return (
    <div className="flex h-full min-h-16 flex-col items-center justify-center gap-1 p-4 text-center text-muted">
      <p>{title}</p>
      {hint && <p className="text-faint text-xs">{hint}</p>}
      {children}
    </div>
  );
}

type Failure = { error: unknown; onRetry?: () => void };

/** The server's own words, its hint, and a way to try again. */
export function Failed({ error, onRetry }: Failure) {
  const { t } = useTranslation();
  const { message, hint } = (error ?? {}) as { message?: string; hint?: string | null };
  const network = error instanceof TypeError;
  return (
    <div role="alert" className="flex h-full min-h-16 flex-col items-center justify-center gap-1 p-4 text-center">
      <p className="inline-flex items-center gap-1.5 text-error">
        <Icon name="warning" />
        {network ? t("state.unreachable") : t("state.failed")}
      </p>
      {!network && message && <p className="max-w-prose text-muted text-xs">{message}</p>}
      {hint && <p className="max-w-prose text-faint text-xs">{hint}</p>}
      {onRetry && (
        <Button className="mt-1" icon="refresh" onClick={onRetry}>
          {t("state.retry")}
        </Button>
      )}
    </div>
  );
}

/** Grey bars where text or a chart will be. */
export function Skeleton({ rows = 4, className = "" }: { rows?: number; className?: string }) {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      aria-label={t("state.loading")}
      className={`flex h-full flex-col justify-evenly gap-2 ${className}`}
    >
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="skeleton h-3.5" style={{ width: `${92 - ((index * 29) % 50)}%` }} />
      ))}
    </div>
  );
}
