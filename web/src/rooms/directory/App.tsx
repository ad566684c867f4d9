import { Button, Text } from "@fluentui/react-components";
import { AppGenericRegular, ArrowClockwiseRegular, DeleteRegular, KeyRegular, RenameRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { Because } from "~/kit/Can";
import { Confirm } from "~/kit/Confirm";
import { EquivalentCli } from "~/kit/EquivalentCli";
import { Essentials } from "~/kit/Essentials";
import { Heading } from "~/kit/Heading";
import { Page } from "~/kit/Page";
import { Failure, Loading } from "~/kit/states";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { settings } from "~/wire/settings";
import { createPrincipalWrite, deleteAppWrite, useApplication, usePrincipalOf } from "./api";
import { places } from "./links";
import { Rename } from "./Rename";
import { useMayNot } from "./rights";
import { Secrets } from "./Secrets";
import { useDirectoryText } from "./text";

/** An application: its ids, its service principal, its secrets. */
export default function App() {
  const { id = "" } = useParams();
  const text = useDirectoryText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const app = useApplication(id);
  const principal = usePrincipalOf(app.data?.appId);
  const [open, setOpen] = useState<"secret" | "rename" | "delete">();
  const mayNot = useMayNot();
  const whyNot = mayNot(id);
  const a = app.data;
  const make = a && createPrincipalWrite(a.appId, text.makingPrincipal(a.displayName));
  const gone = a && deleteAppWrite(a, text.deletingApp(a.displayName));
  return (
    <Page
      title={a?.displayName ?? text.app} subtitle={text.app} icon={AppGenericRegular} color="#2f7fd6" crumbs={[{ label: text.home, to: "/" }, { label: text.apps, to: places.apps }]}
      commands={[
        { key: "secret", label: text.newSecret, icon: KeyRegular, onClick: () => setOpen("secret"), disabled: !a, whyNot },
        { key: "rename", label: text.rename, icon: RenameRegular, onClick: () => setOpen("rename"), disabled: !a, whyNot },
        { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setOpen("delete"), disabled: !a, whyNot },
        { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void app.refetch() },
      ]}
    >
      {!a ? (app.error ? <Failure error={app.error} onRetry={() => void app.refetch()} /> : <Loading />) : (
        <>
          <Essentials facts={[
            { label: text.displayName, value: a.displayName },
            { label: text.appId, value: a.appId, copy: a.appId },
            { label: text.objectId, value: a.id, copy: a.id },
            { label: text.tenantId, value: settings().tenant, copy: settings().tenant },
            principal.data ? { label: text.principalId, value: principal.data.id, copy: principal.data.id } : {
              label: text.principalId,
              value: principal.data === null && make && <>{text.noPrincipal} <Because reason={mayNot()}><Button size="small" disabledFocusable={mayNot() !== undefined} onClick={() => void run(make).catch(() => undefined)}>{text.makePrincipal}</Button></Because><EquivalentCli write={make} /></>,
            },
            { label: text.created, value: time(a.createdDateTime) },
            { label: text.audience, value: text.thisTenant },
          ]} />
          <Heading>{text.secrets}</Heading>
          <Secrets app={a} adding={open === "secret"} onAdd={() => setOpen("secret")} onClose={() => setOpen(undefined)} />
          {open === "rename" && <Rename app={a} onClose={() => setOpen(undefined)} />}
          {open === "delete" && gone && (
            <Confirm
              title={text.deleteAppTitle(a.displayName)} write={gone} onClose={() => setOpen(undefined)}
              onConfirm={() => { void navigate(places.apps); void run(gone).catch(() => undefined); }}
            >
              <Text>{text.deleteAppHint} {kit.irreversible}</Text>
            </Confirm>
          )}
        </>
      )}
    </Page>
  );
}
