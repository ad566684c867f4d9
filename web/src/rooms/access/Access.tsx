import { makeStyles, Tab, TabList } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { useKitText } from "~/kit/text";
import { Add } from "./Add";
import { useAssignments } from "./api";
import { Assignments } from "./Assignments";
import { Check } from "./Check";
import { Roles } from "./Roles";
import { useAccessText } from "./text";

const useStyles = makeStyles({ tabs: { margin: "-8px 0 12px -10px" } });

/** Who may do what here: check, assignments, roles. */
export default function Access({ id }: BladeProps) {
  const s = useStyles();
  const text = useAccessText();
  const kit = useKitText();
  const [query, setQuery] = useSearchParams();
  const [adding, setAdding] = useState(false);
  const assignments = useAssignments(id.id);
  const tab = query.get("tab") ?? "assignments";
  return (
    <Body commands={[
      { key: "add", label: text.add, icon: AddRegular, onClick: () => setAdding(true), needs: { at: id.id, action: "Microsoft.Authorization/roleAssignments/write" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void assignments.refetch() },
    ]}>
      <TabList className={s.tabs} selectedValue={tab} onTabSelect={(_, d) => setQuery({ tab: String(d.value) }, { replace: true })}>
        <Tab value="check">{text.check}</Tab>
        <Tab value="assignments">{text.assignments}</Tab>
        <Tab value="roles">{text.roles}</Tab>
      </TabList>
      {tab === "check" && <Check scope={id.id} />}
      {tab === "assignments" && <Assignments scope={id.id} />}
      {tab === "roles" && <Roles scope={id.id} />}
      {adding && <Add scope={id.id} onClose={() => setAdding(false)} />}
    </Body>
  );
}
