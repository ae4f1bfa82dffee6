/** Languages: the browser's at first, then what was chosen. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { readPref, writePref } from "@/lib/prefs";
import { en } from "./en";
import { zh } from "./zh";

export const LANGUAGES = { en: "English", "zh-CN": "简体中文" } as const;
export type Language = keyof typeof LANGUAGES;

function first(): Language {
  const kept = readPref("language");
  if (kept === "en" || kept === "zh-CN") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export function startI18n(language: Language = first()) {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: en }, "zh-CN": { translation: zh } },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  document.documentElement.lang = language;
  return i18next;
}

export function setLanguage(language: Language): void {
  writePref("language", language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}
