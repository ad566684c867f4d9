/** Ids of resources, parsed as azure/resourceid.go does it: case is kept for show and folded for comparing. */

export interface ResourceId {
  /** The whole id, "/subscriptions/..." */
  id: string;
  subscription: string;
  group: string;
  /** "Microsoft.ContainerRegistry", "" for subscriptions and groups. */
  namespace: string;
  /** "Microsoft.ContainerRegistry/registries"; "Microsoft.Resources/resourceGroups" and ".../subscriptions" for those. */
  type: string;
  name: string;
  /** The id of what it is in: group, subscription or parent resource; "" at the top. */
  parent: string;
}

export const groupType = "Microsoft.Resources/resourceGroups";
export const subscriptionType = "Microsoft.Resources/subscriptions";

/** Parses an id, with what follows it: "/subscriptions/s/resourceGroups/g/tags" is the group g and "tags". */
export function parsePath(path: string): { id: ResourceId; rest: string[] } | undefined {
  const segs = path.split("/").filter(Boolean).map(decodeURIComponent);
  if (segs[0]?.toLowerCase() !== "subscriptions" || !segs[1]) return undefined;
  const subscription = segs[1];
  let at = 2;
  let group = "";
  if (segs[2]?.toLowerCase() === "resourcegroups" && segs[3]) {
    group = segs[3];
    at = 4;
  }
  const base = make(segs.slice(0, at));
  let found: ResourceId = group
    ? { id: base, subscription, group, namespace: "", type: groupType, name: group, parent: make(segs.slice(0, 2)) }
    : { id: base, subscription, group, namespace: "", type: subscriptionType, name: subscription, parent: "" };
  if (segs[at]?.toLowerCase() === "providers" && segs[at + 1] && segs[at + 2] && segs[at + 3]) {
    const namespace = segs[at + 1] ?? "";
    let type = namespace;
    let parent = base;
    at += 2;
    while (segs[at] && segs[at + 1]) {
      type += "/" + segs[at];
      at += 2;
      const id = make(segs.slice(0, at));
      found = { id, subscription, group, namespace, type, name: segs[at - 1] ?? "", parent };
      parent = id;
    }
  }
  return { id: found, rest: segs.slice(at) };
}

/** Parses an id; undefined for what is none. */
export function parseId(id: string): ResourceId | undefined {
  const p = parsePath(id);
  return p && p.rest.length === 0 ? p.id : undefined;
}

function make(segs: string[]): string {
  return "/" + segs.join("/");
}

/** The key of an id in the query cache: its segments, folded, so that invalidating a group invalidates what is in it. */
export function keyOf(id: string, ...more: string[]): string[] {
  return ["arm", ...id.toLowerCase().split("/").filter(Boolean), ...more];
}

/** The page of a resource, or of one of its blades. */
export function pageOf(id: string, blade = "", query = ""): string {
  return "/resource" + id + (blade ? "/" + blade : "") + query;
}

/** The id of a resource of a group. */
export function idIn(subscription: string, group: string, type: string, name: string): string {
  const [namespace, ...types] = type.split("/");
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${namespace}/${types.join("/")}/${name}`;
}
