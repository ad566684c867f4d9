import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { AddRegular, AppsListRegular, FolderRegular, HistoryRegular, KeyMultipleRegular, type FluentIcon } from "@fluentui/react-icons";
import { useNavigate } from "react-router";
import { Page } from "~/kit/Page";
import { ResourceName } from "~/kit/ResourceName";
import { kindOf, kinds } from "~/kit/room";
import { recent, type Recent } from "~/kit/recent";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useAgo, useLocal } from "~/kit/words";
import { groupType, subscriptionType } from "~/wire/id";
import { useHomeText } from "./text";

const useStyles = makeStyles({
  wide: { maxWidth: "1100px", margin: "0 auto" },
  heading: { fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, margin: "12px 0" },
  tiles: { display: "flex", flexWrap: "wrap", gap: "4px", marginBottom: "24px" },
  tile: {
    textDecorationLine: "none", boxSizing: "border-box", cursor: "pointer", width: "116px", height: "104px", padding: "14px 6px 8px", display: "flex", flexDirection: "column", alignItems: "center", gap: "10px", textAlign: "center",
    borderRadius: tokens.borderRadiusMedium, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200, color: tokens.colorNeutralForeground1,
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover }, ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  icon: { fontSize: "32px", display: "flex" },
});

/** The first page: services, and what was looked at last. */
export default function Home() {
  const s = useStyles();
  const text = useHomeText();
  const local = useLocal();
  const ago = useAgo();
  const navigate = useNavigate();
  const tile = (to: string, label: string, Icon: FluentIcon, color: string) => (
    <a key={to} className={s.tile} href={to} onClick={(e) => { e.preventDefault(); void navigate(to); }}>
      <span className={s.icon} style={{ color }} aria-hidden><Icon /></span>
      {label}
    </a>
  );
  const typeOf = (r: Recent) => { const k = kindOf(r.id.type); return k ? local(k.one) : r.id.type; };
  const brand = tokens.colorBrandForeground1;
  return (
    <Page title={text.title}>
      <div className={s.wide}>
        <h2 className={s.heading}>{text.services}</h2>
        <div className={s.tiles}>
          {tile("/create", text.create, AddRegular, tokens.colorPaletteGreenForeground1)}
          {kinds().filter((k) => k.create).map((k) => tile("/browse/" + k.type, local(k.many), k.icon, k.color))}
          {tile("/browse/all", text.all, AppsListRegular, brand)}
        </div>
        <h2 className={s.heading}>{text.recent}</h2>
        <Table<Recent>
          label={text.recent} rows={recent()} rowKey={(r) => r.id.id} noFilter initialSort={{ key: "viewed", down: true }}
          empty={<Empty title={text.noRecent} hint={text.noRecentHint} icon={HistoryRegular}><Button appearance="primary" onClick={() => void navigate("/create")}>{text.create}</Button></Empty>}
          columns={[
            { key: "name", label: text.name, text: (r) => r.id.name, render: (r) => <ResourceName id={r.id.id} />, width: "minmax(220px, 2fr)" },
            { key: "type", label: text.type, text: typeOf, width: "minmax(160px, 1fr)" },
            { key: "viewed", label: text.viewed, text: (r) => ago(r.seen), order: (r) => r.seen, width: "minmax(160px, 1fr)" },
          ]}
        />
        <h2 className={s.heading}>{text.navigate}</h2>
        <div className={s.tiles}>
          {tile("/browse/" + subscriptionType, text.subscriptions, KeyMultipleRegular, tokens.colorPaletteMarigoldForeground1)}
          {tile("/browse/" + groupType, text.groups, FolderRegular, brand)}
        </div>
      </div>
    </Page>
  );
}
