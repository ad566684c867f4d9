import { Text } from "@fluentui/react-components";
import { DeleteRegular, PeopleTeamRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { ResourceName } from "~/kit/ResourceName";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useWrite } from "~/kit/write";
import { parseId } from "~/wire/id";
import type { AssignmentView } from "~/wire/zz_access";
import { madeAt, removeWrite, useAssignments, useNames, useRoles, type PrincipalType } from "./api";
import { useAccessText } from "./text";

/** The words of an assignment's principal and role. */
export function useWords(scope: string, assignments: AssignmentView[]) {
  const text = useAccessText();
  const roles = useRoles(scope).data;
  const names = useNames(assignments.map((a) => a.properties.principalId)).data;
  const kinds: Record<PrincipalType, string> = { User: text.user, ServicePrincipal: text.app, Group: text.group };
  return {
    who: (a: AssignmentView) => names?.get(a.properties.principalId)?.displayName ?? (names ? text.unknown(a.properties.principalId) : ""),
    detail: (a: AssignmentView) => names?.get(a.properties.principalId)?.userPrincipalName ?? names?.get(a.properties.principalId)?.appId ?? "",
    role: (a: AssignmentView) => roles?.find((r) => r.name === a.properties.roleDefinitionId.split("/").pop())?.properties.roleName ?? a.properties.roleDefinitionId.split("/").pop() ?? "",
    kind: (a: AssignmentView) => kinds[(a.properties.principalType ?? "User") as PrincipalType] ?? a.properties.principalType ?? "",
  };
}

/** Who has which role, here or from above. */
export function Assignments({ scope }: { scope: string }) {
  const text = useAccessText();
  const run = useWrite();
  const list = useAssignments(scope);
  const w = useWords(scope, list.data ?? []);
  const [going, setGoing] = useState<AssignmentView>();
  const write = going && removeWrite(going, scope, text.removing(w.who(going), w.role(going)));
  return (
    <>
      <Table<AssignmentView>
        label={text.assignments} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(a) => a.id} rowHeight={44} group={w.role} empty={<Empty title={text.none} icon={PeopleTeamRegular} />}
        columns={[
          { key: "who", label: text.member, text: (a) => `${w.who(a)} ${w.detail(a)}`, width: "minmax(220px, 2fr)", render: (a) => <div><Text block>{w.who(a)}</Text><Text block size={200}>{w.detail(a)}</Text></div> },
          { key: "kind", label: text.kind, text: w.kind, width: "minmax(120px, 1fr)" },
          { key: "role", label: text.role, text: w.role, width: "minmax(180px, 1.5fr)" },
          {
            key: "scope", label: text.scope, text: (a) => (madeAt(a, scope) === "here" ? text.here : text.inherited(a.properties.scope ?? "")), width: "minmax(200px, 1.5fr)",
            render: (a) => (madeAt(a, scope) === "here" ? text.here : parseId(a.properties.scope ?? "") ? <ResourceName id={a.properties.scope ?? ""} /> : (a.properties.scope ?? "").split("/").slice(-2).join("/")),
          },
        ]}
        menu={(a) => [{
          key: "remove", label: text.remove, icon: DeleteRegular, onClick: () => setGoing(a), needs: { at: a.properties.scope ?? scope, action: "Microsoft.Authorization/roleAssignments/delete" },
        }]}
      />
      {going && write && (
        <Confirm title={text.removeTitle} action={text.remove} write={write} onClose={() => setGoing(undefined)} onConfirm={() => void run(write).catch(() => undefined)}>
          <Text>{text.removeHint(w.who(going), w.role(going))}</Text>
        </Confirm>
      )}
    </>
  );
}
