import { Text } from "@fluentui/react-components";
import { ArrowClockwiseRegular, BuildingRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { Go } from "~/kit/Essentials";
import { Page } from "~/kit/Page";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import { useApplications, useServicePrincipals, type ServicePrincipal } from "~/wire/graph";
import { deletePrincipalWrite } from "./api";
import { appPage } from "./links";
import { useMayNot } from "./rights";
import { useDirectoryText } from "./text";

/** The identities of programs: of registered applications, and managed ones. */
export default function Principals() {
  const text = useDirectoryText();
  const kit = useKitText();
  const run = useWrite();
  const list = useServicePrincipals();
  const apps = new Map(useApplications().data?.map((a) => [a.appId, a.id]));
  const mayNot = useMayNot();
  const [going, setGoing] = useState<ServicePrincipal>();
  const write = going && deletePrincipalWrite(going, text.deletingPrincipal(going.displayName));
  const managed = (p: ServicePrincipal) => p.servicePrincipalType === "ManagedIdentity";
  return (
    <Page
      title={text.principals} icon={BuildingRegular} color="#2f7fd6" crumbs={[{ label: text.home, to: "/" }]}
      commands={[{ key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() }]}
    >
      <Table<ServicePrincipal>
        label={text.principals} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(p) => p.id}
        columns={[
          {
            key: "name", label: text.displayName, text: (p) => p.displayName, width: "minmax(180px, 1.5fr)",
            render: (p) => { const app = apps.get(p.appId); return app ? <Go to={appPage(app)}>{p.displayName}</Go> : p.displayName; },
          },
          { key: "type", label: text.type, text: (p) => (managed(p) ? text.managed : text.application), width: "minmax(120px, 0.8fr)" },
          { key: "account", label: text.account, text: (p) => (p.accountEnabled ? text.enabled : text.disabled), render: (p) => <StatusDot state={p.accountEnabled ? "enabled" : "disabled"} label={p.accountEnabled ? text.enabled : text.disabled} />, width: "minmax(110px, 0.7fr)" },
          { key: "appId", label: text.appId, text: (p) => p.appId, width: "minmax(290px, 1.4fr)" },
          { key: "id", label: text.objectId, text: (p) => p.id, width: "minmax(290px, 1.4fr)" },
        ]}
        menu={(p) => [{ key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setGoing(p), disabled: managed(p), whyNot: mayNot(p.id) }]}
      />
      {going && write && (
        <Confirm title={text.deletePrincipalTitle(going.displayName)} write={write} onClose={() => setGoing(undefined)} onConfirm={() => void run(write).catch(() => undefined)}>
          <Text>{text.deletePrincipalHint}</Text>
        </Confirm>
      )}
    </Page>
  );
}
