import { Button, Input, Label, makeStyles, tokens, Tooltip, useId } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular, EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useEffect, useState, type ReactNode } from "react";
import { useKitText } from "./text";

const useStyles = makeStyles({
  field: { display: "grid", gridTemplateColumns: "minmax(140px, 200px) minmax(0, 560px) auto", alignItems: "center", columnGap: "12px", marginBottom: "10px",
    "@media (max-width: 700px)": { gridTemplateColumns: "1fr", rowGap: "4px" } },
  value: { fontFamily: tokens.fontFamilyMonospace, width: "100%" },
  actions: { display: "flex", gap: "4px" },
});

/** A button that copies a text and says that it did. */
export function CopyButton({ value, label, size = "small" }: { value: string; label?: string; size?: "small" | "medium" }) {
  const text = useKitText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const t = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(t);
  }, [copied]);
  const name = copied ? text.copied : (label ?? text.copy);
  return (
    <Tooltip content={name} relationship="label" visible={copied || undefined}>
      <Button
        size={size} appearance="subtle" icon={copied ? <CheckmarkRegular /> : <CopyRegular />}
        onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
      />
    </Tooltip>
  );
}

/** A read-only value with its label and a button that copies it. A secret one is covered until it is asked for. */
export function CopyField({ label, value, secret, children }: { label: string; value: string; secret?: boolean; children?: ReactNode }) {
  const s = useStyles();
  const text = useKitText();
  const id = useId("copy");
  const [open, setOpen] = useState(!secret);
  return (
    <div className={s.field}>
      <Label htmlFor={id}>{label}</Label>
      <Input
        id={id} readOnly value={value} type={open ? "text" : "password"} input={{ className: s.value, autoComplete: "off", spellCheck: false }}
        contentAfter={<CopyButton value={value} label={`${text.copy}: ${label}`} />}
      />
      <div className={s.actions}>
        {secret && (
          <Button
            appearance="subtle" icon={open ? <EyeOffRegular /> : <EyeRegular />} onClick={() => setOpen(!open)}
            aria-label={`${open ? text.hide : text.show}: ${label}`}
          />
        )}
        {children}
      </div>
    </div>
  );
}
