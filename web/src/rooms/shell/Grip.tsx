import { makeStyles, tokens } from "@fluentui/react-components";
import { useState, type KeyboardEvent, type PointerEvent } from "react";

const useStyles = makeStyles({
  grip: { height: "5px", marginTop: "-3px", cursor: "ns-resize", touchAction: "none", flexShrink: 0, zIndex: 2, ":hover": { backgroundColor: tokens.colorBrandBackground }, ":focus-visible": { backgroundColor: tokens.colorBrandBackground, outline: "none" } },
});

const least = 140;
const key = "lazuli.shell.height";

const bounded = (h: number) => Math.round(Math.max(least, Math.min(h, window.innerHeight - 160)));

/** How high the dock is: as it was left in this browser. */
export function useHeight() {
  const [height, set] = useState(() => bounded(Number(localStorage.getItem(key)) || 320));
  const [whole, setWhole] = useState(false);
  const setHeight = (h: number) => {
    set(bounded(h));
    localStorage.setItem(key, String(bounded(h)));
  };
  return { height, setHeight, whole, setWhole };
}

/** The upper edge of the dock, which is dragged or moved with the arrow keys. */
export function Grip({ height, onChange, label }: { height: number; onChange: (h: number) => void; label: string }) {
  const s = useStyles();
  const drag = (e: PointerEvent<HTMLDivElement>) => { if (e.currentTarget.hasPointerCapture(e.pointerId)) onChange(window.innerHeight - e.clientY); };
  const press = (e: KeyboardEvent) => {
    const step = { ArrowUp: 24, ArrowDown: -24, PageUp: 120, PageDown: -120 }[e.key];
    if (step === undefined) return;
    e.preventDefault();
    onChange(height + step);
  };
  return (
    <div
      role="separator" aria-orientation="horizontal" aria-label={label} aria-valuenow={height} aria-valuemin={least} aria-valuemax={Math.max(least, window.innerHeight - 160)} tabIndex={0} className={s.grip}
      onPointerDown={(e) => { e.preventDefault(); e.currentTarget.setPointerCapture(e.pointerId); }} onPointerMove={drag} onKeyDown={press}
    />
  );
}
