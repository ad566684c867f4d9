import { Button, Checkbox, Dropdown, Input, makeStyles, Option } from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import { Line } from "~/kit/Form";
import { useCreateText } from "./createText";
import type { EnvRow, PortRow } from "./form";

const useStyles = makeStyles({
  list: { display: "flex", flexDirection: "column", gap: "8px", width: "100%" },
  port: { display: "grid", gridTemplateColumns: "1fr 110px 32px", gap: "8px", alignItems: "center" },
  env: { display: "grid", gridTemplateColumns: "minmax(80px, 1fr) minmax(80px, 1.4fr) auto 32px", gap: "8px", alignItems: "center" },
  narrow: { minWidth: "0" },
});

/** The ports of a form. */
export function PortLines({ ports, onChange, problem }: { ports: PortRow[]; onChange: (p: PortRow[]) => void; problem?: string }) {
  const s = useStyles();
  const text = useCreateText();
  const set = (i: number, part: Partial<PortRow>) => onChange(ports.map((p, j) => (j === i ? { ...p, ...part } : p)));
  return (
    <Line label={text.ports} required problem={problem}>
      <div className={s.list}>
        {ports.map((p, i) => (
          <div key={i} className={s.port}>
            <Input className={s.narrow} aria-label={`${text.port} ${i + 1}`} inputMode="numeric" value={p.port} onChange={(_, d) => set(i, { port: d.value })} />
            <Dropdown className={s.narrow} aria-label={`${text.protocol} ${i + 1}`} value={p.protocol} selectedOptions={[p.protocol]} onOptionSelect={(_, d) => set(i, { protocol: d.optionValue as PortRow["protocol"] })}>
              <Option value="TCP">TCP</Option>
              <Option value="UDP">UDP</Option>
            </Dropdown>
            <Button appearance="subtle" icon={<DeleteRegular />} aria-label={text.removePort(p.port)} disabled={ports.length === 1} onClick={() => onChange(ports.filter((_, j) => j !== i))} />
          </div>
        ))}
        <div><Button size="small" icon={<AddRegular />} disabled={ports.length >= 5} onClick={() => onChange([...ports, { port: "", protocol: "TCP" }])}>{text.addPort}</Button></div>
      </div>
    </Line>
  );
}

/** The environment variables of a form. */
export function EnvLines({ env, onChange, problem }: { env: EnvRow[]; onChange: (e: EnvRow[]) => void; problem?: string }) {
  const s = useStyles();
  const text = useCreateText();
  const set = (i: number, part: Partial<EnvRow>) => onChange(env.map((e, j) => (j === i ? { ...e, ...part } : e)));
  return (
    <Line label={text.env} problem={problem}>
      <div className={s.list}>
        {env.map((e, i) => (
          <div key={i} className={s.env}>
            <Input className={s.narrow} aria-label={`${text.key} ${i + 1}`} placeholder={text.key} value={e.name} onChange={(_, d) => set(i, { name: d.value })} autoComplete="off" spellCheck={false} />
            <Input className={s.narrow} aria-label={`${text.value} ${i + 1}`} placeholder={text.value} type={e.secure ? "password" : "text"} value={e.value} onChange={(_, d) => set(i, { value: d.value })} autoComplete="off" spellCheck={false} />
            <Checkbox label={text.secure} checked={e.secure} onChange={(_, d) => set(i, { secure: d.checked === true })} />
            <Button appearance="subtle" icon={<DeleteRegular />} aria-label={text.removeEnv(e.name)} onClick={() => onChange(env.filter((_, j) => j !== i))} />
          </div>
        ))}
        <div><Button size="small" icon={<AddRegular />} onClick={() => onChange([...env, { name: "", value: "", secure: false }])}>{text.addEnv}</Button></div>
      </div>
    </Line>
  );
}
