import { Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, OverlayDrawer, Text } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { Code } from "~/kit/Code";
import { CopyField } from "~/kit/CopyField";
import { Heading } from "~/kit/Heading";
import { useKitText } from "~/kit/text";
import type { Permission, RoleView } from "~/wire/zz_access";
import { useAccessText } from "./text";

/** What a role allows. */
export function RoleDetail({ role, onClose }: { role: RoleView; onClose: () => void }) {
  const text = useAccessText();
  const kit = useKitText();
  const p = role.properties;
  const parts: [string, keyof Permission][] = [[text.actions, "actions"], [text.notActions, "notActions"], [text.dataActions, "dataActions"], [text.notDataActions, "notDataActions"]];
  return (
    <OverlayDrawer open position="end" size="large" onOpenChange={(_, d) => !d.open && onClose()}>
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={kit.close} icon={<DismissRegular />} onClick={onClose} />}>{p.roleName}</DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <Text block style={{ marginBottom: 16 }}>{p.description}</Text>
        <CopyField label={text.roleId} value={role.name} />
        {parts.map(([label, key]) => {
          const actions = p.permissions.flatMap((x) => x[key]);
          return actions.length > 0 && <section key={key} aria-label={label}><Heading>{label}</Heading><Code label={label} text={actions.join("\n")} /></section>;
        })}
        <Heading>{text.assignable}</Heading>
        <Code label={text.assignable} text={p.assignableScopes.join("\n")} />
      </DrawerBody>
    </OverlayDrawer>
  );
}
