import { Table } from "~/kit/Table";
import type { RoleView } from "~/wire/zz_access";
import { useRoles } from "./api";
import { useAccessText } from "./text";

/** The roles that may be given here. */
export function Roles({ scope }: { scope: string }) {
  const text = useAccessText();
  const list = useRoles(scope);
  return (
    <Table<RoleView>
      label={text.roles} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(r) => r.id}
      columns={[
        { key: "name", label: text.role, text: (r) => r.properties.roleName, width: "minmax(240px, 1.2fr)" },
        { key: "type", label: text.kind, text: (r) => (r.properties.type === "BuiltInRole" ? text.builtIn : text.custom), width: "130px" },
        { key: "description", label: text.description, text: (r) => r.properties.description, width: "minmax(280px, 3fr)" },
      ]}
    />
  );
}
