import { Button, Text } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, DeleteRegular, LockClosedRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Because, useWhyNot } from "~/kit/Can";
import { Confirm } from "~/kit/Confirm";
import { Body } from "~/kit/Page";
import { ResourceName } from "~/kit/ResourceName";
import type { BladeProps } from "~/kit/room";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import { parseId } from "~/wire/id";
import type { LockView } from "~/wire/zz_access";
import { Add } from "./Add";
import { scopeOf, unlockWrite, useLocks } from "./api";
import { useLocksText } from "./text";

const writeAction = "Microsoft.Authorization/locks/write";

/** The locks of a scope, its own and those from above. */
export default function Locks({ id }: BladeProps) {
  const text = useLocksText();
  const kit = useKitText();
  const run = useWrite();
  const list = useLocks(id.id);
  const [adding, setAdding] = useState(false);
  const [going, setGoing] = useState<LockView>();
  const whyNot = useWhyNot(id.id, writeAction);
  const write = going && unlockWrite(going, text.unlocking(going.name));
  const here = (l: LockView) => scopeOf(l.id).toLowerCase() === id.id.toLowerCase();
  const level = (l: LockView) => (l.properties.level === "ReadOnly" ? text.readOnly : text.noDelete);
  return (
    <Body commands={[
      { key: "add", label: text.add, icon: AddRegular, onClick: () => setAdding(true), needs: { at: id.id, action: writeAction } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() },
    ]}>
      <Table<LockView>
        label={text.locks} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(l) => l.id}
        columns={[
          { key: "name", label: text.name, text: (l) => l.name, width: "minmax(180px, 1.5fr)" },
          { key: "level", label: text.level, text: level, width: "minmax(110px, 1fr)" },
          {
            key: "scope", label: text.scope, text: (l) => (here(l) ? text.here : (parseId(scopeOf(l.id))?.name ?? scopeOf(l.id))), width: "minmax(160px, 1.5fr)",
            render: (l) => (here(l) ? text.here : <ResourceName id={scopeOf(l.id)} />),
          },
          { key: "notes", label: text.notes, text: (l) => l.properties.notes ?? "", width: "minmax(180px, 2fr)" },
        ]}
        menu={(l) => [{ key: "remove", label: text.remove, icon: DeleteRegular, onClick: () => setGoing(l), needs: { at: scopeOf(l.id), action: "Microsoft.Authorization/locks/delete" } }]}
        empty={<Empty title={text.none} hint={text.noneHint} icon={LockClosedRegular}><Because reason={whyNot}><Button appearance="primary" disabledFocusable={whyNot !== undefined} onClick={() => setAdding(true)}>{text.add}</Button></Because></Empty>}
      />
      {adding && <Add id={id} taken={(list.data ?? []).filter(here).map((l) => l.name.toLowerCase())} onClose={() => setAdding(false)} />}
      {going && write && (
        <Confirm title={text.unlockTitle(going.name)} action={text.remove} write={write} onClose={() => setGoing(undefined)} onConfirm={() => void run(write).catch(() => undefined)}>
          <Text>{text.unlockHint}</Text>
        </Confirm>
      )}
    </Body>
  );
}
