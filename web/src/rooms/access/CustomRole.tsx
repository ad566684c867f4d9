import { Button, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, OverlayDrawer, Text, Textarea } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useMemo } from "react";
import { Line, TextLine } from "~/kit/Form";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { linesOf, roleWrite } from "./roles";
import { useAccessText } from "./text";

/** Makes a role of one's own, to be given at a scope and below it. taken are the names there are. */
export function CustomRole({ scope, taken, onClose }: { scope: string; taken: string[]; onClose: () => void }) {
  const text = useAccessText();
  const kit = useKitText();
  const run = useWrite();
  const id = useMemo(() => crypto.randomUUID(), []);
  const form = useForm({ name: "", description: "", actions: "", notActions: "", dataActions: "", notDataActions: "" }, (v) => ({
    name: !v.name ? kit.required : taken.includes(v.name.toLowerCase()) ? text.roleTaken : undefined,
    actions: linesOf(v.actions).length + linesOf(v.dataActions).length === 0 ? text.oneAction : undefined,
  }));
  const v = form.values;
  const write = roleWrite(scope, id, v.name, v.description, {
    actions: linesOf(v.actions), notActions: linesOf(v.notActions), dataActions: linesOf(v.dataActions), notDataActions: linesOf(v.notDataActions),
  }, text.creatingRole(v.name));
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
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={kit.close} icon={<DismissRegular />} onClick={onClose} />}>{text.newRole}</DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <Text block size={200} style={{ marginBottom: 12 }}>{text.newRoleHint}</Text>
        <TextLine label={kit.name} required value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name")} />
        <TextLine label={text.description} value={v.description} onChange={(x) => form.set("description", x)} />
        {lines("actions", text.actions)}
        {lines("notActions", text.notActions)}
        {lines("dataActions", text.dataActions)}
        {lines("notDataActions", text.notDataActions)}
      </DrawerBody>
      <DrawerFooter>
        <Submit at={scope} action="Microsoft.Authorization/roleDefinitions/write" write={form.valid ? write : undefined} onSubmit={submit} />
      </DrawerFooter>
    </OverlayDrawer>
  );
}
