import { Button, Dropdown, Input, makeStyles, MessageBar, MessageBarBody, Option } from "@fluentui/react-components";
import { useState } from "react";
import { ChoiceLine, Line } from "./Form";
import { useScope, type Scope } from "./scope";
import { Failure } from "./states";
import { useKitText } from "./text";

const useStyles = makeStyles({
  both: { display: "flex", gap: "8px", alignItems: "center", width: "100%" },
  grow: { flexGrow: 1, minWidth: 0 },
});

interface Props {
  value: Scope;
  onChange: (part: Partial<Scope>) => void;
  problem?: { group?: string; location?: string };
}

/** Says why there is no subscription to choose: they cannot be read, or the user sees none. */
export function ScopeTrouble({ at }: { at: Pick<ReturnType<typeof useScope>, "none" | "error" | "retry" | "subscriptions"> }) {
  const text = useKitText();
  if (at.error && at.subscriptions.length === 0) return <Failure error={at.error} onRetry={at.retry} />;
  return at.none ? <MessageBar intent="warning" layout="multiline"><MessageBarBody>{text.noSubscription}</MessageBarBody></MessageBar> : null;
}

/** The lines of a form that say where a resource goes: subscription, group (existing or new), location. */
export function ScopeLines({ value, onChange, problem }: Props) {
  const s = useStyles();
  const text = useKitText();
  const at = useScope(value);
  const [fresh, setFresh] = useState(value.newGroup !== "");
  const toggle = () => {
    setFresh(!fresh);
    onChange(fresh ? { newGroup: "" } : { group: "" });
  };
  return (
    <>
      <ScopeTrouble at={at} />
      <ChoiceLine
        label={text.subscription} required value={at.subscription} onChange={(subscription) => onChange({ subscription, group: "", newGroup: "" })}
        options={at.subscriptions.map((x) => ({ value: x.subscriptionId, label: x.displayName }))}
      />
      <Line label={text.group} required problem={problem?.group} hint={!fresh && at.groups?.length === 0 ? text.noGroups : undefined}>
        {(p) => (
          <div className={s.both}>
            {fresh ? (
              <Input {...p} className={s.grow} value={value.newGroup} onChange={(_, d) => onChange({ newGroup: d.value, group: "" })} placeholder={text.groupName} autoComplete="off" spellCheck={false} />
            ) : (
              <Dropdown
                {...p} className={s.grow} placeholder={text.chooseGroup} value={value.group} selectedOptions={[value.group]}
                onOptionSelect={(_, d) => onChange({ group: d.optionValue ?? "", newGroup: "", location: "" })}
              >
                {(at.groups ?? []).map((g) => <Option key={g.id} value={g.name} text={g.name}>{g.name}</Option>)}
              </Dropdown>
            )}
            <Button size="small" appearance="transparent" onClick={toggle}>{fresh ? text.existingGroup : text.newGroup}</Button>
          </div>
        )}
      </Line>
      <ChoiceLine
        label={text.location} required value={at.location} onChange={(location) => onChange({ location })} problem={problem?.location}
        options={at.regions.map((r) => ({ value: r.name, label: r.displayName }))}
      />
    </>
  );
}
