import { Text } from "@fluentui/react-components";
import { ArchiveRegular, DeleteRegular, KeyMultipleRegular, ShieldLockRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Code } from "~/kit/Code";
import { Confirm } from "~/kit/Confirm";
import { Essentials, Go } from "~/kit/Essentials";
import { useCommonFacts } from "~/kit/facts";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { StatusDot } from "~/kit/StatusDot";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import { pageOf } from "~/wire/id";
import { deleteWrite, updateWrite, vaultType, type Vault } from "./api";
import { useVaultText } from "./text";

/** A vault: its facts, and what cannot be taken back in it. */
export default function Overview({ id, resource }: BladeProps) {
  const text = useVaultText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const [asked, setAsked] = useState<"delete" | "protect">();
  const vault = resource as unknown as Vault;
  const p = vault.properties;
  const common = useCommonFacts(id, resource);
  const remove = deleteWrite(id.id, text.deleting(id.name));
  const protect = updateWrite(id.id, { enablePurgeProtection: true }, ["--enable-purge-protection", "true"], text.protecting(id.name));
  const days = text.days(p.softDeleteRetentionInDays ?? 90);
  return (
    <Body commands={[
      { key: "secrets", label: text.secrets, icon: KeyMultipleRegular, onClick: () => void navigate(pageOf(id.id, "secrets")) },
      { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setAsked("delete"), needs: { at: id.id, action: vaultType + "/delete" } },
      ...(p.enablePurgeProtection ? [] : [{ key: "protect", label: text.protect, icon: ShieldLockRegular, onClick: () => setAsked("protect"), needs: { at: id.id, action: vaultType + "/write" } }]),
      { key: "deleted", label: text.deletedVaults, icon: ArchiveRegular, onClick: () => void navigate("/deleted-vaults") },
    ]}>
      <Essentials facts={[
        ...common,
        { label: text.uri, value: p.vaultUri, copy: p.vaultUri },
        { label: text.tier, value: p.sku?.name },
        { label: text.model, value: <Go to={pageOf(id.id, "access")}>{p.enableRbacAuthorization ? text.rbac : text.policies}</Go> },
        { label: text.softDelete, value: days },
        { label: text.purgeProtection, value: p.enablePurgeProtection ? text.yes : text.no },
        { label: kit.status, value: <StatusDot state={p.provisioningState ?? ""} /> },
      ]} />
      <Heading>Azure CLI</Heading>
      <Code label="Azure CLI" text={`az keyvault secret set --vault-name ${vault.name} --name my-secret --value "$VALUE"\naz keyvault secret show --vault-name ${vault.name} --name my-secret --query value -o tsv`} />
      {asked === "delete" && (
        <Confirm title={kit.deleteTitle(id.name)} write={remove} onClose={() => setAsked(undefined)} onConfirm={() => {
          void run(remove).catch(() => undefined);
          void navigate("/browse/" + vaultType);
        }}><Text>{text.deleteHint(p.softDeleteRetentionInDays ?? 90)}</Text></Confirm>
      )}
      {asked === "protect" && (
        <Confirm title={text.protect + "?"} action={text.protect} write={protect} onClose={() => setAsked(undefined)} onConfirm={() => void run(protect).catch(() => undefined)}><Text>{text.purgeHint}</Text></Confirm>
      )}
    </Body>
  );
}
