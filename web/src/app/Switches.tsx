import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/core/Button";
import type { IconName } from "@/components/core/Icon";
import { LANGUAGES, type Language, setLanguage } from "@/i18n";
import { applyTheme, readTheme, type Theme, writePref } from "@/lib/prefs";

const CYCLE: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };

export function useThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  const next = () => {
    const chosen = CYCLE[theme];
    setTheme(chosen);
    writePref("theme", chosen);
    applyTheme(chosen);
  };
  return { theme, next };
}

export function ThemeSwitch({ theme, next }: { theme: Theme; next: () => void }) {
  const { t } = useTranslation();
  return <IconButton icon={ICONS[theme]} label={`${t("app.theme")}: ${t(`app.themes.${theme}`)}`} onClick={next} />;
}

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <select
      aria-label={t("app.language")}
      value={i18n.language}
      onChange={(event) => setLanguage(event.target.value as Language)}
      className="h-7 rounded-md border border-line-strong bg-surface px-1.5 hover:bg-hover"
    >
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
