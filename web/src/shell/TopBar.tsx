import { Button, makeStyles, tokens, Tooltip } from "@fluentui/react-components";
import { NavigationRegular } from "@fluentui/react-icons";
import { Link } from "react-router";
import type { Dock } from "~/kit/room";
import { useLocal } from "~/kit/words";
import { Account } from "./Account";
import { Bell } from "./Bell";
import { Search } from "./Search";
import { Settings } from "./Settings";
import { useShellText } from "./text";

const useStyles = makeStyles({
  bar: { display: "grid", gridTemplateColumns: "minmax(max-content, 1fr) minmax(120px, 620px) minmax(max-content, 1fr)", alignItems: "center", height: "44px", flexShrink: 0, backgroundColor: "#123577", color: "#fff", gap: "12px", padding: "0 8px",
    "@media (max-width: 520px)": { gridTemplateColumns: "max-content minmax(40px, 1fr) max-content", gap: "4px", padding: 0 } },
  left: { display: "flex", alignItems: "center", gap: "6px", minWidth: 0 },
  right: { display: "flex", alignItems: "center", justifyContent: "flex-end", gap: "2px", minWidth: 0 },
  brand: { color: "#fff", textDecorationLine: "none", fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase400, display: "flex", alignItems: "center", gap: "8px", padding: "4px 6px",
    ":focus-visible": { outline: "2px solid #fff", borderRadius: "4px" } },
});

export const useBarButton = makeStyles({
  button: {
    color: "#fff", minWidth: "36px", ":hover": { color: "#fff", backgroundColor: "#ffffff26" }, ":hover:active": { color: "#fff", backgroundColor: "#ffffff40" },
    "& .fui-Button__icon": { color: "#fff" }, ":focus-visible": { outline: "2px solid #fff" },
  },
});

interface Props {
  onMenu: () => void;
  open: boolean;
  dock?: Dock & { shown: boolean; onToggle: () => void };
}

/** The bar over every page. */
export function TopBar({ onMenu, open, dock }: Props) {
  const s = useStyles();
  const b = useBarButton();
  const text = useShellText();
  const local = useLocal();
  return (
    <header className={s.bar}>
      <div className={s.left}>
        <Tooltip content={text.menu} relationship="label">
          <Button className={b.button} appearance="transparent" icon={<NavigationRegular />} aria-expanded={open} aria-controls="portal-menu" onClick={onMenu} />
        </Tooltip>
        <Link to="/" className={s.brand}>
          <img src="/favicon.svg" alt="" width={20} height={20} />
          Lazuli
        </Link>
      </div>
      <Search />
      <div className={s.right}>
        {dock && (
          <Tooltip content={local(dock.label)} relationship="label">
            <Button className={b.button} appearance="transparent" icon={<dock.icon />} aria-expanded={dock.shown} aria-controls="dock" onClick={dock.onToggle} />
          </Tooltip>
        )}
        <Bell />
        <Settings />
        <Account />
      </div>
    </header>
  );
}
