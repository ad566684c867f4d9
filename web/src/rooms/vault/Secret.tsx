import { Text } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, ArrowLeftRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { Go } from "~/kit/Essentials";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import { StatusDot } from "~/kit/StatusDot";
import { Empty, Loading } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { pageOf } from "~/wire/id";
import type { SecretBundle } from "~/wire/zz_vault";
import type { Vault } from "./api";
import { secretOf } from "./names";
import { Refused } from "./Refused";
import { SecretVersion } from "./SecretVersion";
import { deleteWrite, needs, useVersions } from "./secrets";
import { useSecretState } from "./state";
import { useVaultText } from "./text";

/** One secret: the version the URL names, else the current one, and all it has. */
export function Secret({ vault, name }: { vault: Vault; name: string }) {
  const text = useVaultText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const stateOf = useSecretState();
  const [query] = useSearchParams();
  const versions = useVersions(vault, name);
  const [removing, setRemoving] = useState(false);
  const page = (q: string) => pageOf(vault.id, "secrets", q);
  const version = (s: SecretBundle) => secretOf(s.id).version;
  const newest = versions.data?.[0];
  const shown = versions.data?.find((s) => version(s) === query.get("version")) ?? newest;
  const remove = deleteWrite(vault, name, text.deletingSecret(name));
  return (
    <Body commands={[
      { key: "back", label: text.back, icon: ArrowLeftRegular, onClick: () => void navigate(page("")) },
      { key: "new", label: text.newVersion, icon: AddRegular, onClick: () => void navigate(page(`?new&name=${name}`)), needs: needs(vault, "set") },
      { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setRemoving(true), needs: needs(vault, "remove") },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void versions.refetch() },
    ]}>
      <Heading>{name}</Heading>
      {versions.error && !versions.data ? <Refused vault={vault} error={versions.error} role="Key Vault Secrets User" word="list" onRetry={() => void versions.refetch()} /> : versions.data?.length === 0 ? <Empty title={kit.nothing} /> : !shown ? <Loading /> : (
        <>
          <SecretVersion key={shown.id} vault={vault} name={name} version={version(shown)} bundle={shown} current={shown === newest} />
          <Heading>{text.versions}</Heading>
          <Table<SecretBundle>
            label={text.versions} rows={versions.data} rowKey={(s) => s.id} noFilter maxHeight="320px" initialSort={{ key: "created", down: true }}
            columns={[
              {
                key: "version", label: text.version, text: version, width: "minmax(300px, 2fr)",
                render: (s) => <><Go to={page(`?name=${name}&version=${version(s)}`)}>{version(s)}</Go>{s === newest && <Text size={200}>&nbsp;({text.current})</Text>}</>,
              },
              { key: "status", label: text.status, text: (s) => stateOf(s.attributes).label, render: (s) => <StatusDot {...stateOf(s.attributes)} />, width: "150px" },
              { key: "created", label: text.created, text: (s) => time((s.attributes.created ?? 0) * 1000), order: (s) => s.attributes.created ?? 0, width: "minmax(180px, 1fr)" },
              { key: "expires", label: text.expires, text: (s) => (s.attributes.exp ? time(s.attributes.exp * 1000) : ""), order: (s) => s.attributes.exp ?? 0, width: "minmax(180px, 1fr)" },
            ]}
          />
        </>
      )}
      {removing && (
        <Confirm
          title={text.deleteSecret(name)} write={remove} onClose={() => setRemoving(false)}
          onConfirm={() => void run(remove).then(() => navigate(page("")), () => undefined)}
        >
          <Text>{text.deleteSecretHint}</Text>
        </Confirm>
      )}
    </Body>
  );
}
