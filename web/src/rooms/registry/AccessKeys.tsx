import { Button, makeStyles, MessageBar, MessageBarBody, Switch, Text, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Because, useWhyNot } from "~/kit/Can";
import { Confirm } from "~/kit/Confirm";
import { CopyField } from "~/kit/CopyField";
import { EquivalentCli } from "~/kit/EquivalentCli";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Failure, Loading } from "~/kit/states";
import { useWrite } from "~/kit/write";
import { useCan } from "~/wire/permissions";
import { adminWrite, regenerateWrite, registryType, useCredentials, type Registry } from "./api";
import { useRegistryText } from "./text";

const useStyles = makeStyles({
  hint: { display: "block", maxWidth: "80ch", margin: "4px 0 16px", color: tokens.colorNeutralForeground3 },
  admin: { display: "flex", alignItems: "center", gap: "8px", flexWrap: "wrap", margin: "12px 0 0" },
});

/** The admin user: on or off, its name and its two passwords. */
export default function AccessKeys({ id, resource }: BladeProps) {
  const s = useStyles();
  const text = useRegistryText();
  const run = useWrite();
  const registry = resource as unknown as Registry;
  const on = registry.properties.adminUserEnabled;
  const mayWrite = useWhyNot(id.id, registryType + "/write");
  const mayList = useCan(id.id, registryType + "/listCredentials/action");
  const [wanted, setWanted] = useState<boolean>();
  const [renewing, setRenewing] = useState("");
  const keys = useCredentials(id.id, on && mayList === true);
  const toggle = adminWrite(id.id, !on, on ? text.turnOff(id.name) : text.turnOn(id.name));
  const change = () => {
    setWanted(!on);
    void run(toggle).catch(() => undefined).finally(() => setWanted(undefined));
  };
  return (
    <Body>
      <CopyField label={text.registryName} value={registry.name} />
      <CopyField label={text.loginServer} value={registry.properties.loginServer} />
      <div className={s.admin}>
        <Because reason={mayWrite}>
          <Switch checked={wanted ?? on} disabled={mayWrite !== undefined || wanted !== undefined} onChange={change} label={text.admin} labelPosition="before" />
        </Because>
        <EquivalentCli write={toggle} />
      </div>
      <Text size={200} className={s.hint}>{text.adminHint}</Text>
      {on && mayList === false && <MessageBar intent="info"><MessageBarBody>{text.keysForbidden}</MessageBarBody></MessageBar>}
      {on && mayList && (keys.error ? <Failure error={keys.error} onRetry={() => void keys.refetch()} /> : !keys.data ? <Loading /> : (
        <section aria-label={text.admin}>
          <CopyField label={text.username} value={keys.data.username} />
          {keys.data.passwords.map((p) => (
            <CopyField key={p.name + p.value} label={p.name} value={p.value} secret>
              <Button appearance="subtle" icon={<ArrowSyncRegular />} disabled={mayWrite !== undefined} aria-label={`${text.regenerate}: ${p.name}`} onClick={() => setRenewing(p.name)}>{text.regenerate}</Button>
            </CopyField>
          ))}
        </section>
      ))}
      {renewing && (
        <Confirm
          title={text.regenerateTitle(renewing)} action={text.regenerate} write={regenerateWrite(id.id, renewing, text.regenerating(renewing))} onClose={() => setRenewing("")}
          onConfirm={() => void run(regenerateWrite(id.id, renewing, text.regenerating(renewing))).catch(() => undefined)}
        >
          <Text>{text.regenerateHint}</Text>
        </Confirm>
      )}
    </Body>
  );
}
