/** Numbers that carry their unit in their type, so that nanoseconds never meet dollars by mistake. */
declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

export type Nanos = Branded<"ns">;
export type Millis = Branded<"ms">;
export type Usd = Branded<"usd">;
export type Tokens = Branded<"tokens">;

export const nanos = (value: number) => value as Nanos;
export const millis = (value: number) => value as Millis;
export const tokens = (value: number) => value as Tokens;

/** Money arrives as a decimal string; shown and charted as a number, never added up here for accounts. */
export function usd(value: string | number | null | undefined): Usd | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? (number as Usd) : null;
}
