import { Text } from "@fluentui/react-components";
import { ArchiveRegular, ArrowClockwiseRegular, ArrowLeftRegular, ArrowUndoRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { pageOf } from "~/wire/id";
import type { SecretBundle } from "~/wire/zz_vault";
import type { Vault } from "./api";
import { secretOf } from "./names";
import { Refused } from "./Refused";
import { needs, purgeWrite, recoverWrite, useDeletedSecrets } from "./secrets";
import { useVaultText } from "./text";

/** The deleted secrets of a vault: to bring back, or to remove for good. */
export function DeletedSecrets({ vault }: { vault: Vault }) {
  const text = useVaultText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const list = useDeletedSecrets(vault);
  const [purging, setPurging] = useState("");
  const name = (s: SecretBundle) => secretOf(s.id).name;
  const purge = purging ? purgeWrite(vault, purging, text.purging(purging)) : undefined;
  const date = (unix?: number) => (unix ? time(unix * 1000) : "");
  return (
    <Body commands={[
      { key: "back", label: text.back, icon: ArrowLeftRegular, onClick: () => void navigate(pageOf(vault.id, "secrets")) },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() },
    ]}>
      <Heading>{text.deletedTitle}</Heading>
      {list.error && !list.data ? <Refused vault={vault} error={list.error} role="Key Vault Secrets User" word="list" onRetry={() => void list.refetch()} /> : (
        <Table<SecretBundle>
          label={text.deletedTitle} rows={list.data} rowKey={(s) => s.id} empty={<Empty title={text.noDeletedSecrets} icon={ArchiveRegular} />}
          columns={[
            { key: "name", label: kit.name, text: name, width: "minmax(200px, 2fr)" },
            { key: "deleted", label: text.deletedOn, text: (s) => date(s.deletedDate), order: (s) => s.deletedDate ?? 0, width: "minmax(190px, 1fr)" },
            { key: "purge", label: text.purgeOn, text: (s) => date(s.scheduledPurgeDate), order: (s) => s.scheduledPurgeDate ?? 0, width: "minmax(190px, 1fr)" },
          ]}
          menu={(s) => [
            { key: "recover", label: text.recover, icon: ArrowUndoRegular, onClick: () => void run(recoverWrite(vault, name(s), text.recovering(name(s)))).catch(() => undefined), needs: needs(vault, "recover") },
            { key: "purge", label: text.purge, icon: DeleteRegular, onClick: () => setPurging(name(s)), disabled: vault.properties.enablePurgeProtection, needs: needs(vault, "purge") },
          ]}
        />
      )}
      {purge && (
        <Confirm title={text.purgeTitle(purging)} action={text.purge} write={purge} onClose={() => setPurging("")} onConfirm={() => void run(purge).catch(() => undefined)}><Text>{kit.irreversible}</Text></Confirm>
      )}
    </Body>
  );
}
