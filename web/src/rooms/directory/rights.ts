import { useDirectoryRights } from "~/wire/graph";
import { useDirectoryText } from "./text";

/** Says why the caller may not change an object of the directory, or with no id make one; undefined if they may, or if it is not known yet. */
export function useMayNot(): (objectId?: string) => string | undefined {
  const text = useDirectoryText();
  const rights = useDirectoryRights();
  return (id) => (!rights || rights.all || (id !== undefined && rights.owned.has(id)) ? undefined : text.mayNot);
}
