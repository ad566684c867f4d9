import { Button, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, Combobox, Option, OverlayDrawer, Text } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useMemo, useState } from "react";
import { Line } from "~/kit/Form";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import { assignWrite, useRoles, type Member } from "./api";
import { MemberPicker } from "./MemberPicker";
import { useAccessText } from "./text";

/** Gives a role to somebody. */
export function Add({ scope, onClose }: { scope: string; onClose: () => void }) {
  const text = useAccessText();
  const kit = useKitText();
  const run = useWrite();
  const roles = useRoles(scope).data ?? [];
  const [roleId, setRoleId] = useState("");
  const [typed, setTyped] = useState("");
  const [member, setMember] = useState<Member>();
  const name = useMemo(() => crypto.randomUUID(), []);
  const role = roles.find((r) => r.id === roleId);
  const words = role ? [] : typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = roles.filter(({ properties: p }) => words.every((word) => `${p.roleName} ${p.description}`.toLowerCase().includes(word)));
  const write = role && member ? assignWrite(scope, role, member, name, text.assigning(member.displayName ?? member.id, role.properties.roleName)) : undefined;
  const submit = () => {
    if (!write) return;
    onClose();
    void run(write).catch(() => undefined);
  };
  return (
    <OverlayDrawer open position="end" size="medium" onOpenChange={(_, d) => !d.open && onClose()}>
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={kit.close} icon={<DismissRegular />} onClick={onClose} />}>{text.add}</DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <Line label={text.role} required hint={role?.properties.description}>
          <Combobox
            freeform placeholder={text.choose} value={typed} selectedOptions={roleId ? [roleId] : []} onChange={(e) => { setTyped(e.target.value); setRoleId(""); }}
            onOptionSelect={(_, d) => { setRoleId(d.optionValue ?? ""); if (d.optionText) setTyped(d.optionText); }}
          >
            {fitting.length === 0 && <Option disabled text={text.noRole}>{text.noRole}</Option>}
            {fitting.map((r) => <Option key={r.id} value={r.id} text={r.properties.roleName}><div><Text block>{r.properties.roleName}</Text><Text block size={100}>{r.properties.description}</Text></div></Option>)}
          </Combobox>
        </Line>
        <MemberPicker value={member} onChange={setMember} />
      </DrawerBody>
      <DrawerFooter>
        <Submit label={text.assign} at={scope} action="Microsoft.Authorization/roleAssignments/write" write={write} disabled={!write} onSubmit={submit} />
      </DrawerFooter>
    </OverlayDrawer>
  );
}
