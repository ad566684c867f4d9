import { kindOf } from "~/kit/room";
import type { Write } from "~/kit/write";
import { hallVersion } from "~/wire/arm";
import { groupType, type ResourceId } from "~/wire/id";

/** Gives a resource or group these tags, in place of those it had. */
export function tagsWrite(id: ResourceId, tags: Record<string, string>, title: string): Write {
  const words = Object.entries(tags).map(([k, v]) => `${k}=${v}`);
  const given = ["--tags", ...(words.length > 0 ? words : [""])];
  return {
    call: { method: "PATCH", url: id.id, query: { "api-version": kindOf(id.type)?.apiVersion ?? hallVersion }, body: { tags } },
    title,
    cli: id.type === groupType ? ["az", "group", "update", "--name", id.name, ...given] : ["az", "resource", "tag", "--ids", id.id, ...given],
  };
}
