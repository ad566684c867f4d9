import { makeStyles } from "@fluentui/react-components";
import { BoxRegular } from "@fluentui/react-icons";
import { pageOf, parseId } from "~/wire/id";
import { Go } from "./Essentials";
import { kindOf } from "./room";

const useStyles = makeStyles({
  line: { display: "inline-flex", alignItems: "center", gap: "8px", minWidth: 0 },
  icon: { fontSize: "18px", display: "flex", flexShrink: 0 },
});

/** A resource's icon and name, as a link to its page. */
export function ResourceName({ id, label }: { id: string; label?: string }) {
  const s = useStyles();
  const parsed = parseId(id);
  const kind = kindOf(parsed?.type ?? "");
  const Icon = kind?.icon ?? BoxRegular;
  return (
    <span className={s.line}>
      <span className={s.icon} style={{ color: kind?.color }} aria-hidden><Icon /></span>
      <Go to={pageOf(id)}>{label ?? parsed?.name ?? id}</Go>
    </span>
  );
}
