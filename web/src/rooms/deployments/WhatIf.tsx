import { Badge, makeStyles, mergeClasses, Switch, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { Heading } from "~/kit/Heading";
import { ResourceName } from "~/kit/ResourceName";
import { parseId } from "~/wire/id";
import type { Change, Changes } from "~/wire/zz_deployment";
import { arranged, changeLines, counts, type Line } from "./changes";
import { useDeploymentText } from "./text";

const useStyles = makeStyles({
  summary: { display: "flex", gap: "8px", alignItems: "center", flexWrap: "wrap", marginBottom: "8px" },
  change: { border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusMedium, margin: "0 0 12px", maxWidth: "1100px" },
  head: { display: "flex", gap: "10px", alignItems: "center", padding: "8px 12px", flexWrap: "wrap" },
  type: { color: tokens.colorNeutralForeground3 },
  lines: { margin: 0, padding: "0 0 8px", fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, lineHeight: "1.6", overflow: "auto", maxHeight: "420px", listStyleType: "none" },
  line: { padding: "0 12px", whiteSpace: "pre-wrap", overflowWrap: "anywhere", borderLeft: "3px solid transparent" },
  "+": { backgroundColor: tokens.colorPaletteGreenBackground1, borderLeftColor: tokens.colorPaletteGreenBorder2 },
  "-": { backgroundColor: tokens.colorPaletteRedBackground1, borderLeftColor: tokens.colorPaletteRedBorder2 },
  "~": { backgroundColor: tokens.colorPaletteMarigoldBackground1, borderLeftColor: tokens.colorPaletteMarigoldBorder2 },
});

const colors = { Create: "success", Modify: "warning", Delete: "danger", Deploy: "brand", Unsupported: "important" } as const;
const signs: Record<string, string> = { Create: "+", Modify: "~", Delete: "-", Deploy: "!", NoChange: "=", Ignore: "*", Unsupported: "x" };

/** What a deployment would change, each resource with its properties. */
export function WhatIf({ changes }: { changes: Changes }) {
  const s = useStyles();
  const text = useDeploymentText();
  const [all, setAll] = useState(false);
  const still = (c: Change) => c.changeType === "NoChange" || c.changeType === "Ignore";
  const shown = arranged(changes.changes).filter((c) => all || !still(c));
  return (
    <section aria-label={text.changes} aria-live="polite">
      <Heading>{text.changes}</Heading>
      <div className={s.summary}>
        {counts(changes.changes).map(([kind, n]) => <Sign key={kind} kind={kind} n={n} />)}
        {changes.changes.some(still) && <Switch checked={all} label={text.showAll} onChange={(_, d) => setAll(d.checked)} />}
      </div>
      {shown.length === 0 && <Text>{text.noChanges}</Text>}
      {shown.map((c) => (
        <div key={c.resourceId} className={s.change} data-change={c.changeType}>
          <div className={s.head}><Sign kind={c.changeType} /><ResourceName id={c.resourceId} /><Text size={200} className={s.type}>{parseId(c.resourceId)?.type}</Text></div>
          {c.unsupportedReason && <Text block className={s.line}>{c.unsupportedReason}</Text>}
          <Lines lines={changeLines(c)} label={`${text.changes}: ${parseId(c.resourceId)?.name ?? c.resourceId}`} />
        </div>
      ))}
    </section>
  );
}

function Sign({ kind, n }: { kind: string; n?: number }) {
  const text = useDeploymentText();
  const word = (text as unknown as Record<string, string>)[kind] ?? kind;
  return <Badge appearance="tint" color={colors[kind as keyof typeof colors] ?? "informative"}>{signs[kind] ?? ""} {word}{n === undefined ? "" : ` ${n}`}</Badge>;
}

function Lines({ lines, label }: { lines: Line[]; label: string }) {
  const s = useStyles();
  if (lines.length === 0) return null;
  return (
    <ul className={s.lines} aria-label={label} tabIndex={0}>
      {lines.map((l, i) => (
        <li key={i} className={mergeClasses(s.line, l.mark !== "" && s[l.mark])}>
          {"  ".repeat(l.depth)}{l.mark || " "} {l.path}{l.before !== undefined || l.after !== undefined ? ": " : ""}{l.before}{l.before !== undefined && l.after !== undefined ? " => " : ""}{l.after}
        </li>
      ))}
    </ul>
  );
}
