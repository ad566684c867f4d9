import { Link, Text } from "@fluentui/react-components";
import { DeleteRegular, EditRegular, InfoRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import type { RoleView } from "~/wire/zz_access";
import { useRoles } from "./api";
import { CustomRole } from "./CustomRole";
import { RoleDetail } from "./RoleDetail";
import { removeRoleWrite } from "./roles";
import { useAccessText } from "./text";

/** The roles that may be given here. */
export function Roles({ scope }: { scope: string }) {
  const text = useAccessText();
  const kit = useKitText();
  const run = useWrite();
  const list = useRoles(scope);
  const [shown, setShown] = useState<RoleView>();
  const [going, setGoing] = useState<RoleView>();
  const [edited, setEdited] = useState<RoleView>();
  const write = going && removeRoleWrite(scope, going, text.deletingRole(going.properties.roleName));
  const others = (r: RoleView) => (list.data ?? []).filter((o) => o.name !== r.name).map((o) => o.properties.roleName.toLowerCase());
  const isCustom = (r: RoleView) => r.properties.type !== "BuiltInRole";
  return (
    <>
      <Table<RoleView>
        label={text.roles} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(r) => r.id}
        columns={[
          {
            key: "name", label: text.role, text: (r) => r.properties.roleName, width: "minmax(240px, 1.2fr)",
            render: (r) => <Link as="button" type="button" aria-haspopup="dialog" onClick={() => setShown(r)}>{r.properties.roleName}</Link>,
          },
          { key: "type", label: text.kind, text: (r) => (isCustom(r) ? text.custom : text.builtIn), width: "130px" },
          { key: "description", label: text.description, text: (r) => r.properties.description, width: "minmax(280px, 3fr)" },
        ]}
        menu={(r) => [
          { key: "show", label: text.show, icon: InfoRegular, onClick: () => setShown(r) },
          ...(isCustom(r) ? [{ key: "edit", label: kit.edit, icon: EditRegular, onClick: () => setEdited(r), disabled: r.properties.permissions.length > 1, needs: { at: r.properties.assignableScopes[0] ?? scope, action: "Microsoft.Authorization/roleDefinitions/write" } }, { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setGoing(r), needs: { at: scope, action: "Microsoft.Authorization/roleDefinitions/delete" } }] : []),
        ]}
      />
      {edited && <CustomRole scope={scope} role={edited} taken={others(edited)} onClose={() => setEdited(undefined)} />}
      {shown && <RoleDetail role={shown} onClose={() => setShown(undefined)} />}
      {going && write && (
        <Confirm title={text.deleteRoleTitle(going.properties.roleName)} write={write} onClose={() => setGoing(undefined)} onConfirm={() => void run(write).catch(() => undefined)}>
          <Text>{text.deleteRoleHint}</Text>
        </Confirm>
      )}
    </>
  );
}
