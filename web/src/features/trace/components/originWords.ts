/** The words of an explanation in the reader's language; a word of a newer server is shown as it is. */
import { useTranslation } from "react-i18next";
import { originsEn } from "@/i18n/origins";

type Dictionary = "rules" | "why" | "kinds" | "notes";

export function useWords() {
  const { t } = useTranslation();
  const say = (dictionary: Dictionary, word: string): string => {
    if (!Object.hasOwn(originsEn[dictionary], word)) return word;
    return t(`trace.origins.${dictionary}.${word}` as "trace.origins.kinds.attribute");
  };
  return {
    rule: (word: string) => say("rules", word),
    why: (word: string) => say("why", word),
    kind: (word: string) => say("kinds", word),
    note: (word: string) => say("notes", word),
  };
}
