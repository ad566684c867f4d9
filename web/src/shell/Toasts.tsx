import { makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { NoteLine } from "~/kit/NoteLine";
import { useNotes } from "~/kit/notify";

const useStyles = makeStyles({
  stack: { position: "fixed", top: "52px", right: "12px", width: "360px", maxWidth: "calc(100vw - 24px)", display: "flex", flexDirection: "column", gap: "8px", zIndex: 1000 },
  toast: { backgroundColor: tokens.colorNeutralBackground1, boxShadow: tokens.shadow16, borderRadius: tokens.borderRadiusMedium, padding: "0 14px", border: `1px solid ${tokens.colorNeutralStroke2}` },
});

/** How long an ended note stays on the page; a failed one stays longer. */
const stay = { done: 6_000, failed: 20_000 };

/** What has just begun or ended, over the page for a while; the bell keeps it. */
export function Toasts() {
  const s = useStyles();
  const { notes } = useNotes();
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [now, setNow] = useState(() => Date.now());
  const shown = notes.filter((n) => !hidden.has(n.id) && !n.seen && (n.state === "running" || now - (n.ended ?? 0) < stay[n.state])).slice(0, 4);
  useEffect(() => {
    const t = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(t);
  }, []);
  const hide = (id: number) => setHidden(new Set([...hidden, id]));
  return (
    <div className={s.stack} role="status" aria-live="polite">
      {shown.map((n) => <div key={n.id} className={s.toast}><NoteLine note={n} onDismiss={() => hide(n.id)} onGo={() => hide(n.id)} /></div>)}
    </div>
  );
}
