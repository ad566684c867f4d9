import { makeStyles, mergeClasses, SearchBox, tokens } from "@fluentui/react-components";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useNavigate } from "react-router";
import { useLocal } from "~/kit/words";
import { useFound } from "./found";
import { useShellText } from "./text";

const useStyles = makeStyles({
  root: { position: "relative" },
  box: { width: "100%", maxWidth: "100%" },
  list: { position: "absolute", top: "36px", left: 0, right: 0, zIndex: 50, margin: 0, padding: "6px 0", listStyleType: "none", maxHeight: "70vh", overflow: "auto", borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1, color: tokens.colorNeutralForeground1, boxShadow: tokens.shadow28 },
  item: { display: "flex", alignItems: "center", gap: "10px", padding: "6px 14px", cursor: "pointer", minHeight: "24px" },
  active: { backgroundColor: tokens.colorNeutralBackground1Selected },
  icon: { fontSize: "18px", display: "flex" },
  detail: { marginLeft: "auto", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, textAlign: "right" },
  none: { padding: "8px 14px", color: tokens.colorNeutralForeground3 },
});

/** Finds pages, services and resources by name. "/" leads here from anywhere. */
export function Search() {
  const s = useStyles();
  const text = useShellText();
  const local = useLocal();
  const navigate = useNavigate();
  const root = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const hits = useFound(query, open, local);
  useEffect(() => {
    const onKey = (e: globalThis.KeyboardEvent) => {
      const el = e.target as HTMLElement;
      if (e.key !== "/" || e.ctrlKey || e.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) || el.isContentEditable) return;
      e.preventDefault();
      root.current?.querySelector("input")?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const go = (to: string) => { setOpen(false); setQuery(""); void navigate(to); };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key === "Escape") setOpen(false);
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      setAt((i) => Math.max(0, Math.min(hits.length - 1, i + (e.key === "ArrowDown" ? 1 : -1))));
    }
    if (e.key === "Enter" && hits[at]) go(hits[at].to);
  };
  return (
    <div className={s.root} ref={root} role="search" onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && setOpen(false)}>
      <SearchBox
        className={s.box} size="small" placeholder={text.search} value={query} onChange={(_, d) => { setQuery(d.value); setOpen(true); setAt(0); }} onFocus={() => setOpen(true)} onKeyDown={onKeyDown}
        input={{ role: "combobox", "aria-label": text.searchShort, "aria-expanded": open, "aria-controls": "search-hits", "aria-activedescendant": open && hits[at] ? `hit-${at}` : undefined, "aria-autocomplete": "list" }}
      />
      {open && (
        <ul className={s.list} id="search-hits" role="listbox" aria-label={text.searchShort} onMouseDown={(e) => e.preventDefault()}>
          {hits.length === 0 && <li className={s.none} role="option" aria-selected={false} aria-disabled>{text.noResults}</li>}
          {hits.map((h, i) => (
            <li key={h.to} id={`hit-${i}`} role="option" aria-selected={i === at} className={mergeClasses(s.item, i === at && s.active)} onMouseEnter={() => setAt(i)} onClick={() => go(h.to)}>
              <span className={s.icon} style={{ color: h.color }} aria-hidden><h.icon /></span>
              {h.label}
              <span className={s.detail}>{h.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
