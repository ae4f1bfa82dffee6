import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type InputHTMLAttributes, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { setPrice } from "@/api/client";
import { Button, IconButton } from "@/components/core/Button";
import { Segmented } from "@/components/core/Segmented";
import { idOf, type PriceForm, shapeOf } from "../model";

/** Sets a price. What it says holds from now on; stored calls are re-priced on request. */
export function PriceDialog({ start, onClose }: { start: PriceForm; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [form, setForm] = useState(start);
  useEffect(() => dialog.current?.showModal(), []);
  const save = useMutation({
    mutationFn: () => setPrice(form.id || idOf(form.model), shapeOf(form)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["prices"] });
      dialog.current?.close();
    },
  });
  const field = (name: keyof PriceForm, more: InputHTMLAttributes<HTMLInputElement> = {}) => (
    <Field
      label={t(`costs.form.${name}`)}
      value={form[name]}
      onChange={(event) => setForm({ ...form, [name]: event.target.value })}
      {...more}
    />
  );
  const ready = form.model.trim() !== "" && [form.input, form.output].some((text) => text.trim() !== "");
  const money = { inputMode: "decimal" as const, placeholder: "0.00" };
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-label={t("costs.setPrice")}
      className="m-auto w-[30rem] rounded-lg border border-line-strong bg-raised p-4 text-fg backdrop:bg-shade"
    >
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <div className="flex items-center justify-between">
          <h2 className="font-semibold text-base">{t("costs.setPrice")}</h2>
          <IconButton icon="close" label={t("common.close")} onClick={() => dialog.current?.close()} />
        </div>
        <div className="grid grid-cols-2 gap-3">
          {field("model", { required: true, placeholder: "qwen*" })}
          {field("provider", { placeholder: t("costs.anyProvider") })}
        </div>
        <div className="flex flex-wrap items-end gap-3">
          <Segmented
            label={t("costs.form.currency")}
            value={form.currency}
            options={[
              { value: "USD", label: "$ USD" },
              { value: "CNY", label: "¥ CNY" },
            ]}
            onChange={(currency) => setForm({ ...form, currency })}
          />
          {form.currency === "CNY" && field("rate", { inputMode: "decimal", placeholder: "0.14" })}
          <span className="text-muted text-xs">{t("costs.perMillion")}</span>
        </div>
        <div className="grid grid-cols-2 gap-3">
          {field("input", money)}
          {field("output", money)}
          {field("cache_read", money)}
          {field("cache_write", money)}
          {field("valid_from", { type: "date" })}
          {field("id", { placeholder: idOf(form.model) })}
        </div>
        {save.error && (
          <p role="alert" className="text-error text-xs">
            {save.error.message}
            {"hint" in save.error && save.error.hint ? ` (${String(save.error.hint)})` : ""}
          </p>
        )}
        <div className="flex items-center justify-end gap-2">
          <span className="mr-auto text-faint text-xs">{t("costs.fromNow")}</span>
          <Button type="submit" tone="accent" disabled={!ready || save.isPending}>
            {t("costs.save")}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

function Field({ label, ...rest }: InputHTMLAttributes<HTMLInputElement> & { label: string }) {
  return (
    <label className="block text-xs">
      <span className="mb-0.5 block text-muted">{label}</span>
      <input {...rest} className="h-7 w-full rounded-md border border-line-strong bg-surface px-2 text-sm" />
    </label>
  );
}
