import { Button, Checkbox, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Input, makeStyles } from "@fluentui/react-components";
import { useState } from "react";
import { EquivalentCli } from "~/kit/EquivalentCli";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import { whoami } from "~/wire/session";
import { settings } from "~/wire/settings";
import type { AccessPolicyEntry } from "~/wire/zz_vault";
import { policyWrite, type Vault } from "./api";
import { useVaultText } from "./text";

const words = ["get", "list", "set", "delete", "recover", "backup", "restore", "purge"];
const useStyles = makeStyles({ words: { display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(120px, 1fr))" }, me: { marginTop: "4px" } });

/** The dialog for one access policy: whose, and what it allows with secrets. */
export function PolicyForm({ vault, entry, onClose }: { vault: Vault; entry: AccessPolicyEntry | undefined; onClose: () => void }) {
  const s = useStyles();
  const text = useVaultText();
  const kit = useKitText();
  const run = useWrite();
  const [objectId, setObjectId] = useState(entry?.objectId ?? "");
  const had = (entry?.permissions.secrets ?? ["get", "list"]).map((w) => w.toLowerCase());
  const [chosen, setChosen] = useState(() => new Set(had.includes("all") ? words : had));
  const good = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(objectId);
  const write = policyWrite(vault.id, { ...entry, tenantId: settings().tenant, objectId, permissions: { ...entry?.permissions, secrets: words.filter((w) => chosen.has(w)) } }, text.savingPolicy);
  const ready = good && chosen.size > 0;
  const submit = () => {
    if (!ready) return;
    void run(write).catch(() => undefined);
    onClose();
  };
  const toggle = (w: string) => setChosen((c) => { const next = new Set(c); if (!next.delete(w)) next.add(w); return next; });
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
          <DialogBody>
            <DialogTitle>{entry ? text.editPolicy : text.addPolicy}</DialogTitle>
            <DialogContent>
              <Field label={text.objectId} hint={text.objectIdInfo} required validationMessage={objectId && !good ? text.objectIdBad : undefined}>
                <Input value={objectId} disabled={entry !== undefined} onChange={(_, d) => setObjectId(d.value.trim())} autoComplete="off" spellCheck={false} />
              </Field>
              {!entry && <Button className={s.me} size="small" onClick={() => setObjectId(whoami().objectId)}>{text.forMe}</Button>}
              <Field label={text.secretPermissions} validationMessage={chosen.size === 0 ? text.permissionsNeeded : undefined} style={{ marginTop: 12 }}>
                <div role="group" aria-label={text.secretPermissions} className={s.words}>{words.map((w) => <Checkbox key={w} label={w} checked={chosen.has(w)} onChange={() => toggle(w)} />)}</div>
              </Field>
            </DialogContent>
            <DialogActions fluid>
              <EquivalentCli write={ready ? write : undefined} />
              <Button appearance="primary" type="submit" disabled={!ready}>{kit.save}</Button>
              <Button onClick={onClose}>{kit.cancel}</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
