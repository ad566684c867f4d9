import { Text } from "@fluentui/react-components";
import { ArchiveRegular, ArrowClockwiseRegular, ArrowUndoRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { Page } from "~/kit/Page";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { shownIn, useSubscription } from "~/wire/arm";
import { parseId } from "~/wire/id";
import type { DeletedVault } from "~/wire/zz_vault";
import { purgeWrite, recoverWrite, useDeletedVaults, vaultType } from "./api";
import { useVaultText } from "./text";

/** The deleted vaults: to bring back, or to remove for good. */
export default function DeletedVaults() {
  const text = useVaultText();
  const kit = useKitText();
  const time = useTime();
  const run = useWrite();
  const home = useSubscription();
  const { subscription } = home;
  const scope = subscription?.id ?? "";
  const deleted = useDeletedVaults(subscription?.subscriptionId ?? "");
  const [asked, setAsked] = useState<{ what: "recover" | "purge"; vault: DeletedVault }>();
  const group = (v: DeletedVault) => parseId(v.properties.vaultId)?.group ?? "";
  const write = asked && (asked.what === "purge" ? purgeWrite(asked.vault, text.purging(asked.vault.name)) : recoverWrite(asked.vault, text.recovering(asked.vault.name)));
  return (
    <Page
      title={text.deletedVaults} icon={ArchiveRegular} subtitle={subscription?.displayName} crumbs={[{ label: text.home, to: "/" }, { label: text.vaults, to: "/browse/" + vaultType }]}
      commands={[{ key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void deleted.refetch() }]}
    >
      <Table<DeletedVault>
        label={text.deletedVaults} {...shownIn(home, deleted)} rowKey={(v) => v.id} empty={<Empty title={text.noDeleted} hint={text.noDeletedHint} icon={ArchiveRegular} />}
        columns={[
          { key: "name", label: kit.name, text: (v) => v.name, width: "minmax(160px, 1.5fr)" },
          { key: "group", label: kit.group, text: group },
          { key: "location", label: kit.location, text: (v) => v.properties.location },
          { key: "deleted", label: text.deletedOn, text: (v) => time(v.properties.deletionDate), order: (v) => v.properties.deletionDate, width: "minmax(190px, 1fr)" },
          { key: "purge", label: text.purgeOn, text: (v) => time(v.properties.scheduledPurgeDate), order: (v) => v.properties.scheduledPurgeDate, width: "minmax(190px, 1fr)" },
          { key: "protected", label: text.purgeProtection, text: (v) => (v.properties.purgeProtectionEnabled ? text.yes : text.no), width: "minmax(140px, 1fr)" },
        ]}
        menu={(v) => [
          { key: "recover", label: text.recover, icon: ArrowUndoRegular, onClick: () => setAsked({ what: "recover", vault: v }), needs: { at: `${scope}/resourceGroups/${group(v)}`, action: vaultType + "/write" } },
          {
            key: "purge", label: text.purge, icon: DeleteRegular, onClick: () => setAsked({ what: "purge", vault: v }), disabled: v.properties.purgeProtectionEnabled,
            needs: { at: scope, action: "Microsoft.KeyVault/locations/deletedVaults/purge/action" },
          },
        ]}
      />
      {asked && write && (
        <Confirm
          title={asked.what === "purge" ? text.purgeTitle(asked.vault.name) : text.recovering(asked.vault.name) + "?"} action={asked.what === "purge" ? text.purge : text.recover}
          typed={asked.what === "purge" ? asked.vault.name : undefined} write={write} onClose={() => setAsked(undefined)} onConfirm={() => void run(write).catch(() => undefined)}
        >
          <Text>{asked.what === "purge" ? kit.irreversible : text.noDeletedHint}</Text>
        </Confirm>
      )}
    </Page>
  );
}
