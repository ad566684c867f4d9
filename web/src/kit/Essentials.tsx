import { Link, makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { CopyButton } from "./CopyField";
import { useKitText } from "./text";

/** One fact of a resource. */
export interface Fact {
  label: string;
  value: ReactNode;
  /** A text to copy. */
  copy?: string;
}

const useStyles = makeStyles({
  grid: {
    display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(min(440px, 100%), 1fr))", columnGap: "40px", rowGap: "4px", margin: "0 0 20px",
    padding: "0 0 16px", borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  fact: { display: "grid", gridTemplateColumns: "168px 1fr", alignItems: "center", minHeight: "28px" },
  label: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, display: "flex", alignItems: "center", gap: "4px", minWidth: 0, overflowWrap: "anywhere" },
});

/** The facts at the top of a resource's overview. */
export function Essentials({ facts }: { facts: Fact[] }) {
  const s = useStyles();
  const text = useKitText();
  return (
    <dl className={s.grid} aria-label={text.essentials}>
      {facts.map((f) => (
        <div key={f.label} className={s.fact}>
          <dt className={s.label}>{f.label}</dt>
          <dd className={s.value}>
            {f.value === "" || f.value === undefined || f.value === null ? "–" : f.value}
            {f.copy && <CopyButton value={f.copy} label={`${text.copy}: ${f.label}`} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A link to another page of the portal. */
export function Go({ to, children }: { to: string; children: ReactNode }) {
  const navigate = useNavigate();
  return (
    <Link href={to} onClick={(e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
      e.preventDefault();
      void navigate(to);
    }}>
      {children}
    </Link>
  );
}
