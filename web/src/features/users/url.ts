import { type Filters, parseFilters } from "@/lib/filters";
import { type Order, parseOrder } from "@/lib/order";

export type UsersSearch = Filters & { order?: Order };

export const parseUsers = (raw: Record<string, unknown>): UsersSearch => ({ ...parseOrder(raw), ...parseFilters(raw) });
