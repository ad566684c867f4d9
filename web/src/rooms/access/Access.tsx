import { makeStyles, Tab, TabList } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, ShieldAddRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { useKitText } from "~/kit/text";
import { Add } from "./Add";
import { useAssignments, useRoles } from "./api";
import { Assignments } from "./Assignments";
import { Check } from "./Check";
import { CustomRole } from "./CustomRole";
import { Roles } from "./Roles";
import { useAccessText } from "./text";

const useStyles = makeStyles({ tabs: { margin: "-8px 0 12px -10px" } });

/** Who may do what here: check, assignments, roles. */
export default function Access({ id }: BladeProps) {
  const s = useStyles();
  const text = useAccessText();
  const kit = useKitText();
  const [query, setQuery] = useSearchParams();
  const [adding, setAdding] = useState<"assignment" | "role">();
  const assignments = useAssignments(id.id);
  const roles = useRoles(id.id);
  const tab = query.get("tab") ?? "assignments";
  return (
    <Body commands={[
      { key: "add", label: text.add, icon: AddRegular, onClick: () => setAdding("assignment"), needs: { at: id.id, action: "Microsoft.Authorization/roleAssignments/write" } },
      { key: "role", label: text.newRole, icon: ShieldAddRegular, onClick: () => setAdding("role"), needs: { at: id.id, action: "Microsoft.Authorization/roleDefinitions/write" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => { void assignments.refetch(); void roles.refetch(); } },
    ]}>
      <TabList className={s.tabs} selectedValue={tab} onTabSelect={(_, d) => setQuery({ tab: String(d.value) }, { replace: true })}>
        <Tab value="check">{text.check}</Tab>
        <Tab value="assignments">{text.assignments}</Tab>
        <Tab value="roles">{text.roles}</Tab>
      </TabList>
      {tab === "check" && <Check scope={id.id} />}
      {tab === "assignments" && <Assignments scope={id.id} />}
      {tab === "roles" && <Roles scope={id.id} />}
      {adding === "assignment" && <Add scope={id.id} onClose={() => setAdding(undefined)} />}
      {adding === "role" && <CustomRole scope={id.id} taken={(roles.data ?? []).map((r) => r.properties.roleName.toLowerCase())} onClose={() => setAdding(undefined)} />}
    </Body>
  );
}
