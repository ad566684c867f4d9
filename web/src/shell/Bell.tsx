import {
  Button, CounterBadge, DrawerBody, DrawerHeader, DrawerHeaderTitle, makeStyles, OverlayDrawer, tokens, Tooltip,
} from "@fluentui/react-components";
import { AlertRegular, DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { NoteLine } from "~/kit/NoteLine";
import { useNotes } from "~/kit/notify";
import { Empty } from "~/kit/states";
import { useKitText } from "~/kit/text";
import { useBarButton } from "./TopBar";
import { useShellText } from "./text";

const useStyles = makeStyles({
  bell: { position: "relative" },
  badge: { position: "absolute", top: "2px", right: "0", pointerEvents: "none" },
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: "4px" },
  item: { borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
});

/** The notifications: a bell with a count, and a drawer with what runs and what has ended. */
export function Bell() {
  const s = useStyles();
  const b = useBarButton();
  const text = useShellText();
  const kit = useKitText();
  const [open, setOpen] = useState(false);
  const { notes, see, dismiss, clear } = useNotes();
  const unread = notes.filter((n) => !n.seen).length;
  const close = () => { see(); setOpen(false); };
  return (
    <div className={s.bell}>
      <Tooltip content={unread ? text.unread(unread) : kit.notifications} relationship="label">
        <Button className={b.button} appearance="transparent" icon={<AlertRegular />} aria-expanded={open} onClick={() => (open ? close() : setOpen(true))} />
      </Tooltip>
      {unread > 0 && <span className={s.badge} aria-hidden><CounterBadge size="small" count={unread} color="danger" /></span>}
      <OverlayDrawer open={open} position="end" size="small" onOpenChange={(_, d) => !d.open && close()}>
        <DrawerHeader>
          <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={kit.close} icon={<DismissRegular />} onClick={close} />}>{kit.notifications}</DrawerHeaderTitle>
          {notes.length > 0 && <div><Button size="small" appearance="transparent" onClick={clear}>{kit.clear}</Button></div>}
        </DrawerHeader>
        <DrawerBody>
          {notes.length === 0 ? <Empty title={kit.noNotes} icon={AlertRegular} /> : (
            <ul className={s.list}>
              {notes.map((n) => <li key={n.id} className={s.item}><NoteLine note={n} onDismiss={() => dismiss(n.id)} onGo={close} /></li>)}
            </ul>
          )}
        </DrawerBody>
      </OverlayDrawer>
    </div>
  );
}
