import { Dropdown, Field, Input, InfoLabel, makeStyles, Option, Radio, RadioGroup, Switch, Text, tokens, type FieldProps, type InputProps } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  section: { maxWidth: "780px", marginBottom: "28px" },
  heading: { margin: "0 0 4px", fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold },
  hint: { color: tokens.colorNeutralForeground3, display: "block", marginBottom: "12px", maxWidth: "72ch" },
  field: {
    gridTemplateColumns: "200px minmax(0, 1fr)", marginBottom: "12px", maxWidth: "720px",
    "@media (max-width: 700px)": { display: "block" },
  },
  control: { minWidth: 0, width: "100%" },
});

/** A part of a form with its heading. */
export function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  const s = useStyles();
  return (
    <section className={s.section} aria-label={title}>
      <h2 className={s.heading}>{title}</h2>
      {hint && <Text size={200} className={s.hint}>{hint}</Text>}
      {children}
    </section>
  );
}

interface Common {
  label: string;
  info?: string;
  hint?: string;
  required?: boolean;
  problem?: string;
  /** Good news at the field, such as "the name is free". */
  good?: string;
}

/** A labelled line of a form around any control. */
export function Line({ label, info, hint, required, problem, good, children }: Common & { children: FieldProps["children"] }) {
  const s = useStyles();
  return (
    <Field
      className={s.field} orientation="horizontal" required={required} hint={hint} validationMessage={problem ?? good} validationState={problem ? "error" : good ? "success" : "none"}
      label={info ? { children: (_: unknown, q: object) => <InfoLabel {...q} info={info}>{label}</InfoLabel> } : label}
    >
      {children}
    </Field>
  );
}

/** A line of text. */
export function TextLine({ value, onChange, onBlur, type, placeholder, disabled, after, mono, ...line }: Common & {
  value: string; onChange: (v: string) => void; onBlur?: () => void; type?: InputProps["type"]; placeholder?: string; disabled?: boolean; after?: ReactNode; mono?: boolean;
}) {
  const s = useStyles();
  return (
    <Line {...line}>
      <Input
        className={s.control} value={value} onChange={(_, d) => onChange(d.value)} onBlur={onBlur} type={type} placeholder={placeholder} disabled={disabled} contentAfter={after === undefined ? undefined : <Text size={200}>{after}</Text>}
        autoComplete="off" spellCheck={false} style={mono ? { fontFamily: tokens.fontFamilyMonospace } : undefined}
      />
    </Line>
  );
}

/** One of several. */
export function ChoiceLine<V extends string>({ value, onChange, options, disabled, placeholder, ...line }: Common & {
  value: V; onChange: (v: V) => void; options: { value: V; label: string; detail?: string }[]; disabled?: boolean; placeholder?: string;
}) {
  const s = useStyles();
  return (
    <Line {...line}>
      <Dropdown
        className={s.control} disabled={disabled} placeholder={placeholder} value={options.find((o) => o.value === value)?.label ?? ""} selectedOptions={[value]}
        onOptionSelect={(_, d) => d.optionValue !== undefined && onChange(d.optionValue as V)}
      >
        {options.map((o) => <Option key={o.value} value={o.value} text={o.label}>{o.detail ? `${o.label} – ${o.detail}` : o.label}</Option>)}
      </Dropdown>
    </Line>
  );
}

/** One of few, all seen. */
export function RadioLine<V extends string>({ value, onChange, options, ...line }: Common & { value: V; onChange: (v: V) => void; options: { value: V; label: string; disabled?: boolean }[] }) {
  return (
    <Line {...line}>
      <RadioGroup layout="horizontal" value={value} onChange={(_, d) => onChange(d.value as V)}>
        {options.map((o) => <Radio key={o.value} value={o.value} label={o.label} disabled={o.disabled} />)}
      </RadioGroup>
    </Line>
  );
}

/** On or off. */
export function SwitchLine({ value, onChange, disabled, ...line }: Common & { value: boolean; onChange: (v: boolean) => void; disabled?: boolean }) {
  return (
    <Line {...line}>
      <Switch checked={value} onChange={(_, d) => onChange(d.checked)} disabled={disabled} />
    </Line>
  );
}
