import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/core/Button";

const KEYS = [
  ["g o", "overview"],
  ["g t", "traces"],
  ["g c", "sessions"],
  ["g u", "users"],
  ["g m", "costs"],
  ["g e", "explore"],
  ["g s", "status"],
  ["/", "search"],
  ["j k", "move"],
  ["Enter", "open"],
  ["← →", "fold"],
  ["r", "refresh"],
  ["T", "theme"],
  ["?", "help"],
] as const;

/** All keys, in a dialog that the browser keeps focus in. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-label={t("app.shortcuts")}
      className="m-auto w-96 rounded-lg border border-line-strong bg-raised p-4 text-fg backdrop:bg-shade"
    >
      <div className="mb-2 flex items-center justify-between">
        <h2 className="font-semibold text-base">{t("app.shortcuts")}</h2>
        <IconButton icon="close" label={t("common.close")} onClick={() => dialog.current?.close()} />
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {KEYS.map(([keys, what]) => (
          <div key={what} className="contents">
            <dt className="flex gap-1">
              {keys.split(" ").map((key) => (
                <kbd
                  key={key}
                  className="min-w-6 rounded border border-line-strong bg-sunken px-1.5 text-center font-mono text-xs leading-5"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-muted">{t(`keys.${what}`)}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
