import { Text } from "@fluentui/react-components";
import { Code } from "~/kit/Code";
import { CopyField } from "~/kit/CopyField";
import { isObject } from "./jsonc";

/** Named values of a deployment: what it was given, or what came of it. */
export function Outputs({ values, none, label }: { values: unknown; none: string; label: string }) {
  const all = isObject(values) ? Object.entries(values) : [];
  if (all.length === 0) return <Text>{none}</Text>;
  return (
    <section aria-label={label}>
      {all.map(([name, v]) => {
        const value = isObject(v) && "value" in v ? v["value"] : v;
        return typeof value === "object" && value !== null ? <div key={name}><Text weight="semibold">{name}</Text><Code label={name} text={JSON.stringify(value, null, 2)} /></div>
          : <CopyField key={name} label={name} value={String(value ?? "")} />;
      })}
    </section>
  );
}
