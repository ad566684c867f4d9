import { makeStyles, tokens } from "@fluentui/react-components";
import { lazy, Suspense, useState } from "react";
import { Outlet, useNavigation } from "react-router";
import { rooms } from "~/kit/room";
import { Nav } from "./Nav";
import { Toasts } from "./Toasts";
import { TopBar } from "./TopBar";
import { useShellText } from "./text";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", height: "100%", backgroundColor: tokens.colorNeutralBackground1, color: tokens.colorNeutralForeground1 },
  middle: { display: "flex", flexGrow: 1, minHeight: 0, position: "relative" },
  main: { flexGrow: 1, minWidth: 0, minHeight: 0, overflow: "auto" },
  dock: { flexShrink: 0 },
  busy: { position: "absolute", top: 0, left: 0, right: 0, height: "2px", backgroundColor: tokens.colorBrandBackground, zIndex: 5, opacity: 0.7 },
  skip: { position: "absolute", left: "-9999px", ":focus": { left: "8px", top: "8px", zIndex: 100, backgroundColor: tokens.colorNeutralBackground1, padding: "8px 12px" } },
});

const dock = rooms.find((r) => r.dock)?.dock;
const Dock = dock && lazy(dock.load);

/** The top bar, the menu, and the page between them. */
export function Frame() {
  const s = useStyles();
  const text = useShellText();
  const [nav, setNav] = useState(false);
  const [docked, setDocked] = useState<"no" | "shown" | "hidden">("no");
  const putAway = (to: "no" | "hidden") => {
    setDocked(to);
    document.querySelector<HTMLElement>("[aria-controls=dock]")?.focus();
  };
  const loading = useNavigation().state === "loading";
  return (
    <div className={s.root}>
      <a href="#content" className={s.skip}>{text.skip}</a>
      <TopBar onMenu={() => setNav(!nav)} open={nav} dock={dock && { ...dock, shown: docked === "shown", onToggle: () => setDocked(docked === "shown" ? "hidden" : "shown") }} />
      <div className={s.middle}>
        {loading && <div className={s.busy} />}
        {nav && <Nav onClose={() => setNav(false)} />}
        <main id="content" className={s.main} tabIndex={-1}><Outlet /></main>
      </div>
      <div id="dock" className={s.dock}>
        {Dock && docked !== "no" && <Suspense><Dock hidden={docked === "hidden"} onHide={() => putAway("hidden")} onClose={() => putAway("no")} /></Suspense>}
      </div>
      <Toasts />
    </div>
  );
}
