import { useTranslation } from "react-i18next";
import type { SenderKeys } from "@/api/types";
import { Num } from "@/components/core/Num";
import { useFlagWord } from "@/i18n/useFlagWord";
import { short } from "@/lib/format";
import { fullMoment, moments } from "@/lib/time";

/** One sender: who it is, what it speaks, what was odd, and what nobody mapped. */
export function SenderCard({ sender }: { sender: SenderKeys }) {
  const { t } = useTranslation();
  const flagWord = useFlagWord();
  const name = sender.service_name ?? t("common.unknown");
  const scope = [sender.scope_name, sender.scope_version].filter(Boolean).join(" ");
  return (
    <details open={sender.keys.length > 0} className="group">
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-4 gap-y-1 px-4 py-2 hover:bg-hover">
        <span className="font-medium">{name}</span>
        <span className="text-muted">{scope}</span>
        <span className="text-faint text-xs">{sender.sdk}</span>
        <span className="ml-auto flex flex-wrap items-baseline gap-x-3 text-xs">
          {sender.unrecognised_rows > 0 && (
            <span className="rounded bg-warn-soft px-1 text-warn">
              {t("status_page.unrecognised", { count: sender.unrecognised_rows })}
            </span>
          )}
          {sender.keys.length > 0 && (
            <span className="rounded bg-warn-soft px-1 text-warn">
              {t("status_page.unmappedCount", { count: sender.keys.length })}
            </span>
          )}
          <span className="text-muted">
            {t("status_page.read", { read: short(sender.rows_read, "count"), rows: short(sender.rows, "count") })}
          </span>
        </span>
      </summary>
      <div className="space-y-2 px-4 pb-3">
        <p className="text-muted text-xs">
          {t("status_page.dialects")}: {sender.dialects.join(", ") || t("status_page.noDialect")}
        </p>
        {sender.flags.length > 0 && (
          <p className="text-xs">
            <span className="text-muted">{t("status_page.flagged")}: </span>
            {sender.flags.map(({ flag, count }) => `${flagWord(flag)} (${short(count, "count")})`).join(", ")}
          </p>
        )}
        {sender.keys.length > 0 && <Keys sender={sender} />}
      </div>
    </details>
  );
}

function Keys({ sender }: { sender: SenderKeys }) {
  const { t } = useTranslation();
  return (
    <>
      <table className="w-full table-fixed text-xs">
        <thead className="text-left text-muted">
          <tr className="[&>th]:py-1 [&>th]:font-normal">
            <th className="w-[38%]">{t("status_page.key")}</th>
            <th className="w-16 pr-4 text-right">{t("field.spans")}</th>
            <th>{t("status_page.sample")}</th>
            <th className="w-28 text-right">{t("status_page.lastSeen")}</th>
          </tr>
        </thead>
        <tbody>
          {sender.keys.map((key) => (
            <tr key={key.key} className="border-t align-top">
              <td className="break-all py-1 pr-3 font-mono">{key.key}</td>
              <td className="py-1 pr-4 text-right">
                <Num value={key.count} unit="count" />
              </td>
              <td className="py-1 pr-3">
                <span className="line-clamp-2 break-all font-mono text-muted" title={key.sample}>
                  {key.sample}
                </span>
              </td>
              <td
                className="py-1 text-right text-muted"
                title={`${t("status_page.firstSeen")}: ${fullMoment(key.first_seen)}\n${t("status_page.lastSeen")}: ${fullMoment(key.last_seen)}`}
              >
                {moments(key.last_seen)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sender.keys_left_out && <p className="text-faint text-xs">{t("status_page.more")}</p>}
    </>
  );
}
