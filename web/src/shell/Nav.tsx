import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { AddRegular, HomeRegular, type FluentIcon } from "@fluentui/react-icons";
import { useEffect } from "react";
import { NavLink } from "react-router";
import { kinds, rooms } from "~/kit/room";
import { useLocal } from "~/kit/words";
import { useShellText } from "./text";

const useStyles = makeStyles({
  veil: { position: "absolute", inset: 0, zIndex: 19 },
  nav: {
    position: "absolute", top: 0, bottom: 0, left: 0, zIndex: 20, width: "260px", overflow: "auto", padding: "8px 0", boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground1, boxShadow: tokens.shadow16,
  },
  link: {
    display: "flex", alignItems: "center", gap: "12px", padding: "0 16px", height: "36px", color: tokens.colorNeutralForeground1, textDecorationLine: "none",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  active: { backgroundColor: tokens.colorNeutralBackground1Selected, fontWeight: tokens.fontWeightSemibold },
  icon: { fontSize: "18px", display: "flex" },
  line: { height: "1px", margin: "8px 16px", backgroundColor: tokens.colorNeutralStroke2 },
  heading: { margin: "8px 16px 4px", fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground3 },
});

/** The portal's menu: places, then the services by their types. */
export function Nav({ onClose }: { onClose: () => void }) {
  const s = useStyles();
  const text = useShellText();
  const local = useLocal();
  const places = rooms.flatMap((r) => r.places ?? []).filter((p) => p.nav).sort((a, b) => a.nav!.order - b.nav!.order);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => e.key === "Escape" && onClose();
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [onClose]);
  const entry = (to: string, label: string, Icon: FluentIcon, color: string) => (
    <NavLink key={to} to={to} end className={({ isActive }) => mergeClasses(s.link, isActive && s.active)} onClick={onClose}>
      <span className={s.icon} style={{ color }} aria-hidden><Icon /></span>
      {label}
    </NavLink>
  );
  return (
    <>
      <div className={s.veil} onClick={onClose} aria-hidden />
      <nav className={s.nav} aria-label={text.menu} id="portal-menu">
        {entry("/create", text.createResource, AddRegular, tokens.colorPaletteGreenForeground1)}
        <div className={s.line} />
        {entry("/", text.home, HomeRegular, tokens.colorBrandForeground1)}
        {places.map((p) => entry(p.path, local(p.nav!.label), p.nav!.icon, tokens.colorBrandForeground1))}
        <div className={s.line} />
        <h2 className={s.heading}>{text.services}</h2>
        {kinds().filter((k) => k.create || k.columns).map((k) => entry("/browse/" + k.type, local(k.many), k.icon, k.color))}
      </nav>
    </>
  );
}
