import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import { list } from "~/wire/call";
import { keyOf, type ResourceId } from "~/wire/id";
import type { LockView } from "~/wire/zz_access";

const version = { "api-version": "2016-09-01" };
const provider = "/providers/Microsoft.Authorization/locks";

/** The locks that bind at a scope: made there, or above it. */
export function useLocks(scope: string) {
  return useQuery({ queryKey: keyOf(scope, "locks"), queryFn: ({ signal }) => list<LockView>({ url: scope + provider, query: { ...version, $filter: "atScope()" }, signal }) });
}

/** The scope that a lock is laid on. */
export function scopeOf(lock: string): string {
  return lock.slice(0, lock.toLowerCase().lastIndexOf(provider.toLowerCase()));
}

/** Whether a lock can have the name. */
export function lockNameOk(name: string): boolean {
  return name.length <= 260 && !/[<>%&:\\?/]/.test(name);
}

/** Lays a lock on a scope, or changes the one of that name. */
export function lockWrite(id: ResourceId, name: string, level: string, notes: string, title: string): Write {
  const at = id.namespace ? ["--resource", id.id] : id.group ? ["--resource-group", id.group] : ["--subscription", id.subscription];
  return {
    call: { method: "PUT", url: `${id.id}${provider}/${encodeURIComponent(name)}`, query: version, body: { properties: { level, ...(notes && { notes }) } } },
    title,
    cli: ["az", "lock", "create", "--name", name, "--lock-type", level, ...at, ...(notes ? ["--notes", notes] : [])],
    touches: [keyOf(id.id)],
  };
}

/** Takes a lock away. */
export function unlockWrite(lock: LockView, title: string): Write {
  return { call: { method: "DELETE", url: lock.id, query: version }, title, cli: ["az", "lock", "delete", "--ids", lock.id], touches: [keyOf(scopeOf(lock.id))] };
}
