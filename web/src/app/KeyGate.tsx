import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { apiKey, setApiKey } from "@/api/key";
import { Button } from "@/components/core/Button";

/** Shown instead of everything when the server wants a key that this tab does not have. */
export function KeyGate({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState("");
  const [refused] = useState(() => apiKey() !== null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setApiKey(key.trim());
    onDone();
  };

  return (
    <main className="flex h-full items-center justify-center p-6">
      <form onSubmit={submit} className="w-96 rounded-lg border bg-surface p-5">
        <h1 className="font-semibold text-base">{t("app.keyNeeded")}</h1>
        <p className="mt-1 mb-3 text-muted">{t("app.keyHint")}</p>
        <label className="block">
          <span className="text-muted text-xs">{t("app.keyLabel")}</span>
          <input
            type="password"
            autoComplete="off"
            value={key}
            onChange={(event) => setKey(event.target.value)}
            className="mt-1 h-8 w-full rounded-md border border-line-strong bg-sunken px-2 font-mono"
          />
        </label>
        {refused && (
          <p role="alert" className="mt-2 text-error">
            {t("app.keyWrong")}
          </p>
        )}
        <Button type="submit" tone="accent" className="mt-3" disabled={key.trim() === ""}>
          {t("app.keySubmit")}
        </Button>
      </form>
    </main>
  );
}
