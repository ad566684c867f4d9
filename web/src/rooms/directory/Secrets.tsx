import { Button, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text } from "@fluentui/react-components";
import { DeleteRegular, KeyRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Because } from "~/kit/Can";
import { Confirm } from "~/kit/Confirm";
import { CopyField } from "~/kit/CopyField";
import { Empty } from "~/kit/states";
import { StatusDot, type Tone } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import type { Application, PasswordCredential } from "~/wire/graph";
import { removeSecretWrite } from "./api";
import { NewSecret } from "./NewSecret";
import { useMayNot } from "./rights";
import { standingOf, type Standing } from "./secret";
import { useDirectoryText } from "./text";

const useStyles = makeStyles({ fresh: { margin: "12px 0 4px" } });
/** How a standing looks. */
export const tones: Record<Standing, Tone> = { valid: "good", soon: "warn", expired: "bad" };

/** The secrets of an application; the value of one that was just made is shown until the page is left. */
export function Secrets({ app, adding, onAdd, onClose }: { app: Application; adding: boolean; onAdd: () => void; onClose: () => void }) {
  const s = useStyles();
  const text = useDirectoryText();
  const time = useTime();
  const run = useWrite();
  const [fresh, setFresh] = useState<PasswordCredential>();
  const [going, setGoing] = useState<PasswordCredential>();
  const whyNot = useMayNot()(app.id);
  const nameOf = (c: PasswordCredential) => c.displayName || text.unnamed(c.hint);
  const standing = (c: PasswordCredential) => standingOf(c.endDateTime, Date.now());
  const write = going && removeSecretWrite(app, going, text.removingSecret(nameOf(going)));
  return (
    <>
      {fresh?.secretText && (
        <section className={s.fresh} aria-label={text.secretValue}>
          <MessageBar intent="warning" layout="multiline"><MessageBarBody><MessageBarTitle>{text.onceTitle}</MessageBarTitle> {text.once}</MessageBarBody></MessageBar>
          <div className={s.fresh}>
            <CopyField label={text.secretValue} value={fresh.secretText} />
            <CopyField label={text.secretId} value={fresh.keyId} />
          </div>
        </section>
      )}
      <Table<PasswordCredential>
        label={text.secrets} rows={app.passwordCredentials} rowKey={(c) => c.keyId} noFilter initialSort={{ key: "expires", down: false }}
        columns={[
          { key: "name", label: text.description, text: nameOf, width: "minmax(160px, 1.5fr)" },
          { key: "state", label: text.state, text: (c) => text[standing(c)], render: (c) => <StatusDot state={standing(c)} tone={tones[standing(c)]} label={text[standing(c)]} />, width: "minmax(110px, 0.7fr)" },
          { key: "expires", label: text.expires, text: (c) => time(c.endDateTime), order: (c) => c.endDateTime, width: "minmax(180px, 1fr)" },
          { key: "value", label: text.value, text: (c) => `${c.hint}••••••••`, width: "minmax(110px, 0.7fr)" },
          { key: "id", label: text.secretId, text: (c) => c.keyId, width: "minmax(290px, 1.5fr)" },
        ]}
        menu={(c) => [{ key: "remove", label: text.remove, icon: DeleteRegular, onClick: () => setGoing(c), whyNot }]}
        empty={<Empty title={text.noSecrets} hint={text.noSecretsHint} icon={KeyRegular}><Because reason={whyNot}><Button appearance="primary" disabledFocusable={whyNot !== undefined} onClick={onAdd}>{text.newSecret}</Button></Because></Empty>}
      />
      {adding && <NewSecret app={app} onClose={onClose} onMade={setFresh} />}
      {going && write && (
        <Confirm
          title={text.removeSecretTitle(nameOf(going))} action={text.remove} write={write} onClose={() => setGoing(undefined)}
          onConfirm={() => { if (going.keyId === fresh?.keyId) setFresh(undefined); void run(write).catch(() => undefined); }}
        >
          <Text>{text.removeSecretHint}</Text>
        </Confirm>
      )}
    </>
  );
}
