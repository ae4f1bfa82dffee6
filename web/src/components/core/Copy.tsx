import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "./Button";

/** Copies `text`; says so for two seconds. */
export function Copy({ text, small = false }: { text: () => string; small?: boolean }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);

  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2_000);
    return () => clearTimeout(timer);
  }, [done]);

  const copy = async () => {
    await write(text());
    setDone(true);
  };
  const icon = done ? "check" : "copy";
  const label = done ? t("common.copied") : t("common.copy");
  if (small) return <IconButton label={label} icon={icon} onClick={() => void copy()} className="size-6" />;
  return (
    <Button icon={icon} onClick={() => void copy()}>
      {label}
    </Button>
  );
}

/** The clipboard API exists only on secure origins; a plain http address in a LAN is none. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
