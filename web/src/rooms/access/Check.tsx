import { Text } from "@fluentui/react-components";
import { useState } from "react";
import { Section } from "~/kit/Form";
import { Empty, Failure, Loading } from "~/kit/states";
import { Table } from "~/kit/Table";
import { usePermissions } from "~/wire/permissions";
import type { AssignmentView, Permission } from "~/wire/zz_access";
import { madeAt, useAssignments, useRoles, type Member } from "./api";
import { useWords } from "./Assignments";
import { CheckAction } from "./CheckAction";
import { MemberPicker } from "./MemberPicker";
import { rolesOf } from "./roles";
import { useAccessText } from "./text";

/** What the caller may do, and which roles somebody else has. */
export function Check({ scope }: { scope: string }) {
  const text = useAccessText();
  const [member, setMember] = useState<Member>();
  const { data: mine, error: mineError, refetch } = usePermissions(scope);
  const assignments = useAssignments(scope);
  const all = assignments.data ?? [];
  const theirs = all.filter((a) => a.properties.principalId === member?.id);
  const roles = useRoles(scope).data ?? [];
  const w = useWords(scope, theirs);
  return (
    <>
      <Section title={text.mine} hint={text.mineHint}>
        {!mine ? (mineError ? <Failure error={mineError} onRetry={() => void refetch()} /> : <Loading />) : mine.length === 0 ? <Text>{text.nothing}</Text> : (
          <Table<Permission>
            label={text.mine} rows={mine as Permission[]} rowKey={(p) => JSON.stringify(p)} noFilter maxHeight="240px"
            columns={[
              { key: "actions", label: text.actions, text: (p) => said(p.actions, p.notActions, text.not), width: "minmax(260px, 1fr)" },
              { key: "data", label: text.dataActions, text: (p) => said(p.dataActions, p.notDataActions, text.not), width: "minmax(260px, 1fr)" },
            ]}
          />
        )}
      </Section>
      <Section title={text.check} hint={text.checkHint}>
        <MemberPicker value={member} onChange={setMember} />
        {member && (
          <Table<AssignmentView>
            label={text.ofMember(member.displayName ?? member.id)} rows={assignments.data && theirs} error={assignments.error} onRetry={() => void assignments.refetch()} rowKey={(a) => a.id} noFilter empty={<Empty title={text.noRoles} />}
            columns={[
              { key: "role", label: text.role, text: w.role },
              { key: "scope", label: text.scope, text: (a) => (madeAt(a, scope) === "here" ? text.here : text.inherited(a.properties.scope ?? "")), width: "minmax(240px, 2fr)" },
            ]}
          />
        )}
        {member && assignments.data && <CheckAction key={member.id} who={member.displayName ?? member.id} held={rolesOf(theirs, roles)} all={roles} />}
      </Section>
    </>
  );
}

/** The actions of one role in a line. */
function said(yes: string[] | undefined, no: string[] | undefined, except: string): string {
  const allowed = (yes ?? []).join(", ");
  return allowed && no?.length ? `${allowed} (${except} ${no.join(", ")})` : allowed || "–";
}
