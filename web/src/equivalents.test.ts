import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import type { Write } from "~/kit/write";
import type { Envelope } from "~/wire/arm";
import type { Application, PasswordCredential, ServicePrincipal, User } from "~/wire/graph";
import { parseId } from "~/wire/id";
import type { AssignmentView, LockView, Permission, RoleView } from "~/wire/zz_access";
import type { AccessPolicyEntry, DeletedVault } from "~/wire/zz_vault";
import type * as Access from "./rooms/access/api";
import type * as Roles from "./rooms/access/roles";
import type * as Containers from "./rooms/container/api";
import type * as Deployments from "./rooms/deployments/api";
import type * as Directory from "./rooms/directory/api";
import type * as Form from "./rooms/container/form";
import type * as Groups from "./rooms/groups/api";
import type * as Locks from "./rooms/locks/api";
import type * as Registry from "./rooms/registry/api";
import type * as Remove from "./kit/remove";
import type * as Scope from "./kit/scope";
import type * as Secrets from "./rooms/vault/secrets";
import type * as Vaults from "./rooms/vault/api";

// Every write of the portal is called here once or more, and what az is told for it is in equivalents.jsonl, line by line. cli/az/portal_test.go reads that file and holds it against az.

const sub = "/subscriptions/00000000-0000-4000-8000-000000000001";
const group = sub + "/resourceGroups/g";
const id = (type: string, name: string) => `${group}/providers/${type}/${name}`;
const registry = id("Microsoft.ContainerRegistry/registries", "reg");
const vaultId = id("Microsoft.KeyVault/vaults", "safe");
const containers = id("Microsoft.ContainerInstance/containerGroups", "web");
const deployment = id("Microsoft.Resources/deployments", "d");
const guid = "11111111-1111-4111-8111-111111111111";
const permission: Permission = { actions: ["Microsoft.ContainerRegistry/*/read"], notActions: [], dataActions: [], notDataActions: [] };
const role = { id: `${sub}/providers/Microsoft.Authorization/roleDefinitions/${guid}`, name: guid, type: "", properties: { roleName: "AcrPull", description: "d", type: "CustomRole", assignableScopes: [sub], permissions: [permission] } } as RoleView;
const draft = { name: "Watcher", description: "looks", permission };
const app = { id: guid, appId: guid, displayName: "app" } as Application;
const user = { id: guid, displayName: "Uma", userPrincipalName: "uma@d", accountEnabled: true } as User;
const vault = { id: vaultId, name: "safe", type: "", properties: { vaultUri: "https://safe.vault.d/" } } as unknown as Parameters<typeof Secrets.deleteWrite>[0];
const gone = { name: "safe", id: "", type: "", properties: { vaultId, location: "eastus" } } as unknown as DeletedVault;
const policy = { objectId: guid, tenantId: guid, permissions: { secrets: ["get", "list"] } } as unknown as AccessPolicyEntry;
const lock = { id: registry + "/providers/Microsoft.Authorization/locks/keep" } as LockView;
const of = (type: string, name: string): Envelope => ({ id: id(type, name), name, type, properties: {} });

type Samples<M> = { [K in keyof M as K extends `${string}Write` ? K : never]: (f: M[K]) => Write[] };

