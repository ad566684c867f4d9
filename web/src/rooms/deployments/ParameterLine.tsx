import { Button, Text, Textarea, tokens } from "@fluentui/react-components";
import { ChoiceLine, Line, TextLine } from "~/kit/Form";
import { useKitText } from "~/kit/text";
import { isObject } from "./jsonc";
import { textOf, type Given, type Parameter, type ValueProblem } from "./parameters";
import { useDeploymentText } from "./text";

interface Props {
  parameter: Parameter;
  given: Given | undefined;
  problem: ValueProblem | undefined;
  onChange: (given: Given) => void;
}

/** What is wrong with a value, in words. */
function useProblem(): (p: Parameter, problem: ValueProblem | undefined) => string | undefined {
  const text = useDeploymentText();
  const bound = (n: number | undefined) => (n === undefined ? "…" : String(n));
  return (p, problem) => problem && {
    required: text.required, number: text.numberBad, json: text.jsonBad(p.type), allowed: text.allowedBad, range: text.rangeBad(bound(p.min), bound(p.max)), length: text.lengthBad(bound(p.minLength), bound(p.maxLength)),
  }[problem];
}

/** The line of a form for one parameter of a template, by its type. */
export function ParameterLine({ parameter: p, given, problem, onChange }: Props) {
  const text = useDeploymentText();
  const kit = useKitText();
  const words = useProblem();
  const common = { label: p.name, info: p.description || undefined, required: p.fallback === undefined && !p.nullable, problem: words(p, problem) };
  if (given && "reference" in given) {
    const vault = isObject(given.reference["keyVault"]) ? String(given.reference["keyVault"]["id"] ?? "") : "";
    return (
      <Line {...common}>
        <div>
          <Text block>{text.fromVault(String(given.reference["secretName"] ?? ""), vault.split("/").pop() ?? "")}</Text>
          <Button size="small" appearance="transparent" onClick={() => onChange({ text: "" })}>{text.ownValue}</Button>
        </div>
      </Line>
    );
  }
  const value = given?.text ?? "";
  const set = (t: string) => onChange({ text: t });
  const placeholder = p.computed ? String(p.fallback) : p.fallback !== undefined ? text.byDefault : undefined;
  const choices = p.allowed?.map(textOf) ?? (p.type === "bool" ? ["true", "false"] : undefined);
  if (choices && !p.secure) {
    const optional = p.computed || p.nullable;
    const options = choices.map((c) => ({ value: c, label: p.type === "bool" ? (c === "true" ? text.yes : text.no) : c }));
    return <ChoiceLine {...common} value={value} onChange={set} placeholder={placeholder} options={[...(optional ? [{ value: "", label: placeholder ?? kit.discard }] : []), ...options]} />;
  }
  if (p.type === "object" || p.type === "array") {
    return (
      <Line {...common} hint={p.secure ? text.secretHint : undefined}>
        <Textarea textarea={{ spellCheck: false, autoComplete: "off" }} style={{ fontFamily: tokens.fontFamilyMonospace, width: "100%" }} rows={3} resize="vertical" value={value} placeholder={placeholder} onChange={(_, d) => set(d.value)} />
      </Line>
    );
  }
  return <TextLine {...common} hint={p.secure ? text.secretHint : undefined} type={p.secure ? "password" : "text"} value={value} onChange={set} placeholder={placeholder} />;
}
