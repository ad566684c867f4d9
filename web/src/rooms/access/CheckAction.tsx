import { Combobox, MessageBar, MessageBarBody, MessageBarTitle, Option } from "@fluentui/react-components";
import { useState } from "react";
import { Line, RadioLine } from "~/kit/Form";
import type { RoleView } from "~/wire/zz_access";
import { namedActions, rolesThatAllow } from "./roles";
import { useAccessText } from "./text";

const proposed = 40;

/** Whether the roles somebody holds allow an action, and which of them do. all are the roles whose actions are proposed. */
export function CheckAction({ who, held, all }: { who: string; held: RoleView[]; all: RoleView[] }) {
  const text = useAccessText();
  const [plane, setPlane] = useState<"control" | "data">("control");
  const [action, setAction] = useState("");
  const data = plane === "data";
  const wanted = action.trim();
  const whole = /^[^/*\s]+(\/[^/*\s]+)+$/.test(wanted);
  const by = rolesThatAllow(held, wanted, data);
  const fitting = namedActions(all, data).filter((a) => a.toLowerCase().includes(wanted.toLowerCase())).slice(0, proposed);
  return (
    <>
      <RadioLine label={text.plane} value={plane} onChange={setPlane} options={[{ value: "control", label: text.control }, { value: "data", label: text.data }]} />
      <Line label={text.action} hint={text.actionHint} problem={wanted && !whole ? text.badAction : undefined}>
        <Combobox freeform value={action} selectedOptions={[]} onChange={(e) => setAction(e.target.value)} onOptionSelect={(_, d) => d.optionValue && setAction(d.optionValue)}>
          {fitting.map((a) => <Option key={a} value={a}>{a}</Option>)}
        </Combobox>
      </Line>
      {whole && (
        <MessageBar intent={by.length > 0 ? "success" : "warning"} layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{by.length > 0 ? text.may(who, wanted) : text.mayNot(who, wanted)}</MessageBarTitle>{" "}
            {by.length > 0 ? text.by(by.map((r) => r.properties.roleName).join(", ")) : text.noneAllows}
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