const kitRemove: Samples<typeof Remove> = { deleteWrite: (f) => [
  f({ id: group, type: "Microsoft.Resources/resourceGroups" }, ""), ...["Microsoft.ContainerRegistry/registries", "Microsoft.ContainerInstance/containerGroups", "Microsoft.Resources/deployments", "Microsoft.KeyVault/vaults",
    "Microsoft.ManagedIdentity/userAssignedIdentities", "Microsoft.Resources/templateSpecs"].map((type) => f(of(type, "x"), "")), f({ id: `${sub}/providers/Microsoft.Resources/deployments/d`, type: "Microsoft.Resources/deployments" }, ""),
] };
const kitScope: Samples<typeof Scope> = { groupWrite: (f) => [f("", guid, "g", "eastus"), f("", guid, "g", "eastus", { team: "blue green" })] };
const access: Samples<typeof Access> = {
  assignWrite: (f) => [f(registry, role, { id: guid, userPrincipalName: "uma@d" }, guid, ""), f(sub, role, { id: guid, appId: guid }, guid, "")],
  removeWrite: (f) => [f({ id: `${registry}/providers/Microsoft.Authorization/roleAssignments/${guid}`, name: "", type: "", properties: { roleDefinitionId: "", principalId: "" } } as AssignmentView, registry, "")],
};
const roles: Samples<typeof Roles> = { roleWrite: (f) => [f(sub, guid, draft, "")], changeRoleWrite: (f) => [f(role, draft, "")], removeRoleWrite: (f) => [f(sub, role, "")] };
const container: Samples<typeof Containers> = { lifeWrite: (f) => (["stop", "start", "restart"] as const).map((verb) => f(containers, verb, "")) };
const containerForm: Samples<typeof Form> = { createWrite: (f) => {
  const form = {
    subscription: guid, group: "g", newGroup: "", location: "eastus", name: "web", image: "reg.azurecr.d/web:v1", os: "Linux" as const, cpu: "0.5", memory: "1.5", policy: "OnFailure" as const, network: "Public" as const, label: "label",
    ports: [{ port: "80", protocol: "TCP" as const }, { port: "443", protocol: "TCP" as const }], env: [{ name: "A", value: "it's b", secure: false }, { name: "B", value: "s3cret", secure: true }], command: "sh -c 'sleep 1'",
    server: "reg.azurecr.d", username: "reg", password: "pull-secret",
  };
  return [f(form, guid, "g", "eastus", ""), f({ ...form, network: "None", env: [], command: "", server: "" }, guid, "g", "eastus", "")];
} };
const deployments: Samples<typeof Deployments> = {
  deployWrite: (f) => [
    f(deployment, { properties: { mode: "Complete", template: { resources: [] }, parameters: { name: { value: "x" }, list: { value: [1, "two"] }, pwd: { value: "s3cret" } } } }, ["s3cret"], ""),
    f(deployment, { properties: { mode: "Incremental", template: {}, parameters: { pwd: { reference: {} } } } }, [], ""),
    f(`${sub}/providers/Microsoft.Resources/deployments/d`, { location: "eastus", properties: { mode: "Incremental", template: {}, parameters: {} } }, [], ""),
  ],
  cancelWrite: (f) => [f(deployment, ""), f(`${sub}/providers/Microsoft.Resources/deployments/d`, "")], removeWrite: (f) => [f(deployment, "")],
};
const directory: Samples<typeof Directory> = {
  createAppWrite: (f) => [f("My app", "")], createPrincipalWrite: (f) => [f(guid, "")], renameAppWrite: (f) => [f(app, "Other", "")], deleteAppWrite: (f) => [f(app, "")], deletePrincipalWrite: (f) => [f({ id: guid } as ServicePrincipal, "")],
  addSecretWrite: (f) => [f(app, "ci", "2030-01-31T23:59:59Z", ""), f(app, "", "2030-01-31T23:59:59Z", "")], removeSecretWrite: (f) => [f(app, { keyId: guid } as PasswordCredential, "")],
  createUserWrite: (f) => [f("Uma", "uma@d", "s3cret", "")], resetPasswordWrite: (f) => [f(user, "s3cret", "")], enableUserWrite: (f) => [f(user, false, ""), f(user, true, "")], deleteUserWrite: (f) => [f(user, "")],
};
const groups: Samples<typeof Groups> = { tagsWrite: (f) => [f(parseId(group)!, { team: "blue" }, ""), f(parseId(registry)!, { team: "blue", cost: "a b" }, ""), f(parseId(registry)!, {}, "")] };
const locks: Samples<typeof Locks> = { lockWrite: (f) => [registry, group, sub].map((at) => f(parseId(at)!, "keep", "CanNotDelete", "why", "")), unlockWrite: (f) => [f(lock, "")] };
const registries: Samples<typeof Registry> = {
  adminWrite: (f) => [f(registry, true, ""), f(registry, false, "")], regenerateWrite: (f) => [f(registry, "password", ""), f(registry, "password2", "")],
  deleteWrite: (f) => [f(registry, "reg.azurecr.d", "team/web", "v1", ""), f(registry, "reg.azurecr.d", "team/web", "", "")],
  createWrite: (f) => [true, false].map((adminUserEnabled) => f(registry, { location: "eastus", sku: { name: "Basic" }, properties: { adminUserEnabled } }, "")),
};
const vaults: Samples<typeof Vaults> = {
  createWrite: (f) => [true, false].map((on) => f(vaultId, { location: "eastus", properties: { tenantId: guid, sku: { family: "A", name: "standard" }, accessPolicies: [], enableRbacAuthorization: on, softDeleteRetentionInDays: 90, enablePurgeProtection: on || undefined, enabledForTemplateDeployment: on } }, "")),
  deleteWrite: (f) => [f(vaultId, "")], updateWrite: (f) => [f(vaultId, { enablePurgeProtection: true }, ["--enable-purge-protection", "true"], "")], policyWrite: (f) => [f(vaultId, policy, "")],
  unpolicyWrite: (f) => [f(vaultId, policy, "")], recoverWrite: (f) => [f(gone, "")], purgeWrite: (f) => [f(gone, "")],
};
const secrets: Samples<typeof Secrets> = {
  setWrite: (f) => [f(vault, "pwd", { value: "s3cret", contentType: "text/plain", attributes: { enabled: false, exp: 1893456000, nbf: 1767225600 } }, ""), f(vault, "pwd", { value: "s3cret" }, "")],
  updateWrite: (f) => [f(vault, "pwd", "0123", { attributes: { enabled: false } }, ""), f(vault, "pwd", "0123", { attributes: { exp: 1893456000 } }, "")], deleteWrite: (f) => [f(vault, "pwd", "")], recoverWrite: (f) => [f(vault, "pwd", "")], purgeWrite: (f) => [f(vault, "pwd", "")],
};

