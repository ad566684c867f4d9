import { useMemo, type ReactNode } from "react";

/** One column of a table. */
export interface Column<T> {
  key: string;
  label: string;
  /** What the column is filtered and sorted by, and shown when there is no render. */
  text: (row: T) => string;
  /** What it is sorted by, when text would be wrong. */
  order?: (row: T) => number | string;
  render?: (row: T) => ReactNode;
  /** A track of CSS grid; default minmax(120px, 1fr). */
  width?: string;
}

/** The column a table is sorted by. */
export interface Sort {
  key: string;
  down: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The rows that hold every word of the filter in any column, in order. */
export function arrange<T>(rows: T[], columns: Column<T>[], filter: string, sort: Sort): T[] {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = wanted.length === 0 ? [...rows] : rows.filter((r) => {
    const text = columns.map((c) => c.text(r)).join("\n").toLowerCase();
    return wanted.every((w) => text.includes(w));
  });
  const by = columns.find((c) => c.key === sort.key);
  if (!by) return kept;
  const value = by.order ?? by.text;
  const sign = sort.down ? -1 : 1;
  if (sort.down) kept.reverse(); // of rows that are equal, too, the last comes first
  return kept.sort((a, b) => {
    const x = value(a);
    const y = value(b);
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y)));
  });
}

/** arrange, remembered while nothing changes. */
export function useSorted<T>(rows: T[] | undefined, columns: Column<T>[], filter: string, sort: Sort): T[] {
  return useMemo(() => arrange(rows ?? [], columns, filter, sort), [rows, columns, filter, sort]);
}

/** A line of a table: a row, or the heading of a group. */
export type Line<T> = { row: T } | { heading: string; count: number };

/** The rows in their order, those of a group together below its heading; without groups just the rows. */
export function grouped<T>(rows: T[], group: ((row: T) => string) | undefined): Line<T>[] {
  if (!group) return rows.map((row) => ({ row }));
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(group(row), [...(groups.get(group(row)) ?? []), row]);
  return [...groups].sort(([a], [b]) => collator.compare(a, b)).flatMap(([heading, of]) => [{ heading, count: of.length }, ...of.map((row) => ({ row }))]);
}
