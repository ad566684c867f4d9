import { Button, makeStyles, mergeClasses, SearchBox, Text, tokens } from "@fluentui/react-components";
import { ArrowSortDownRegular, ArrowSortUpRegular, MoreHorizontalRegular } from "@fluentui/react-icons";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Empty, Failure, Loading } from "./states";
import { RowMenu, type MenuEntry } from "./RowMenu";
import { grouped, useSorted, type Column, type Sort } from "./sorted";
import { useTableStyles } from "./tableStyles";
import { useKitText } from "./text";

interface Props<T> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: Column<T>[];
  /** undefined while loading. */
  rows: T[] | undefined;
  rowKey: (row: T) => string;
  error?: unknown;
  onRetry?: () => void;
  /** The row's own menu: on a button at its end, and on right click. */
  menu?: (row: T) => MenuEntry[];
  empty?: ReactNode;
  initialSort?: Sort;
  /** Rows of the same group stand together below its name. */
  group?: (row: T) => string;
  /** Filters beside the text one. */
  tools?: ReactNode;
  noFilter?: boolean;
  /** Rows are never higher than this many pixels; default 36. */
  rowHeight?: number;
  /** The table's height; default: what is left of the page. */
  maxHeight?: string;
}

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", minHeight: 0 },
  tools: { display: "flex", alignItems: "center", gap: "12px", flexWrap: "wrap", padding: "8px 0" },
  filter: { width: "280px", maxWidth: "100%" },
  count: { color: tokens.colorNeutralForeground3, marginLeft: "auto" },
});

/** A list: sorts by its headings, filters by any field, draws only the rows that are seen. */
export function Table<T>(p: Props<T>) {
  const s = useStyles();
  const text = useKitText();
  const [filter, setFilter] = useState("");
  const [sort, setSort] = useState<Sort>(p.initialSort ?? { key: p.columns[0]?.key ?? "", down: false });
  const rows = useSorted(p.rows, p.columns, filter, sort);
  if (p.error && !p.rows) return <Failure error={p.error} onRetry={p.onRetry} />;
  return (
    <div className={s.root}>
      {!p.noFilter && (
        <div className={s.tools}>
          <SearchBox className={s.filter} size="small" placeholder={text.filter} aria-label={`${p.label}: ${text.filter}`} value={filter} onChange={(_, d) => setFilter(d.value)} />
          {p.tools}
          <Text className={s.count} size={200} role="status">
            {p.rows && (rows.length === p.rows.length ? text.count(rows.length) : text.counted(rows.length, p.rows.length))}
          </Text>
        </div>
      )}
      {!p.rows ? <Loading /> : rows.length === 0 ? (p.rows.length > 0 ? <Empty title={text.noMatch} /> : (p.empty ?? <Empty title={text.nothing} />)) : (
        <Rows {...p} rows={rows} sort={sort} onSort={setSort} />
      )}
    </div>
  );
}

function Rows<T>({ label, columns, rows, rowKey, menu, sort, onSort, group, rowHeight = 36, maxHeight }: Props<T> & { rows: T[]; sort: Sort; onSort: (s: Sort) => void }) {
  const s = useTableStyles();
  const text = useKitText();
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<{ row: T; at: { x: number; y: number } }>();
  const lines = useMemo(() => grouped(rows, group), [rows, group]);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 12, initialRect: { width: 900, height: 600 } });
  const template = [...columns.map((c) => c.width ?? "minmax(120px, 1fr)"), ...(menu ? ["44px"] : [])].join(" ");
  const least = columns.reduce((sum, c) => sum + Number(/(\d+)px/.exec(c.width ?? "")?.[1] ?? 120), menu ? 44 : 0);
  const openAt = (row: T, x: number, y: number) => setOpen({ row, at: { x, y } });
  const onKey = (e: KeyboardEvent<HTMLDivElement>, row: T) => {
    const r = e.currentTarget.getBoundingClientRect();
    if (menu && (e.key === "ContextMenu" || (e.key === "F10" && e.shiftKey))) {
      e.preventDefault();
      openAt(row, r.left + 40, r.top + r.height);
    }
  };
  return (
    <div className={s.box} ref={box} role="table" aria-label={label} aria-rowcount={lines.length + 1} style={{ maxHeight }} tabIndex={0}>
      <div role="rowgroup" className={s.head}>
        <div role="row" className={s.row} aria-rowindex={1} style={{ gridTemplateColumns: template, height: 36, minWidth: least }}>
          {columns.map((c) => (
            <div key={c.key} role="columnheader" className={s.cell} aria-sort={sort.key === c.key ? (sort.down ? "descending" : "ascending") : "none"}>
              <button type="button" className={s.sort} onClick={() => onSort({ key: c.key, down: sort.key === c.key && !sort.down })}>
                {c.label}
                {sort.key === c.key && (sort.down ? <ArrowSortDownRegular aria-hidden /> : <ArrowSortUpRegular aria-hidden />)}
              </button>
            </div>
          ))}
          {menu && <div role="columnheader" className={s.cell} aria-label={text.more} />}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth: least, position: "relative" }}>
        {virtual.getVirtualItems().map((v) => {
          const line = lines[v.index]!;
          if ("heading" in line) {
            return (
              <div key={line.heading} role="row" aria-rowindex={v.index + 2} className={mergeClasses(s.row, s.body, s.group)} style={{ height: v.size, minWidth: least, transform: `translateY(${v.start}px)` }}>
                <div role="rowheader" aria-colspan={columns.length} className={s.cell}>{line.heading} ({line.count})</div>
              </div>
            );
          }
          const row = line.row;
          return (
            <div
              key={rowKey(row)} role="row" aria-rowindex={v.index + 2} className={mergeClasses(s.row, s.body)} data-key={rowKey(row)}
              style={{ gridTemplateColumns: template, height: v.size, minWidth: least, transform: `translateY(${v.start}px)` }} onKeyDown={(e) => onKey(e, row)}
              onContextMenu={menu && ((e) => { e.preventDefault(); openAt(row, e.clientX, e.clientY); })}
            >
              {columns.map((c) => (
                <div key={c.key} role="cell" className={s.cell}>{c.render ? c.render(row) : <span className={s.clip} title={c.text(row)}>{c.text(row)}</span>}</div>
              ))}
              {menu && (
                <div role="cell" className={s.cell}>
                  <Button
                    size="small" appearance="subtle" icon={<MoreHorizontalRegular />} aria-haspopup="menu" aria-label={`${text.more}: ${columns[0]?.text(row) ?? ""}`}
                    onClick={(e) => { const r = e.currentTarget.getBoundingClientRect(); openAt(row, r.left, r.bottom); }}
                  />
                </div>
              )}
            </div>
          );
        })}
      </div>
      {open && menu && <RowMenu at={open.at} entries={menu(open.row)} onClose={() => setOpen(undefined)} />}
    </div>
  );
}
