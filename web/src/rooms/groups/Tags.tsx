import { Button, Input, makeStyles, MessageBar, MessageBarBody, Text, tokens } from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Because, useWhyNot } from "~/kit/Can";
import { EquivalentCli } from "~/kit/EquivalentCli";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import { groupType } from "~/wire/id";
import { tagsWrite } from "./api";
import { useGroupsText } from "./text";

const useStyles = makeStyles({
  row: { display: "grid", gridTemplateColumns: "minmax(120px, 260px) minmax(120px, 360px) 32px", gap: "8px", marginBottom: "8px", alignItems: "center" },
  head: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground2 },
  hint: { display: "block", marginBottom: "16px", color: tokens.colorNeutralForeground3 },
});

/** The tags of a resource, to change. */
export default function Tags({ id, resource }: BladeProps) {
  const s = useStyles();
  const text = useGroupsText();
  const kit = useKitText();
  const run = useWrite();
  const [rows, setRows] = useState(() => Object.entries(resource.tags ?? {}));
  const filled = rows.filter(([k, v]) => k || v);
  const tags = Object.fromEntries(filled);
  const names = filled.map(([k]) => k.toLowerCase());
  const problem = new Set(names).size < names.length ? text.twice
    : filled.some(([k, v]) => k.length < 1 || k.length > 512 || /[<>%&\\?/]/.test(k) || v.length > 256) ? text.badTag : "";
  const changed = JSON.stringify(tags) !== JSON.stringify(resource.tags ?? {});
  const whyNot = useWhyNot(id.id, id.type === groupType ? "Microsoft.Resources/subscriptions/resourceGroups/write" : id.type + "/write");
  const write = tagsWrite(id, tags, text.saving(id.name));
  const set = (i: number, at: 0 | 1, v: string) => setRows(rows.map((r, j) => (j === i ? (at === 0 ? [v, r[1]] : [r[0], v]) : r)));
  return (
    <Body footer={
      <>
        <Because reason={whyNot}><Button appearance="primary" disabled={!changed || problem !== ""} disabledFocusable={whyNot !== undefined} onClick={() => void run(write).catch(() => undefined)}>{kit.save}</Button></Because>
        <Button disabled={!changed} onClick={() => setRows(Object.entries(resource.tags ?? {}))}>{kit.discard}</Button>
        <EquivalentCli write={changed && !problem ? write : undefined} />
      </>
    }>
      <Text className={s.hint}>{text.tagsHint}</Text>
      {rows.length > 0 && <div className={s.row} aria-hidden><span className={s.head}>{text.tagName}</span><span className={s.head}>{text.tagValue}</span></div>}
      {rows.map(([k, v], i) => (
        <div key={i} className={s.row}>
          <Input aria-label={`${text.tagName} ${i + 1}`} value={k} onChange={(_, d) => set(i, 0, d.value)} autoComplete="off" />
          <Input aria-label={`${text.tagValue} ${i + 1}`} value={v} onChange={(_, d) => set(i, 1, d.value)} autoComplete="off" />
          <Button appearance="subtle" icon={<DeleteRegular />} aria-label={text.removeTag(k)} onClick={() => setRows(rows.filter((_, j) => j !== i))} />
        </div>
      ))}
      <Button icon={<AddRegular />} onClick={() => setRows([...rows, ["", ""]])}>{text.addTag}</Button>
      {problem && <MessageBar intent="error"><MessageBarBody>{problem}</MessageBarBody></MessageBar>}
    </Body>
  );
}
