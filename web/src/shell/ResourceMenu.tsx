import { makeStyles, mergeClasses, SearchBox, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { NavLink } from "react-router";
import type { Blade } from "~/kit/room";
import { useLocal } from "~/kit/words";
import { pageOf } from "~/wire/id";
import { useCan } from "~/wire/permissions";
import { useShellText } from "./text";

const useStyles = makeStyles({
  menu: { width: "232px", flexShrink: 0, overflow: "auto", padding: "8px 0 16px", boxSizing: "border-box", borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    "@media (max-width: 760px)": { width: "100%", maxHeight: "150px", borderRight: "none", borderBottom: `1px solid ${tokens.colorNeutralStroke2}` } },
  search: { margin: "0 12px 8px", width: "calc(100% - 24px)" },
  heading: { margin: "14px 16px 4px", fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground3 },
  link: { display: "flex", alignItems: "center", gap: "10px", padding: "0 12px 0 14px", height: "32px", color: tokens.colorNeutralForeground1, textDecorationLine: "none", borderLeft: "3px solid transparent",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover }, ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" } },
  active: { backgroundColor: tokens.colorNeutralBackground1Selected, borderLeftColor: tokens.colorBrandStroke1, fontWeight: tokens.fontWeightSemibold },
  off: { color: tokens.colorNeutralForegroundDisabled },
  icon: { fontSize: "16px", display: "flex", color: tokens.colorBrandForeground1 },
  list: { listStyleType: "none", margin: 0, padding: 0 },
});

/** The menu of a resource, with a box that filters it. */
export function ResourceMenu({ id, blades }: { id: string; blades: Blade[] }) {
  const s = useStyles();
  const text = useShellText();
  const local = useLocal();
  const [filter, setFilter] = useState("");
  const shown = blades.filter((b) => local(b.label).toLowerCase().includes(filter.toLowerCase()));
  const sections = [...new Set(shown.map((b) => (b.section ? local(b.section) : "")))].sort((a, b) => (a === "" ? -1 : b === "" ? 1 : 0));
  return (
    <nav className={s.menu} aria-label={text.resourceMenu}>
      <SearchBox className={s.search} size="small" placeholder={text.filterMenu} aria-label={`${text.resourceMenu}: ${text.filterMenu}`} value={filter} onChange={(_, d) => setFilter(d.value)} />
      {sections.map((section) => (
        <div key={section}>
          {section && <h2 className={s.heading}>{section}</h2>}
          <ul className={s.list}>
            {shown.filter((b) => (b.section ? local(b.section) : "") === section).map((b) => <li key={b.key}><Entry id={id} blade={b} /></li>)}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Entry({ id, blade: b }: { id: string; blade: Blade }) {
  const s = useStyles();
  const local = useLocal();
  const off = useCan(id, b.needs) === false;
  return (
    <NavLink to={pageOf(id, b.key)} end className={({ isActive }) => mergeClasses(s.link, isActive && s.active, off && s.off)}>
      <span className={s.icon} aria-hidden><b.icon /></span>
      {local(b.label)}
    </NavLink>
  );
}
