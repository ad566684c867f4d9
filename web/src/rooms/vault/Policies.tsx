import { Text } from "@fluentui/react-components";
import { DeleteRegular, EditRegular, PeopleTeamRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import type { AccessPolicyEntry } from "~/wire/zz_vault";
import { unpolicyWrite, usePrincipals, vaultType, type Vault } from "./api";
import { useVaultText } from "./text";

/** The access policies of a vault, to change and to remove. */
export function Policies({ vault, onEdit }: { vault: Vault; onEdit: (e: AccessPolicyEntry) => void }) {
  const text = useVaultText();
  const kit = useKitText();
  const run = useWrite();
  const [removing, setRemoving] = useState<AccessPolicyEntry>();
  const policies = vault.properties.accessPolicies ?? [];
  const names = usePrincipals(policies.map((p) => p.objectId)).data;
  const who = (p: AccessPolicyEntry) => names?.get(p.objectId.toLowerCase()) || p.objectId;
  const needs = { at: vault.id, action: vaultType + "/accessPolicies/write" };
  const write = removing && unpolicyWrite(vault.id, removing, text.removingPolicy);
  return (
    <>
      <Table<AccessPolicyEntry>
        label={text.whoPolicies} rows={policies} rowKey={(p) => p.objectId + (p.applicationId ?? "")} noFilter empty={<Empty title={text.noPolicies} hint={text.noPoliciesHint} icon={PeopleTeamRegular} />}
        columns={[
          { key: "who", label: text.principal, text: who, width: "minmax(200px, 1fr)" },
          { key: "id", label: text.objectId, text: (p) => p.objectId, width: "minmax(300px, 1fr)" },
          { key: "words", label: text.secretPermissions, text: (p) => (p.permissions.secrets ?? []).join(", "), width: "minmax(240px, 2fr)" },
        ]}
        menu={(p) => [
          { key: "edit", label: kit.edit, icon: EditRegular, onClick: () => onEdit(p), needs },
          { key: "remove", label: kit.remove, icon: DeleteRegular, onClick: () => setRemoving(p), needs },
        ]}
      />
      {removing && write && (
        <Confirm title={text.removePolicy(who(removing))} write={write} onClose={() => setRemoving(undefined)} onConfirm={() => void run(write).catch(() => undefined)}><Text>{text.removePolicyHint}</Text></Confirm>
      )}
    </>
  );
}