const samples: Record<string, object> = {
  "./kit/remove.ts": kitRemove, "./kit/scope.ts": kitScope, "./rooms/access/api.ts": access, "./rooms/access/roles.ts": roles, "./rooms/container/api.ts": container, "./rooms/container/form.ts": containerForm, "./rooms/deployments/api.ts": deployments,
  "./rooms/directory/api.ts": directory, "./rooms/groups/api.ts": groups, "./rooms/locks/api.ts": locks, "./rooms/registry/api.ts": registries, "./rooms/vault/api.ts": vaults, "./rooms/vault/secrets.ts": secrets,
};

beforeAll(() => {
  const content = JSON.stringify({ resourceManager: "https://management.d", graph: "https://graph.d", vaultSuffix: "vault.d", tenant: guid, domain: "d" });
  vi.stubGlobal("document", { querySelector: () => ({ content }) }); // what wire/settings.ts asks of it
});

test("every write says what az does the same, and none shows a secret", async () => {
  const modules = import.meta.glob<Record<string, unknown>>(["./kit/*.ts", "./rooms/*/*.ts", "!./**/*.test.ts"]);
  const lines: string[] = [];
  const writing = (path: string) => /^export (async )?function (?!useWrite)\w+Write\b/m.test(readFileSync(resolve(import.meta.dirname, path), "utf8"));
  for (const path of Object.keys(modules).filter(writing).sort()) {
    const module = await modules[path]!();
    for (const name of Object.keys(module).filter((n) => n.endsWith("Write") && n !== "useWrite").sort()) {
      const sample = (samples[path] as Record<string, (f: unknown) => Write[]> | undefined)?.[name];
      if (!sample) throw new Error(`${path}: ${name} is not among the samples of this test`);
      for (const w of sample(module[name])) {
        expect(w.cli.slice(0, 1), `${path}: ${name}`).toEqual(["az"]);
        if (w.cli.join(" ").includes("s3cret")) expect(w.secrets, `${path}: ${name} shows its secret`).toContain("s3cret");
        lines.push(JSON.stringify(w.cli));
      }
    }
  }
  await expect([...new Set(lines)].join("\n") + "\n").toMatchFileSnapshot("equivalents.jsonl");
});

/** What is sent by POST and changes nothing, or is a sign-in. */
const reads = ["listCredentials", "checkNameAvailability", "getByIds", "validate", "whatIf", "exportTemplate", "exec", "/exchange", "/token"];

/** Who talks to the cloud otherwise: what keeps the rules here, and Cloud Shell, which is the portal's own and has no az command in Azure either. */
const apart = /^wire\/(session|call|zz_.*)\.ts$|^kit\/write\.ts$|^rooms\/shell\/api\.ts$/;

test("nothing is written but by a Write", () => {
  const root = resolve(import.meta.dirname);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => /\.tsx?$/.test(f) && !/\.test\./.test(f) && !apart.test(f));
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) {
    const text = readFileSync(resolve(root, file), "utf8");
    for (const m of text.matchAll(/method: "(PUT|PATCH|DELETE|POST)"/g)) {
      const around = text.slice(m.index, m.index + 200);
      if (m[1] === "POST" && reads.some((r) => around.includes(r))) continue;
      const functions = [...text.slice(0, m.index).matchAll(/^(?:export )?(?:async )?(?:function|const) (\w+)/gm)];
      const inside = functions[functions.length - 1]?.[1] ?? "";
      const returns = text.slice(functions[functions.length - 1]?.index, m.index + 300);
      expect(/: Write(\["call"\])?|GraphCall/.test(returns), `${file}: ${inside} sends ${m[1]}, but makes no Write`).toBe(true);
      expect(file.endsWith(".tsx"), `${file}: a write of a page belongs into its room's api.ts, where it is tested`).toBe(false);
    }
  }
});

test("what a page writes can be seen as a command beside its button", () => {
  const root = resolve(import.meta.dirname, "rooms");
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".tsx"))) {
    const text = readFileSync(resolve(root, file), "utf8");
    if (!/= useWrite\(\)/.test(text)) continue;
    expect(/<EquivalentCli[^>]*write=|<Submit[^>]*write=|<Confirm[^]*?write=/.test(text), `${file} writes, and shows no command for it`).toBe(true);
  }
});
