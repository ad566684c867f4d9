import { makeStyles, Tag, TagGroup } from "@fluentui/react-components";
import type { Envelope } from "~/wire/arm";
import { pageOf } from "~/wire/id";
import { Go } from "./Essentials";
import { useKitText } from "./text";

const useStyles = makeStyles({ tags: { display: "flex", flexWrap: "wrap", gap: "4px" } });

/** The tags of a resource, and the way to change them. */
export function TagLine({ resource }: { resource: Envelope }) {
  const s = useStyles();
  const text = useKitText();
  const tags = Object.entries(resource.tags ?? {});
  return (
    <span className={s.tags}>
      {tags.length > 0 && <TagGroup className={s.tags} role="list" aria-label={text.tags}>{tags.map(([k, v]) => <Tag key={k} size="extra-small" role="listitem">{v ? `${k}: ${v}` : k}</Tag>)}</TagGroup>}
      <Go to={pageOf(resource.id, "tags")}>{text.edit}</Go>
    </span>
  );
}
