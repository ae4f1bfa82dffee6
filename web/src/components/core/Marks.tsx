import { useTranslation } from "react-i18next";

type Props = { truncated?: boolean | null; redacted?: boolean | null };

/** What is not whole says so: content that was cut, content that was masked. Nothing where all is whole. */
export function Marks({ truncated, redacted }: Props) {
  const { t } = useTranslation();
  const marks = [
    ...(truncated ? [{ word: t("common.cut"), tip: t("trace.cut") }] : []),
    ...(redacted ? [{ word: t("common.masked"), tip: t("trace.redacted") }] : []),
  ];
  return marks.map(({ word, tip }) => (
    <span key={word} title={tip} className="mr-1 rounded bg-warn-soft px-1 text-2xs text-warn">
      {word}
      <span className="sr-only">: {tip}</span>
    </span>
  ));
}
