import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty, Failed } from "@/components/core/States";

export function Missing() {
  const { t } = useTranslation();
  return (
    <Empty title={t("app.notFound")}>
      <Link to="/" className="text-accent underline">
        {t("app.back")}
      </Link>
    </Empty>
  );
}

/** A page that threw while drawing; the header stays usable. */
export function Crashed({ error, reset }: { error: unknown; reset: () => void }) {
  return <Failed error={error} onRetry={reset} />;
}
