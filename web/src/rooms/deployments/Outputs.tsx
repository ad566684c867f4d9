import { Text } from "@fluentui/react-components";
import { Code } from "~/kit/Code";
import { CopyField } from "~/kit/CopyField";
import { isObject } from "./jsonc";
import { useDeploymentText } from "./text";

/** Named values of a deployment: what it was given, or what came of it. */
export function Outputs({ values, none, label }: { values: unknown; none: string; label: string }) {
  const text = useDeploymentText();
  const all = isObject(values) ? Object.entries(values) : [];
  if (all.length === 0) return <Text>{none}</Text>;
  return (
    <section aria-label={label}>
      {all.map(([name, v]) => {
        if (isObject(v) && !("value" in v) && /^secure/i.test(String(v["type"]))) return <div key={name}><Text weight="semibold">{name}</Text><Text block size={200}>{text.secretHint}</Text></div>;
        const value = isObject(v) && "value" in v ? v["value"] : v;
        return typeof value === "object" && value !== null ? <div key={name}><Text weight="semibold">{name}</Text><Code label={name} text={JSON.stringify(value, null, 2)} /></div>
          : <CopyField key={name} label={name} value={String(value ?? "")} />;
      })}
    </section>
  );
}
