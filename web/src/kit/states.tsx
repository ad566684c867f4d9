import { Button, makeStyles, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, Spinner, Text, tokens } from "@fluentui/react-components";
import { BoxRegular, type FluentIcon } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { ApiError } from "~/wire/call";
import { messageOf } from "./notify";
import { useKitText } from "./text";

const useStyles = makeStyles({
  middle: { display: "flex", flexDirection: "column", alignItems: "center", gap: "12px", padding: "48px 16px", textAlign: "center" },
  icon: { fontSize: "48px", color: tokens.colorNeutralForeground4, display: "flex" },
  hint: { maxWidth: "48ch", textAlign: "center", color: tokens.colorNeutralForeground3 },
  id: { color: tokens.colorNeutralForeground3, display: "block" },
});

/** While something is read. */
export function Loading({ label }: { label?: string }) {
  const s = useStyles();
  const text = useKitText();
  return <div className={s.middle}><Spinner size="small" label={label ?? text.loading} /></div>;
}

/** Where there is nothing: what would be here, and the button that makes the first. */
export function Empty({ title, hint, icon: Icon = BoxRegular, children }: { title: string; hint?: string; icon?: FluentIcon; children?: ReactNode }) {
  const s = useStyles();
  return (
    <div className={s.middle}>
      <span className={s.icon} aria-hidden><Icon /></span>
      <Text size={400} weight="semibold">{title}</Text>
      {hint && <Text className={s.hint}>{hint}</Text>}
      {children}
    </div>
  );
}

/** What the cloud said when it refused, in its own words. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const s = useStyles();
  const text = useKitText();
  const e = error instanceof ApiError ? error : undefined;
  return (
    <MessageBar intent={e?.status === 403 ? "warning" : "error"} layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{e?.code ?? text.failed}</MessageBarTitle> {messageOf(error)}
        {e?.details.map((d, i) => <div key={i}>{d.code}: {d.message}</div>)}
        {e?.requestId && <Text size={100} className={s.id}>{text.requestId}: {e.requestId}</Text>}
      </MessageBarBody>
      {onRetry && <MessageBarActions><Button size="small" onClick={onRetry}>{text.retry}</Button></MessageBarActions>}
    </MessageBar>
  );
}
