import { Button, Text } from "@fluentui/react-components";
import { AddRegular, ArchiveRegular, ArrowClockwiseRegular, DeleteRegular, KeyMultipleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { Go } from "~/kit/Essentials";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Empty } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { pageOf } from "~/wire/id";
import type { SecretBundle } from "~/wire/zz_vault";
import type { Vault } from "./api";
import { DeletedSecrets } from "./DeletedSecrets";
import { secretOf } from "./names";
import { Refused } from "./Refused";
import { Secret } from "./Secret";
import { SecretForm } from "./SecretForm";
import { deleteWrite, needs, useSecrets } from "./secrets";
import { useSecretState } from "./state";
import { useVaultText } from "./text";

/** The page of secrets; with ?name= of one, with ?new the form for one (or for a new version), with ?deleted of those that can come back. */
export default function Secrets({ resource }: BladeProps) {
  const [query] = useSearchParams();
  const vault = resource as unknown as Vault;
  const name = query.get("name") ?? "";
  if (query.has("new")) return <SecretForm key={name} vault={vault} name={name} />;
  if (query.has("deleted")) return <DeletedSecrets vault={vault} />;
  return name ? <Secret key={name} vault={vault} name={name} /> : <List vault={vault} />;
}

function List({ vault }: { vault: Vault }) {
  const text = useVaultText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const stateOf = useSecretState();
  const list = useSecrets(vault);
  const [removing, setRemoving] = useState("");
  const page = (query: string) => pageOf(vault.id, "secrets", query);
  const name = (s: SecretBundle) => secretOf(s.id).name;
  const create = () => void navigate(page("?new"));
  const remove = removing ? deleteWrite(vault, removing, text.deletingSecret(removing)) : undefined;
  return (
    <Body commands={[
      { key: "new", label: text.newSecret, icon: AddRegular, onClick: create, needs: needs(vault, "set") },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() },
      { key: "deleted", label: text.deletedSecrets, icon: ArchiveRegular, onClick: () => void navigate(page("?deleted")) },
    ]}>
      {list.error && !list.data ? <Refused vault={vault} error={list.error} role="Key Vault Secrets User" word="list" onRetry={() => void list.refetch()} /> : (
        <Table<SecretBundle>
          label={text.secrets} rows={list.data} rowKey={(s) => s.id}
          empty={<Empty title={text.noSecrets} hint={text.noSecretsHint} icon={KeyMultipleRegular}><Button appearance="primary" onClick={create}>{text.newSecret}</Button></Empty>}
          columns={[
            { key: "name", label: kit.name, text: name, render: (s) => <Go to={page("?name=" + name(s))}>{name(s)}</Go>, width: "minmax(220px, 2fr)" },
            { key: "type", label: text.contentType, text: (s) => s.contentType ?? "" },
            { key: "status", label: text.status, text: (s) => stateOf(s.attributes).label, render: (s) => <StatusDot {...stateOf(s.attributes)} />, width: "150px" },
            { key: "expires", label: text.expires, text: (s) => (s.attributes.exp ? time(s.attributes.exp * 1000) : ""), order: (s) => s.attributes.exp ?? 0, width: "minmax(180px, 1fr)" },
            { key: "updated", label: text.updated, text: (s) => time((s.attributes.updated ?? 0) * 1000), order: (s) => s.attributes.updated ?? 0, width: "minmax(180px, 1fr)" },
          ]}
          menu={(s) => [
            { key: "open", label: kit.open, onClick: () => void navigate(page("?name=" + name(s))) },
            { key: "version", label: text.newVersion, icon: AddRegular, onClick: () => void navigate(page(`?new&name=${name(s)}`)), needs: needs(vault, "set") },
            { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setRemoving(name(s)), needs: needs(vault, "remove") },
          ]}
        />
      )}
      {remove && (
        <Confirm title={text.deleteSecret(removing)} write={remove} onClose={() => setRemoving("")} onConfirm={() => void run(remove).catch(() => undefined)}><Text>{text.deleteSecretHint}</Text></Confirm>
      )}
    </Body>
  );
}
