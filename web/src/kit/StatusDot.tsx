import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";

/** What a state means for whoever watches. */
export type Tone = "good" | "bad" | "busy" | "warn" | "idle";

const tones: Record<string, Tone> = {
  running: "good", succeeded: "good", enabled: "good", active: "good", normal: "good", ready: "good", available: "good",
  failed: "bad", error: "bad", unhealthy: "bad", canceled: "warn", warning: "warn", terminated: "idle", stopped: "idle", disabled: "idle",
  pending: "busy", creating: "busy", updating: "busy", deleting: "busy", waiting: "busy", accepted: "busy", repairing: "busy", provisioning: "busy", starting: "busy",
};

/** The tone of a state word of the API. */
export function toneOf(state: string): Tone {
  return tones[state.toLowerCase()] ?? "idle";
}

const useStyles = makeStyles({
  line: { display: "inline-flex", alignItems: "center", gap: "8px", whiteSpace: "nowrap" },
  dot: { width: "9px", height: "9px", borderRadius: "50%", flexShrink: 0, boxSizing: "border-box" },
  good: { backgroundColor: tokens.colorPaletteGreenBackground3 },
  bad: { backgroundColor: tokens.colorPaletteRedBackground3 },
  warn: { backgroundColor: tokens.colorPaletteMarigoldBackground3 },
  idle: { border: `2px solid ${tokens.colorNeutralForeground3}` },
  busy: {
    border: `2px solid ${tokens.colorBrandStroke1}`, borderTopColor: "transparent", animationName: { to: { transform: "rotate(360deg)" } },
    animationDuration: "900ms", animationIterationCount: "infinite", animationTimingFunction: "linear",
    "@media (prefers-reduced-motion: reduce)": { animationName: "none", borderTopColor: tokens.colorBrandStroke1 },
  },
});

/** A state: a mark and its word, so that nobody has to tell colours apart. */
export function StatusDot({ state, tone, label }: { state: string; tone?: Tone; label?: string }) {
  const s = useStyles();
  const is = tone ?? toneOf(state);
  if (!state && !label) return null;
  return (
    <span className={s.line} data-tone={is}>
      <span className={mergeClasses(s.dot, s[is])} aria-hidden />
      {label ?? state}
    </span>
  );
}
