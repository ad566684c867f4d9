import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import { call, list } from "~/wire/call";
import { keyOf } from "~/wire/id";
import { settings } from "~/wire/settings";
import type { AssignmentView, RoleView } from "~/wire/zz_access";

const version = { "api-version": "2022-04-01" };
const provider = "/providers/Microsoft.Authorization";

/** Somebody of the directory, as Microsoft Graph shows them. */
export interface Member {
  id: string;
  displayName?: string;
  userPrincipalName?: string;
  appId?: string;
  "@odata.type"?: string;
}

/** The kinds of principals, as role assignments name them. */
export type PrincipalType = "User" | "ServicePrincipal" | "Group";

/** The kind of a member. */
export function typeOf(m: Member | undefined): PrincipalType {
  const kind = m?.["@odata.type"] ?? "";
  return kind.endsWith(".group") ? "Group" : kind.endsWith(".user") || m?.userPrincipalName ? "User" : "ServicePrincipal";
}

/** The assignments that bind at a scope: made there, or above it. */
export function useAssignments(scope: string) {
  return useQuery({
    queryKey: keyOf(scope, "assignments"),
    queryFn: ({ signal }) => list<AssignmentView>({ url: `${scope}${provider}/roleAssignments`, query: { ...version, $filter: "atScope()" }, signal }),
  });
}

/** The roles that may be given at a scope. */
export function useRoles(scope: string) {
  return useQuery({
    queryKey: keyOf(scope, "roles"),
    queryFn: ({ signal }) => list<RoleView>({ url: `${scope}${provider}/roleDefinitions`, query: version, signal }),
    staleTime: 60_000,
  });
}

/** The names of principals, by their object ids; those that are gone are missing. */
export function useNames(ids: string[]) {
  const sorted = [...new Set(ids)].sort();
  return useQuery({
    queryKey: ["graph", "names", ...sorted],
    queryFn: async () => {
      const found = await call<{ value: Member[] }>({ method: "POST", url: settings().graph + "/v1.0/directoryObjects/getByIds", resource: settings().graph, body: { ids: sorted } });
      return new Map(found.value.map((m) => [m.id, m]));
    },
    enabled: sorted.length > 0,
    staleTime: 30_000,
  });
}

/** Users and service principals whose names begin with a text. */
export function useMembers(text: string) {
  return useQuery({
    queryKey: ["graph", "search", text],
    queryFn: async ({ signal }) => {
      const quoted = text.replaceAll("'", "''");
      const ask = (what: string, kind: string, fields: string[]) =>
        call<{ value: Member[] }>({
          url: `${settings().graph}/v1.0/${what}`, resource: settings().graph, signal,
          query: { $top: "20", $filter: text ? fields.map((f) => `startswith(${f},'${quoted}')`).join(" or ") : undefined },
        }).then((page) => page.value.map((m) => ({ ...m, "@odata.type": `#microsoft.graph.${kind}` })));
      const [users, apps] = await Promise.all([ask("users", "user", ["displayName", "userPrincipalName"]), ask("servicePrincipals", "servicePrincipal", ["displayName"])]);
      return [...users, ...apps];
    },
    staleTime: 10_000,
    placeholderData: (before) => before,
  });
}

/** Gives a role to a principal at a scope. */
export function assignWrite(scope: string, role: RoleView, member: Member, name: string, title: string): Write {
  return {
    call: {
      method: "PUT", url: `${scope}${provider}/roleAssignments/${name}`, query: version,
      body: { properties: { roleDefinitionId: role.id, principalId: member.id, principalType: typeOf(member) } },
    },
    title,
    cli: ["az", "role", "assignment", "create", "--assignee-object-id", member.id, "--assignee-principal-type", typeOf(member), "--role", role.properties.roleName, "--scope", scope],
    touches: [keyOf(scope, "assignments"), keyOf(scope, "permissions")],
  };
}

/** Takes an assignment away. */
export function removeWrite(a: AssignmentView, scope: string, title: string): Write {
  return {
    call: { method: "DELETE", url: a.id, query: version },
    title,
    cli: ["az", "role", "assignment", "delete", "--ids", a.id],
    touches: [keyOf(scope, "assignments"), keyOf(scope, "permissions")],
  };
}

/** Where an assignment was made, seen from a scope. */
export function madeAt(a: AssignmentView, scope: string): "here" | "above" {
  return (a.properties.scope ?? "").toLowerCase() === scope.toLowerCase() ? "here" : "above";
}
