import { Avatar, Button, makeStyles, Popover, PopoverSurface, PopoverTrigger, Text, tokens } from "@fluentui/react-components";
import { signIn, signOut, whoami } from "~/wire/session";
import { settings } from "~/wire/settings";
import { useShellText } from "./text";

const useStyles = makeStyles({
  button: { border: "none", backgroundColor: "transparent", fontFamily: "inherit", display: "flex", alignItems: "center", gap: "8px", padding: "2px 6px", borderRadius: tokens.borderRadiusMedium, cursor: "pointer", color: "#fff", minWidth: 0,
    ":hover": { backgroundColor: "#ffffff26" }, ":focus-visible": { outline: "2px solid #fff" } },
  name: { display: "flex", flexDirection: "column", alignItems: "flex-end", lineHeight: "14px", minWidth: 0, "@media (max-width: 900px)": { position: "absolute", width: "1px", height: "1px", overflow: "hidden" } },
  line: { maxWidth: "200px", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", fontSize: tokens.fontSizeBase200 },
  small: { maxWidth: "200px", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", fontSize: "10px", letterSpacing: "0.03em", color: "#dbe6fa" },
  card: { display: "flex", flexDirection: "column", gap: "10px", minWidth: "260px" },
  who: { display: "flex", gap: "12px", alignItems: "center" },
});

/** Who is signed in, and the way out. */
export function Account() {
  const s = useStyles();
  const text = useShellText();
  const me = whoami();
  return (
    <Popover positioning="below-end" trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <button type="button" className={s.button} title={text.account(me.username)}>
          <span className={s.name}>
            <span className={s.line}>{me.username}</span>
            <span className={s.small}>{settings().domain}</span>
          </span>
          <Avatar name={me.name} size={28} color="colorful" aria-hidden />
        </button>
      </PopoverTrigger>
      <PopoverSurface aria-label={text.account(me.username)}>
        <div className={s.card}>
          <div className={s.who}>
            <Avatar name={me.name} size={48} color="colorful" aria-hidden />
            <div><Text block weight="semibold">{me.name}</Text><Text block size={200}>{me.username}</Text></div>
          </div>
          <Text size={200}>{text.directory}: {settings().domain}</Text>
          <Button onClick={() => void signIn("select_account")}>{text.switchAccount}</Button>
          <Button appearance="primary" onClick={() => void signOut()}>{text.signOut}</Button>
        </div>
      </PopoverSurface>
    </Popover>
  );
}
