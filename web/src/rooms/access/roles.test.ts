import { expect, test } from "vitest";
import type { AssignmentView, Permission, RoleView } from "~/wire/zz_access";
import { changeRoleWrite, linesOf, namedActions, rolesOf, roleWrite, rolesThatAllow } from "./roles";

const permission = (p: Partial<Permission>): Permission => ({ actions: [], notActions: [], dataActions: [], notDataActions: [], ...p });
const role = (name: string, p: Partial<Permission>): RoleView => ({
  id: "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/" + name, name, type: "Microsoft.Authorization/roleDefinitions",
  properties: { roleName: name, description: "", type: "BuiltInRole", assignableScopes: ["/"], permissions: [permission(p)] },
});
const pull = role("pull", { actions: ["Microsoft.ContainerRegistry/registries/pull/read"] });
const contributor = role("contributor", { actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] });
const giver = role("giver", { actions: ["Microsoft.Authorization/roleAssignments/write"] });
const secrets = role("secrets", { actions: ["Microsoft.KeyVault/*/read"], dataActions: ["Microsoft.KeyVault/vaults/secrets/getSecret/action"] });
const names = (roles: RoleView[]) => roles.map((r) => r.name);

test("what one role takes out another may give", () => {
  const write = "Microsoft.Authorization/roleAssignments/write";
  expect(names(rolesThatAllow([pull, contributor], write, false))).toEqual([]);
  expect(names(rolesThatAllow([pull, contributor, giver], write, false))).toEqual(["giver"]);
});

test("actions on data are not those of management", () => {
  const get = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
  expect(names(rolesThatAllow([contributor, secrets], get, true))).toEqual(["secrets"]);
  expect(names(rolesThatAllow([contributor, secrets], get, false))).toEqual(["contributor"]);
});

test("the roles of assignments come once, whatever scope their ids name", () => {
  const given = (id: string): AssignmentView => ({ id: "", name: "", type: "", properties: { roleDefinitionId: id, principalId: "p" } });
  expect(names(rolesOf([given(pull.id), given("/providers/Microsoft.Authorization/roleDefinitions/PULL"), given("/x/gone")], [contributor, pull]))).toEqual(["pull"]);
});

test("only actions without a star are proposed", () => {
  expect(namedActions([pull, contributor, giver, secrets, pull], false)).toEqual(["Microsoft.Authorization/roleAssignments/write", "Microsoft.ContainerRegistry/registries/pull/read"]);
  expect(namedActions([secrets], true)).toEqual(["Microsoft.KeyVault/vaults/secrets/getSecret/action"]);
});

test("entries stand on lines or between commas", () => expect(linesOf(" a/read \n\n b/*,c/write\r\n")).toEqual(["a/read", "b/*", "c/write"]));

test("az is given the whole definition", () => {
  const w = roleWrite("/subscriptions/s", "guid", { name: "Puller", description: "d", permission: permission({ actions: ["a/read"] }) }, "");
  expect(w.call.url).toBe("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/guid");
  expect(JSON.parse(w.cli[5]!)).toEqual({ Name: "Puller", Description: "d", Actions: ["a/read"], NotActions: [], DataActions: [], NotDataActions: [], AssignableScopes: ["/subscriptions/s"] });
});

test("a changed role keeps its id and where it can be given", () => {
  const old = { ...pull, properties: { ...pull.properties, assignableScopes: ["/subscriptions/s", "/subscriptions/t"] } };
  const w = changeRoleWrite(old, { name: "Reader of images", description: "", permission: permission({ actions: ["b/read"] }) }, "");
  expect(w.call.url).toBe("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/pull");
  expect(w.call.body).toMatchObject({ properties: { roleName: "Reader of images", assignableScopes: ["/subscriptions/s", "/subscriptions/t"], permissions: [{ actions: ["b/read"] }] } });
  expect(JSON.parse(w.cli[5]!)).toMatchObject({ id: pull.id, roleName: "Reader of images", assignableScopes: ["/subscriptions/s", "/subscriptions/t"] });
});
