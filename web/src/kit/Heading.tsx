import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  heading: { margin: "20px 0 8px", fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold, ":first-child": { marginTop: 0 } },
});

/** The heading of a part of a page. */
export function Heading({ children }: { children: ReactNode }) {
  const s = useStyles();
  return <h2 className={s.heading}>{children}</h2>;
}
