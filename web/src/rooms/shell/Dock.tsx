import { Button, makeStyles, MessageBar, MessageBarActions, MessageBarBody, mergeClasses, tokens } from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { Failure } from "~/kit/states";
import { openScreen, paint, type Screen } from "~/kit/terminal";
import type { DockProps } from "~/kit/room";
import { useLook } from "~/kit/theme";
import { useFontSize, type FontSize } from "./api";
import { Grip, useHeight } from "./Grip";
import { useSession, type State } from "./session";
import { useConsoleText } from "./text";
import { Tools } from "./Tools";

const useStyles = makeStyles({
  dock: { display: "flex", flexDirection: "column", backgroundColor: tokens.colorNeutralBackground1, borderTop: `1px solid ${tokens.colorNeutralStroke1}`, minHeight: 0 },
  away: { display: "none" },
  note: { padding: "4px 12px" },
  box: { flexGrow: 1, minHeight: 0, padding: "6px 0 6px 12px", overflow: "hidden" },
  dark: { backgroundColor: "#14181f" },
  light: { backgroundColor: "#ffffff" },
});

const sizes: Record<FontSize, number> = { Small: 12, Medium: 14, Large: 18 };

/** Cloud Shell at the bottom of every page. It lives on while it is hidden. */
export default function Dock({ hidden, onHide, onClose }: DockProps) {
  const s = useStyles();
  const text = useConsoleText();
  const { dark } = useLook();
  const box = useRef<HTMLDivElement>(null);
  const tools = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<Screen>();
  const [font, setFont] = useFontSize();
  const { height, setHeight, whole, setWhole } = useHeight();
  const [restarting, setRestarting] = useState(false);
  const { state, open } = useSession(screen);
  useEffect(() => {
    const opened = openScreen(box.current!, text.terminal, { dark, fontSize: sizes[font], leave: () => tools.current?.querySelector("button")?.focus() });
    setScreen(opened);
    return () => opened.dispose();
    // One terminal for as long as the dock is open; what it looks like follows below.
  }, []);
  useEffect(() => { if (screen) paint(screen, dark, sizes[font]); }, [screen, dark, font]);
  useEffect(() => { screen?.terminal.textarea?.setAttribute("aria-label", text.terminal); }, [screen, text]);
  useEffect(() => { if (!hidden) screen?.terminal.focus(); }, [screen, hidden]);
  return (
    <section aria-label={text.title} className={mergeClasses(s.dock, hidden && s.away)} style={{ height: whole ? "calc(100vh - 44px)" : height }}>
      {!whole && <Grip height={height} onChange={setHeight} label={text.resize} />}
      <Tools ref={tools} state={state} font={font} whole={whole} onFont={setFont} onRestart={() => setRestarting(true)} onWhole={() => setWhole(!whole)} onHide={onHide} onClose={onClose} />
      <Word state={state} onReconnect={() => open()} />
      <div ref={box} className={mergeClasses(s.box, dark ? s.dark : s.light)} />
      {restarting && <Confirm title={text.restartTitle} action={text.restartNow} onClose={() => setRestarting(false)} onConfirm={() => open(true)}>{text.restartHint}</Confirm>}
    </section>
  );
}

/** What the user has to know or to do when there is no shell. */
function Word({ state, onReconnect }: { state: State; onReconnect: () => void }) {
  const s = useStyles();
  const text = useConsoleText();
  if (state.is === "requesting" || state.is === "connecting" || state.is === "open") return null;
  if (state.is === "failed") return <div className={s.note}><Failure error={state.error} onRetry={onReconnect} /></div>;
  return (
    <div className={s.note}>
      <MessageBar intent={state.is === "lost" ? "warning" : "info"}>
        <MessageBarBody>{text[state.is]}{state.is === "ended" && " " + state.why}</MessageBarBody>
        <MessageBarActions><Button size="small" onClick={onReconnect}>{text.reconnect}</Button></MessageBarActions>
      </MessageBar>
    </div>
  );
}
