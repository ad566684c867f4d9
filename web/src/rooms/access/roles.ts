import type { Write } from "~/kit/write";
import { keyOf } from "~/wire/id";
import { allows } from "~/wire/permissions";
import type { AssignmentView, Permission, RoleView } from "~/wire/zz_access";

const version = { "api-version": "2022-04-01" };
const provider = "/providers/Microsoft.Authorization/roleDefinitions";

/** The roles of assignments, each once. */
export function rolesOf(assignments: AssignmentView[], roles: RoleView[]): RoleView[] {
  const ids = new Set(assignments.map((a) => a.properties.roleDefinitionId.split("/").pop()?.toLowerCase()));
  return roles.filter((r) => ids.has(r.name.toLowerCase()));
}

/** The roles among those held that allow an action. Each stands for itself: what one takes out, another may still give. */
export function rolesThatAllow(held: RoleView[], action: string, data: boolean): RoleView[] {
  return held.filter((r) => allows(r.properties.permissions, action, data));
}

/** The actions that roles name in full: what can be proposed. */
export function namedActions(roles: RoleView[], data: boolean): string[] {
  const all = roles.flatMap((r) => r.properties.permissions).flatMap((p) => (data ? p.dataActions : p.actions));
  return [...new Set(all.filter((a) => !a.includes("*")))].sort();
}

/** The entries of a text, one on each line or between commas. */
export function linesOf(text: string): string[] {
  return text.split(/[\n,]/).map((l) => l.trim()).filter(Boolean);
}

/** What a form says of a custom role. */
export interface RoleDraft {
  name: string;
  description: string;
  permission: Permission;
}

/** The PUT of a custom role: id is its own, scopes are where it can be given, and below them. */
function roleCall(id: string, scopes: string[], r: RoleDraft): Write["call"] {
  return {
    method: "PUT", url: `${scopes[0]}${provider}/${id}`, query: version,
    body: { properties: { roleName: r.name, description: r.description, type: "CustomRole", assignableScopes: scopes, permissions: [r.permission] } },
  };
}

/** Makes a custom role that can be given at a scope and below it. */
export function roleWrite(scope: string, id: string, r: RoleDraft, title: string): Write {
  const { actions, notActions, dataActions, notDataActions } = r.permission;
  const definition = { Name: r.name, Description: r.description, Actions: actions, NotActions: notActions, DataActions: dataActions, NotDataActions: notDataActions, AssignableScopes: [scope] };
  return { call: roleCall(id, [scope], r), title, cli: ["az", "role", "definition", "create", "--role-definition", JSON.stringify(definition)], touches: [keyOf("/subscriptions")] };
}

/** Changes a custom role; where it can be given stays. */
export function changeRoleWrite(role: RoleView, r: RoleDraft, title: string): Write {
  const scopes = role.properties.assignableScopes;
  const definition = { id: role.id, roleName: r.name, description: r.description, permissions: [r.permission], assignableScopes: scopes };
  return { call: roleCall(role.name, scopes, r), title, cli: ["az", "role", "definition", "update", "--role-definition", JSON.stringify(definition)], touches: [keyOf("/subscriptions")] };
}

/** Deletes a custom role. */
export function removeRoleWrite(scope: string, role: RoleView, title: string): Write {
  return {
    call: { method: "DELETE", url: `${scope}${provider}/${role.name}`, query: version },
    title,
    cli: ["az", "role", "definition", "delete", "--name", role.properties.roleName, "--scope", scope],
    touches: [keyOf("/subscriptions")],
  };
}
