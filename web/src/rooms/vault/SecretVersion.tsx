import { Button, Input, makeStyles, Switch } from "@fluentui/react-components";
import { EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Because, useWhyNot } from "~/kit/Can";
import { Code } from "~/kit/Code";
import { EquivalentCli } from "~/kit/EquivalentCli";
import { Essentials } from "~/kit/Essentials";
import { Line } from "~/kit/Form";
import { StatusDot } from "~/kit/StatusDot";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import type { SecretBundle } from "~/wire/zz_vault";
import type { Vault } from "./api";
import { toLocal, toUnix } from "./names";
import { Refused } from "./Refused";
import { needs, updateWrite, useValue } from "./secrets";
import { useSecretState } from "./state";
import { useVaultText } from "./text";

const useStyles = makeStyles({
  tools: { display: "flex", alignItems: "center", gap: "8px", flexWrap: "wrap", marginBottom: "12px" },
  buttons: { display: "flex", gap: "8px", marginBottom: "20px" },
  date: { width: "260px" },
});

/** One version of a secret: its facts, its value behind a click, and what of it can change. */
export function SecretVersion({ vault, name, version, bundle, current }: { vault: Vault; name: string; version: string; bundle: SecretBundle; current: boolean }) {
  const s = useStyles();
  const text = useVaultText();
  const kit = useKitText();
  const time = useTime();
  const run = useWrite();
  const a = bundle.attributes;
  const on = a.enabled !== false;
  const state = useSecretState()(a);
  const [shown, setShown] = useState(false);
  const [expires, setExpires] = useState(() => toLocal(a.exp));
  const value = useValue(vault, name, version, shown);
  const may = (what: "get" | "update") => { const n = needs(vault, what); return [n?.at ?? "", n?.action, true] as const; };
  const noGet = useWhyNot(...may("get"));
  const noUpdate = useWhyNot(...may("update"));
  const toggle = updateWrite(vault, name, version, { attributes: { enabled: !on } }, on ? text.disabling(name) : text.enabling(name));
  const exp = toUnix(expires);
  const dated = exp !== undefined && expires !== toLocal(a.exp);
  const save = dated ? updateWrite(vault, name, version, { attributes: { exp } }, text.saving(name)) : undefined;
  const date = (unix?: number) => (unix ? time(unix * 1000) : text.never);
  return (
    <section aria-label={current ? text.current : text.version}>
      <Essentials facts={[
        { label: text.version, value: current ? `${version} (${text.current})` : version, copy: version },
        { label: text.status, value: <StatusDot {...state} /> },
        { label: text.identifier, value: bundle.id, copy: bundle.id },
        { label: text.contentType, value: bundle.contentType },
        { label: text.created, value: date(a.created) },
        { label: text.updated, value: date(a.updated) },
        { label: text.activates, value: date(a.nbf) },
        { label: text.expires, value: date(a.exp) },
      ]} />
      <div className={s.tools}>
        <Because reason={noGet}>
          <Button appearance="primary" icon={shown ? <EyeOffRegular /> : <EyeRegular />} disabledFocusable={noGet !== undefined} aria-expanded={shown} onClick={() => noGet || setShown(!shown)}>{shown ? text.hideValue : text.showValue}</Button>
        </Because>
        <Because reason={noUpdate}>
          <Switch checked={on} disabled={noUpdate !== undefined} label={text.enabled} onChange={() => void run(toggle).catch(() => undefined)} />
        </Because>
        <EquivalentCli write={toggle} />
      </div>
      {shown && (value.error ? <Refused vault={vault} error={value.error} role="Key Vault Secrets User" word="get" onRetry={() => void value.refetch()} /> : value.data && <Code label={text.value} text={value.data.value ?? ""} />)}
      <Line label={text.setExpiry}><Input className={s.date} type="datetime-local" value={expires} disabled={noUpdate !== undefined} onChange={(_, d) => setExpires(d.value)} /></Line>
      <div className={s.buttons}>
        <Button disabled={!save} onClick={() => save && void run(save).catch(() => undefined)}>{kit.save}</Button>
        <EquivalentCli write={save} />
      </div>
    </section>
  );
}
