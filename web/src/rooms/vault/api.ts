import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import { type Envelope } from "~/wire/arm";
import { call, list } from "~/wire/call";
import { keyOf, parseId } from "~/wire/id";
import { settings } from "~/wire/settings";
import { allows } from "~/wire/permissions";
import type { AssignmentView, RoleView } from "~/wire/zz_access";
import type { AccessPolicyEntry, CheckNameAvailabilityResult, DeletedVault, VaultProperties } from "~/wire/zz_vault";

export const vaultType = "Microsoft.KeyVault/vaults";
export const vaultVersion = "2024-11-01";

/** A vault as the control plane shows it. */
export type Vault = Envelope<VaultProperties & { vaultUri: string }>;

const version = { "api-version": vaultVersion };
const namespace = "/providers/Microsoft.KeyVault";

/** Whether a vault's name is free: the API's word. */
export function useNameCheck(subscription: string, name: string) {
  return useQuery({
    queryKey: ["check", vaultType, name.toLowerCase()],
    queryFn: () => call<CheckNameAvailabilityResult>({ method: "POST", url: `/subscriptions/${subscription}${namespace}/checkNameAvailability`, query: version, body: { name, type: vaultType } }),
    enabled: subscription !== "" && name.length > 0,
    staleTime: 5_000,
    retry: false,
  });
}

/** What is sent to make a vault. */
export interface NewVault {
  location: string;
  properties: Pick<VaultProperties, "tenantId" | "sku" | "accessPolicies" | "enableRbacAuthorization" | "softDeleteRetentionInDays" | "enablePurgeProtection" | "enabledForTemplateDeployment">;
}

/** Makes a vault. */
export function createWrite(id: string, body: NewVault, title: string): Write {
  const at = parseId(id)!;
  const p = body.properties;
  return {
    call: { method: "PUT", url: id, query: version, body },
    title,
    cli: [
      "az", "keyvault", "create", "--resource-group", at.group, "--name", at.name, "--location", body.location, "--sku", p.sku?.name ?? "standard", "--retention-days", String(p.softDeleteRetentionInDays),
      "--enable-rbac-authorization", String(p.enableRbacAuthorization), ...(p.enablePurgeProtection ? ["--enable-purge-protection", "true"] : []),
      ...(p.enabledForTemplateDeployment ? ["--enabled-for-template-deployment", "true"] : []),
    ],
    page: "/resource" + id,
    touches: [deletedKey(at.subscription)],
  };
}

/** Deletes a vault; it can be recovered. */
export function deleteWrite(id: string, title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "DELETE", url: id, query: version },
    title,
    cli: ["az", "keyvault", "delete", "--resource-group", at.group, "--name", at.name],
    touches: [deletedKey(at.subscription)],
  };
}

/** Changes settings of a vault; flags are those of az keyvault update. */
export function updateWrite(id: string, properties: Partial<VaultProperties>, flags: string[], title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "PATCH", url: id, query: version, body: { properties } },
    title,
    cli: ["az", "keyvault", "update", "--resource-group", at.group, "--name", at.name, ...flags],
  };
}

/** Gives a principal permissions on secrets by an access policy, in place of those it had: one at least. */
export function policyWrite(id: string, entry: AccessPolicyEntry, title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "PUT", url: `${id}/accessPolicies/replace`, query: version, body: { properties: { accessPolicies: [entry] } } },
    title,
    cli: ["az", "keyvault", "set-policy", "--resource-group", at.group, "--name", at.name, "--object-id", entry.objectId, "--secret-permissions", ...(entry.permissions.secrets ?? [])],
    touches: [keyOf(id)],
  };
}

/** Takes all permissions of a principal away. */
export function unpolicyWrite(id: string, entry: AccessPolicyEntry, title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "PUT", url: `${id}/accessPolicies/remove`, query: version, body: { properties: { accessPolicies: [entry] } } },
    title,
    cli: ["az", "keyvault", "delete-policy", "--resource-group", at.group, "--name", at.name, "--object-id", entry.objectId],
    touches: [keyOf(id)],
  };
}

