import { makeStyles, tokens } from "@fluentui/react-components";
import { CopyButton } from "./CopyField";

const useStyles = makeStyles({
  box: { position: "relative", margin: "12px 0", maxWidth: "900px" },
  code: {
    padding: "12px 44px 12px 14px", borderRadius: tokens.borderRadiusMedium, backgroundColor: tokens.colorNeutralBackground3, fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200,
    lineHeight: "1.55", whiteSpace: "pre-wrap", overflowWrap: "anywhere", overflow: "auto", maxHeight: "60vh", margin: 0,
  },
  copy: { position: "absolute", top: "6px", right: "12px" },
});

/** A piece of code to read and to copy. */
export function Code({ label, text }: { label: string; text: string }) {
  const s = useStyles();
  return (
    <div className={s.box}>
      <pre className={s.code} tabIndex={0} role="region" aria-label={label}>{text}</pre>
      <span className={s.copy}><CopyButton value={text} /></span>
    </div>
  );
}
