/** The words of the column `flags` in the reader's language; one of a newer server is shown as it is. */
import { useTranslation } from "react-i18next";
import { statusEn } from "./status";

export function useFlagWord() {
  const { t } = useTranslation();
  return (flag: string): string =>
    Object.hasOwn(statusEn.flags, flag) ? t(`status_page.flags.${flag}` as "status_page.flags.time_unit") : flag;
}
