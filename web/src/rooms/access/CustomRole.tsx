import { Button, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, OverlayDrawer, Text, Textarea } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useMemo } from "react";
import { Line, TextLine } from "~/kit/Form";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import type { RoleView } from "~/wire/zz_access";
import { changeRoleWrite, linesOf, roleWrite } from "./roles";
import { useAccessText } from "./text";

/** Makes a role of one's own, to be given at a scope and below it, or changes one. taken are the names of the others. */
export function CustomRole({ scope, role, taken, onClose }: { scope: string; role?: RoleView; taken: string[]; onClose: () => void }) {
  const text = useAccessText();
  const kit = useKitText();
  const run = useWrite();
  const id = useMemo(() => crypto.randomUUID(), []);
  const had = (key: "actions" | "notActions" | "dataActions" | "notDataActions") => role?.properties.permissions.flatMap((p) => p[key]).join("\n") ?? "";
  const first = () => ({ name: role?.properties.roleName ?? "", description: role?.properties.description ?? "", actions: had("actions"), notActions: had("notActions"), dataActions: had("dataActions"), notDataActions: had("notDataActions") });
  const form = useForm(first, (v) => ({
    name: !v.name ? kit.required : taken.includes(v.name.toLowerCase()) ? text.roleTaken : undefined,
    actions: linesOf(v.actions).length + linesOf(v.dataActions).length === 0 ? text.oneAction : undefined,
  }));
  const v = form.values;
  const permission = { actions: linesOf(v.actions), notActions: linesOf(v.notActions), dataActions: linesOf(v.dataActions), notDataActions: linesOf(v.notDataActions) };
  const draft = { name: v.name, description: v.description, permission };
  const write = role ? changeRoleWrite(role, draft, text.changingRole(v.name)) : roleWrite(scope, id, draft, text.creatingRole(v.name));
  const submit = () => {
    if (!form.check()) return;
    onClose();
    void run(write).catch(() => undefined);
  };
  const lines = (key: "actions" | "notActions" | "dataActions" | "notDataActions", label: string) => (
    <Line label={label} hint={key === "actions" ? text.actionsHint : undefined} problem={form.problem(key)}>
      <Textarea value={v[key]} onChange={(_, d) => form.set(key, d.value)} resize="vertical" spellCheck={false} rows={key === "actions" ? 4 : 2} />
    </Line>
  );
  return (
    <OverlayDrawer open position="end" size="large" onOpenChange={(_, d) => !d.open && onClose()}>
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={kit.close} icon={<DismissRegular />} onClick={onClose} />}>{role ? text.editRole : text.newRole}</DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <Text block size={200} style={{ marginBottom: 12 }}>{role ? text.editRoleHint : text.newRoleHint}</Text>
        <TextLine label={kit.name} required value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name")} />
        <TextLine label={text.description} value={v.description} onChange={(x) => form.set("description", x)} />
        {lines("actions", text.actions)}
        {lines("notActions", text.notActions)}
        {lines("dataActions", text.dataActions)}
        {lines("notDataActions", text.notDataActions)}
      </DrawerBody>
      <DrawerFooter>
        <Submit label={role && kit.save} at={role?.properties.assignableScopes[0] ?? scope} action="Microsoft.Authorization/roleDefinitions/write" write={form.valid ? write : undefined} onSubmit={submit} />
      </DrawerFooter>
    </OverlayDrawer>
  );
}
