import type { Change, PropertyChange } from "~/wire/zz_deployment";

/** One line of a what-if: a mark, where, and from what to what. */
export interface Line {
  mark: "+" | "-" | "~" | "";
  path: string;
  before?: string;
  after?: string;
  depth: number;
}

const shown = (v: unknown) => (v === undefined ? undefined : typeof v === "string" ? `"${v}"` : JSON.stringify(v));

const marks: Record<string, Line["mark"]> = { Create: "+", Delete: "-", Modify: "~", Array: "~" };

/** The changes of properties as lines, those inside below their parents. */
export function linesOf(delta: PropertyChange[], depth = 0): Line[] {
  return delta.flatMap((d) => {
    const children = d.children ?? [];
    const own: Line = { mark: marks[d.propertyChangeType] ?? "", path: d.path, depth, ...(children.length === 0 && { before: shown(d.before), after: shown(d.after) }) };
    return [own, ...linesOf(children, depth + 1)];
  });
}

/** What is made or removed as lines: each leaf of the resource, by its path. */
export function leavesOf(v: unknown, mark: "+" | "-", path = ""): Line[] {
  if (typeof v === "object" && v !== null && Object.keys(v).length > 0) {
    return Object.entries(v).flatMap(([k, e]) => leavesOf(e, mark, Array.isArray(v) ? `${path}[${k}]` : path ? `${path}.${k}` : k));
  }
  return [{ mark, path, depth: 0, [mark === "+" ? "after" : "before"]: shown(v) }];
}

/** The lines of one resource. */
export function changeLines(c: Change): Line[] {
  const leaves = (r: Record<string, unknown> | undefined, mark: "+" | "-") => leavesOf(strip(r), mark).filter((l) => l.path !== "");
  if (c.changeType === "Create") return leaves(c.after, "+");
  if (c.changeType === "Delete") return leaves(c.before, "-");
  return linesOf(c.delta ?? []);
}

/** A resource without what its heading says. */
function strip(r: Record<string, unknown> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(r ?? {}).filter(([k]) => !["id", "type", "name", "apiVersion"].includes(k)));
}

const order = ["Create", "Modify", "Delete", "Deploy", "Unsupported", "NoChange", "Ignore"];

/** The changes in the order people look for them. */
export function arranged(changes: Change[]): Change[] {
  return [...changes].sort((a, b) => order.indexOf(a.changeType) - order.indexOf(b.changeType) || a.resourceId.localeCompare(b.resourceId));
}

/** How many there are of each kind. */
export function counts(changes: Change[]): [string, number][] {
  return order.flatMap((t): [string, number][] => { const n = changes.filter((c) => c.changeType === t).length; return n > 0 ? [[t, n]] : []; });
}

/** An ISO 8601 duration in seconds, as the API writes them; 0 for what is none. */
export function seconds(duration: string): number {
  const m = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration);
  return m ? Number(m[1] ?? 0) * 3600 + Number(m[2] ?? 0) * 60 + Number(m[3] ?? 0) : 0;
}
