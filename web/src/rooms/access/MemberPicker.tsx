import { Combobox, Option, Persona } from "@fluentui/react-components";
import { useDeferredValue, useState } from "react";
import { Line } from "~/kit/Form";
import { typeOf, useMembers, type Member } from "./api";
import { useAccessText } from "./text";

/** Finds a user or an application by the beginning of its name. */
export function MemberPicker({ value, onChange }: { value: Member | undefined; onChange: (m: Member | undefined) => void }) {
  const text = useAccessText();
  const [typed, setTyped] = useState("");
  const found = useMembers(useDeferredValue(typed.trim()));
  const detail = (m: Member) => (typeOf(m) === "User" ? m.userPrincipalName : `${text.app} ${m.appId ?? ""}`);
  return (
    <Line label={text.members} required>
      <Combobox
        freeform placeholder={text.search} value={typed} selectedOptions={value ? [value.id] : []} onChange={(e) => { setTyped(e.target.value); onChange(undefined); }}
        onOptionSelect={(_, d) => {
          const chosen = found.data?.find((m) => m.id === d.optionValue);
          if (chosen) setTyped(chosen.displayName ?? "");
          onChange(chosen);
        }}
      >
        {(found.data ?? []).map((m) => (
          <Option key={m.id} value={m.id} text={m.displayName ?? m.id}>
            <Persona name={m.displayName} secondaryText={detail(m)} size="small" />
          </Option>
        ))}
      </Combobox>
    </Line>
  );
}
