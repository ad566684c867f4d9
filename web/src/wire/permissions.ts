import { useQuery } from "@tanstack/react-query";
import { list } from "./call";
import { keyOf } from "./id";

/** What a role held at a scope allows; the same schema as in role definitions. */
export interface Permission {
  actions?: string[];
  notActions?: string[];
  dataActions?: string[];
  notDataActions?: string[];
}

/** Whether an action is one that a pattern of a role means: "*" stands for any characters, case does not matter. */
export function matches(pattern: string, action: string): boolean {
  const text = pattern.split("*").map((p) => p.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${text}$`, "i").test(action);
}

/** Whether the permissions allow an action: some role allows it and does not take it out again. */
export function allows(permissions: Permission[], action: string, data = false): boolean {
  const [yes, no] = data ? (["dataActions", "notDataActions"] as const) : (["actions", "notActions"] as const);
  return permissions.some((p) => p[yes]?.some((a) => matches(a, action)) === true && !(p[no] ?? []).some((a) => matches(a, action)));
}

/** What the caller may do at a scope: the API's own word. */
export function usePermissions(scope: string) {
  return useQuery({
    queryKey: keyOf(scope, "permissions"),
    queryFn: ({ signal }) =>
      list<Permission>({ url: `${scope}/providers/Microsoft.Authorization/permissions`, query: { "api-version": "2022-04-01" }, signal }),
    enabled: scope !== "",
    staleTime: 15_000,
  });
}

/** Whether the caller may do an action at a scope; undefined until the API has answered. An empty action may always be done. */
export function useCan(scope: string, action: string | undefined, data = false): boolean | undefined {
  const p = usePermissions(action ? scope : "");
  if (!action) return true;
  return p.data ? allows(p.data, action, data) : p.isError ? false : undefined;
}
