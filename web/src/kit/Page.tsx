import { Breadcrumb, BreadcrumbButton, BreadcrumbDivider, BreadcrumbItem, makeStyles, Text, tokens } from "@fluentui/react-components";
import type { FluentIcon } from "@fluentui/react-icons";
import { Fragment, useEffect, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { CommandBar, type Command } from "./CommandBar";

/** A step of the path above a title. */
export interface Crumb {
  label: string;
  to: string;
}

interface Props {
  title: string;
  subtitle?: string;
  icon?: FluentIcon;
  color?: string;
  crumbs?: Crumb[];
  commands?: Command[];
  /** Stays at the bottom while the page scrolls: the buttons of a form. */
  footer?: ReactNode;
  /** A menu at the left, below the title. */
  menu?: ReactNode;
  /** The children are a blade: they bring their own command bar, by Body. */
  bare?: boolean;
  children: ReactNode;
}

const useStyles = makeStyles({
  page: { display: "flex", flexDirection: "column", height: "100%", minHeight: 0, backgroundColor: tokens.colorNeutralBackground1 },
  top: { padding: "8px 24px 0" },
  crumbs: { minHeight: "24px", marginLeft: "-6px" },
  title: { display: "flex", alignItems: "center", gap: "12px", padding: "2px 0 8px", minHeight: "44px" },
  icon: { fontSize: "32px", display: "flex", flexShrink: 0 },
  heading: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  subtitle: { color: tokens.colorNeutralForeground3 },
  middle: { display: "flex", flexGrow: 1, minHeight: 0, borderTop: `1px solid ${tokens.colorNeutralStroke2}`, "@media (max-width: 760px)": { flexDirection: "column" } },
  main: { display: "flex", flexDirection: "column", flexGrow: 1, minWidth: 0, minHeight: 0 },
  content: { flexGrow: 1, overflow: "auto", padding: "16px 24px 32px", minHeight: 0 },
  footer: { display: "flex", gap: "8px", flexWrap: "wrap", padding: "12px 24px", borderTop: `1px solid ${tokens.colorNeutralStroke2}`, backgroundColor: tokens.colorNeutralBackground1 },
});

/** The frame of every page: the way here, icon and title, menu, command bar, content. */
export function Page({ title, subtitle, icon: Icon, color, crumbs = [], commands, footer, menu, bare, children }: Props) {
  const s = useStyles();
  const navigate = useNavigate();
  useEffect(() => {
    document.title = `${title} - Lazuli`;
  }, [title]);
  return (
    <div className={s.page}>
      <div className={s.top}>
        {crumbs.length > 0 && <Breadcrumb className={s.crumbs} size="small" aria-label={title}>
          {crumbs.map((c, i) => (
            <Fragment key={c.to}>
              {i > 0 && <BreadcrumbDivider />}
              <BreadcrumbItem>
                <BreadcrumbButton as="a" href={c.to} onClick={(e: React.MouseEvent) => { e.preventDefault(); void navigate(c.to); }}>{c.label}</BreadcrumbButton>
              </BreadcrumbItem>
            </Fragment>
          ))}
        </Breadcrumb>}
        <div className={s.title}>
          {Icon && <span className={s.icon} style={{ color }} aria-hidden><Icon /></span>}
          <div>
            <h1 className={s.heading}>{title}</h1>
            {subtitle && <Text size={200} className={s.subtitle}>{subtitle}</Text>}
          </div>
        </div>
      </div>
      <div className={s.middle}>
        {menu}
        {bare ? <div className={s.main}>{children}</div> : <Body commands={commands} footer={footer}>{children}</Body>}
      </div>
    </div>
  );
}

/** What a blade shows: commands over content, and under it what stays. */
export function Body({ commands, footer, children }: { commands?: Command[]; footer?: ReactNode; children: ReactNode }) {
  const s = useStyles();
  return (
    <div className={s.main}>
      {commands && commands.length > 0 && <CommandBar commands={commands} />}
      <div className={s.content}>{children}</div>
      {footer && <div className={s.footer}>{footer}</div>}
    </div>
  );
}
