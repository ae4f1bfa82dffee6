import { useTranslation } from "react-i18next";
import type { SpanDetail } from "@/api/types";
import { Empty } from "@/components/core/States";
import { parameters } from "../details";
import { RowList } from "./RowList";

/** The request as it was asked, and what the answer said of itself. Names are those of the table `spans`. */
export function ParametersTab({ span }: { span: SpanDetail }) {
  const { t } = useTranslation();
  const rows = parameters(span);
  if (rows.length === 0) return <Empty title={t("trace.noParameters")} />;
  return <RowList rows={rows} />;
}