const deletedKey = (subscription: string) => keyOf("/subscriptions/" + subscription, "deletedVaults");

/** The deleted vaults of a subscription. */
export function useDeletedVaults(subscription: string) {
  return useQuery({
    queryKey: deletedKey(subscription),
    queryFn: ({ signal }) => list<DeletedVault>({ url: `/subscriptions/${subscription}${namespace}/deletedVaults`, query: version, signal }),
    enabled: subscription !== "",
  });
}

/** Brings a deleted vault back, with all in it. */
export function recoverWrite(v: DeletedVault, title: string): Write {
  const at = parseId(v.properties.vaultId)!;
  return {
    call: {
      method: "PUT", url: v.properties.vaultId, query: version,
      body: { location: v.properties.location, properties: { tenantId: settings().tenant, sku: { family: "A", name: "standard" }, accessPolicies: [], createMode: "recover" } },
    },
    title,
    cli: ["az", "keyvault", "recover", "--name", v.name, "--resource-group", at.group, "--location", v.properties.location],
    page: "/resource" + v.properties.vaultId,
    touches: [deletedKey(at.subscription)],
  };
}

/** Removes a deleted vault for good. */
export function purgeWrite(v: DeletedVault, title: string): Write {
  const at = parseId(v.properties.vaultId)!;
  return {
    call: { method: "POST", url: `/subscriptions/${at.subscription}${namespace}/locations/${v.properties.location}/deletedVaults/${v.name}/purge`, query: version },
    title,
    cli: ["az", "keyvault", "purge", "--name", v.name, "--location", v.properties.location],
    touches: [deletedKey(at.subscription)],
  };
}

/** A role assignment at a vault whose role allows something with its secrets. */
export interface Holder {
  assignment: AssignmentView;
  role: string;
  reads: boolean;
  writes: boolean;
}

const rolesVersion = { "api-version": "2022-04-01" };

/** Who may do something with a vault's secrets by a role, at the vault or above it. */
export function useHolders(id: string, enabled: boolean) {
  return useQuery({
    queryKey: keyOf(id, "holders"),
    queryFn: async ({ signal }): Promise<Holder[]> => {
      const at = id + "/providers/Microsoft.Authorization/";
      const [assignments, roles] = await Promise.all([
        list<AssignmentView>({ url: at + "roleAssignments", query: { ...rolesVersion, $filter: "atScope()" }, signal }),
        list<RoleView>({ url: at + "roleDefinitions", query: rolesVersion, signal }),
      ]);
      const byId = new Map(roles.map((r) => [r.name.toLowerCase(), r.properties]));
      return assignments.flatMap((assignment) => {
        const role = byId.get((assignment.properties.roleDefinitionId.split("/").pop() ?? "").toLowerCase());
        const permissions = role?.permissions ?? [];
        const [reads, writes, lists] = ["getSecret", "setSecret", "readMetadata"].map((a) => allows(permissions, `${vaultType}/secrets/${a}/action`, true));
        return role && (reads || writes || lists) ? [{ assignment, role: role.roleName, reads: reads === true, writes: writes === true }] : [];
      });
    },
    enabled,
  });
}

/** The names of principals, by object id. */
export function usePrincipals(ids: string[]) {
  const wanted = [...new Set(ids)].sort();
  return useQuery({
    queryKey: ["graph", "names", ...wanted],
    queryFn: async () => {
      const found = await call<{ value: { id: string; displayName?: string }[] }>({
        method: "POST", url: `${settings().graph}/v1.0/directoryObjects/getByIds`, resource: settings().graph, body: { ids: wanted },
      });
      return new Map(found.value.map((o) => [o.id.toLowerCase(), o.displayName ?? ""]));
    },
    enabled: wanted.length > 0,
    staleTime: 60_000,
    retry: false,
  });
}
