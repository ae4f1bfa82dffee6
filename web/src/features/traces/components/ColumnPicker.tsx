import { useTranslation } from "react-i18next";
import { Icon } from "@/components/core/Icon";
import { Popover, PopoverItem } from "@/components/core/Popover";
import { COLUMNS, type ColumnId } from "../model";

type Props = { shown: Record<ColumnId, boolean>; onChange: (shown: Record<ColumnId, boolean>) => void };

export function ColumnPicker({ shown, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <div className="ml-auto">
      <Popover
        align="right"
        label={t("traces.columns")}
        button={
          <>
            <Icon name="columns" className="text-muted" />
            {t("traces.columns")}
          </>
        }
      >
        {() =>
          COLUMNS.map((id) => (
            <PopoverItem key={id} chosen={shown[id]} onClick={() => onChange({ ...shown, [id]: !shown[id] })}>
              <span className="w-4">{shown[id] && <Icon name="check" />}</span>
              {t(`field.${id}`)}
            </PopoverItem>
          ))
        }
      </Popover>
    </div>
  );
}
