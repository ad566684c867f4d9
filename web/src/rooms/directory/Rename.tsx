import { Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { useWrite } from "~/kit/write";
import type { Application } from "~/wire/graph";
import { renameAppWrite } from "./api";
import { useDirectoryText } from "./text";

/** Asks for another name of an application. */
export function Rename({ app, onClose }: { app: Application; onClose: () => void }) {
  const text = useDirectoryText();
  const run = useWrite();
  const [name, setName] = useState(app.displayName);
  const write = renameAppWrite(app, name.trim(), text.renaming(app.displayName));
  return (
    <Confirm
      title={text.renameTitle(app.displayName)} action={text.rename} write={write} disabled={name.trim() === "" || name.trim() === app.displayName} onClose={onClose}
      onConfirm={() => void run(write).catch(() => undefined)}
    >
      <Field label={text.displayName}><Input value={name} onChange={(_, d) => setName(d.value)} autoComplete="off" spellCheck={false} /></Field>
    </Confirm>
  );
}
