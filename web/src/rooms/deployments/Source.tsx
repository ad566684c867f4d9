import { Button, makeStyles, Textarea, tokens } from "@fluentui/react-components";
import { FolderOpenRegular } from "@fluentui/react-icons";
import { useRef } from "react";
import { Line } from "~/kit/Form";
import { useDeploymentText } from "./text";

const useStyles = makeStyles({
  box: { display: "flex", flexDirection: "column", gap: "6px", width: "100%", alignItems: "start" },
  text: { width: "100%", fontFamily: tokens.fontFamilyMonospace },
  file: { display: "none" },
});

/** A JSON text: from a file of the user's machine, or pasted. It is read here; nothing is sent. */
export function Source({ label, hint, required, value, onChange, problem, good, rows }: {
  label: string; hint: string; required?: boolean; value: string; onChange: (text: string) => void; problem?: string; good?: string; rows: number;
}) {
  const s = useStyles();
  const text = useDeploymentText();
  const file = useRef<HTMLInputElement>(null);
  return (
    <Line label={label} info={hint} required={required} problem={problem} good={good}>
      {(p) => (
        <div className={s.box}>
          <Button size="small" icon={<FolderOpenRegular />} aria-label={`${label}: ${text.upload}`} onClick={() => file.current?.click()}>{text.upload}</Button>
          <input
            ref={file} className={s.file} type="file" accept=".json,.jsonc,application/json" aria-label={`${label}: ${text.upload}`} tabIndex={-1}
            onChange={(e) => { const f = e.target.files?.[0]; if (f) void f.text().then(onChange); e.target.value = ""; }}
          />
          <Textarea
            {...p} className={s.text} textarea={{ autoComplete: "off", spellCheck: false, "aria-label": label }} rows={rows} resize="vertical" placeholder={text.paste} value={value} onChange={(_, d) => onChange(d.value)}
          />
        </div>
      )}
    </Line>
  );
}
