import { Button, makeStyles, mergeClasses, ProgressBar, Text, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular, CheckmarkCircleFilled, CodeRegular, DismissRegular, ErrorCircleFilled } from "@fluentui/react-icons";
import { useState } from "react";
import { CliDrawer } from "./EquivalentCli";
import { Go } from "./Essentials";
import type { Note } from "./notify";
import { useKitText } from "./text";
import { useAgo } from "./words";

const useStyles = makeStyles({
  note: { display: "grid", gridTemplateColumns: "20px 1fr auto", columnGap: "10px", padding: "10px 0", alignItems: "start" },
  icon: { fontSize: "18px", display: "flex", paddingTop: "1px" },
  done: { color: tokens.colorPaletteGreenForeground1 },
  failed: { color: tokens.colorPaletteRedForeground1 },
  running: { color: tokens.colorBrandForeground1 },
  detail: { color: tokens.colorNeutralForeground3, overflowWrap: "anywhere" },
  tools: { display: "flex", alignItems: "center", gap: "12px", marginTop: "6px" },
  bar: { marginTop: "8px" },
});

const icons = { running: ArrowSyncRegular, done: CheckmarkCircleFilled, failed: ErrorCircleFilled };

/** One notification: what runs with its progress, what has ended with the way to it. */
export function NoteLine({ note, onDismiss, onGo }: { note: Note; onDismiss: () => void; onGo?: () => void }) {
  const s = useStyles();
  const text = useKitText();
  const ago = useAgo();
  const [cli, setCli] = useState(false);
  const Icon = icons[note.state];
  return (
    <div className={s.note} data-note={note.state}>
      <span className={mergeClasses(s.icon, s[note.state])} aria-hidden><Icon /></span>
      <div>
        <Text block weight="semibold">{note.title}</Text>
        <Text block size={200} className={s.detail}>
          {note.state === "running" ? (note.detail ?? text.running) : note.state === "failed" ? `${note.code ? note.code + ": " : ""}${note.detail ?? ""}` : (note.detail ?? text.done)}
          {" · "}{ago(note.ended ?? note.begun)}
        </Text>
        {note.state === "running" && <ProgressBar className={s.bar} value={note.percent === undefined ? undefined : note.percent / 100} aria-label={note.title} />}
        <div className={s.tools}>
          {note.state === "done" && note.write?.page && <span onClick={onGo}><Go to={note.write.page}>{text.goTo}</Go></span>}
          {note.write && <Button size="small" appearance="transparent" icon={<CodeRegular />} onClick={() => setCli(true)}>{text.cli}</Button>}
        </div>
      </div>
      {note.state !== "running" && <Button size="small" appearance="subtle" icon={<DismissRegular />} aria-label={`${text.dismiss}: ${note.title}`} onClick={onDismiss} />}
      {cli && note.write && <CliDrawer write={note.write} onClose={() => setCli(false)} />}
    </div>
  );
}
