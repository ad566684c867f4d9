import { makeStyles, tokens } from "@fluentui/react-components";

/** How tables look: lines between rows, nothing else. */
export const useTableStyles = makeStyles({
  box: { overflow: "auto", minHeight: "80px", maxHeight: "max(320px, calc(100vh - 300px))", borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  head: { position: "sticky", top: 0, zIndex: 1, backgroundColor: tokens.colorNeutralBackground1 },
  row: { display: "grid", alignItems: "center", width: "100%", borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, boxSizing: "border-box" },
  body: { position: "absolute", top: 0, left: 0, ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover } },
  group: { fontWeight: tokens.fontWeightSemibold, backgroundColor: tokens.colorNeutralBackground2 },
  cell: { padding: "0 10px", minWidth: 0, overflow: "hidden", display: "flex", alignItems: "center", fontSize: tokens.fontSizeBase300 },
  clip: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  sort: {
    border: "none", backgroundColor: "transparent", fontFamily: "inherit", textDecorationLine: "none", padding: 0, cursor: "pointer", display: "inline-flex", alignItems: "center", gap: "4px", fontWeight: tokens.fontWeightSemibold, whiteSpace: "nowrap",
    fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "2px", borderRadius: "2px" },
  },
});
