import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import { call, list, type Call } from "~/wire/call";
import { keyOf } from "~/wire/id";
import { settings } from "~/wire/settings";
import type { SecretBundle, SecretSetParameters, SecretUpdateParameters } from "~/wire/zz_vault";
import { vaultType, type Vault } from "./api";
import { stamp } from "./names";

const version = { "api-version": "7.6" };

/** The data actions that a role must allow. */
export const actions = {
  list: vaultType + "/secrets/readMetadata/action",
  get: vaultType + "/secrets/getSecret/action",
  set: vaultType + "/secrets/setSecret/action",
  update: vaultType + "/secrets/update/action",
  remove: vaultType + "/secrets/delete",
  recover: vaultType + "/secrets/recover/action",
  purge: vaultType + "/secrets/purge/action",
} as const;

/** What a command on secrets needs: with roles the API is asked before; access policies are held against the call itself. */
export function needs(vault: Vault, what: keyof typeof actions) {
  return vault.properties.enableRbacAuthorization ? { at: vault.id, action: actions[what], data: true } : undefined;
}

/** The resource whose token the data planes of all vaults take. */
const resource = () => "https://" + settings().vaultSuffix;

/** A call of a vault's own API. */
function at(vault: Vault, path: string): Pick<Call, "url" | "query" | "resource"> {
  return { url: new URL(path, vault.properties.vaultUri).toString(), query: version, resource: resource() };
}

const secretsKey = (vault: Vault, ...more: string[]) => keyOf(vault.id, "secrets", ...more);

/** The secrets of a vault, without their values. */
export function useSecrets(vault: Vault) {
  return useQuery({ queryKey: secretsKey(vault), queryFn: ({ signal }) => list<SecretBundle>({ ...at(vault, "/secrets"), signal }), retry: false });
}

/** The versions of a secret, the newest first. */
export function useVersions(vault: Vault, name: string) {
  return useQuery({
    queryKey: secretsKey(vault, name.toLowerCase(), "versions"),
    queryFn: async ({ signal }) => (await list<SecretBundle>({ ...at(vault, `/secrets/${name}/versions`), signal })).sort((a, b) => (b.attributes.created ?? 0) - (a.attributes.created ?? 0)),
    retry: false,
  });
}

/** A version with its value, when it is asked for. It is not kept after the page is left. */
export function useValue(vault: Vault, name: string, v: string, wanted: boolean) {
  return useQuery({
    queryKey: secretsKey(vault, name.toLowerCase(), "value", v),
    queryFn: ({ signal }) => call<SecretBundle>({ ...at(vault, `/secrets/${name}/${v}`), signal }),
    enabled: wanted,
    gcTime: 0,
    retry: false,
  });
}

/** The deleted secrets of a vault. */
export function useDeletedSecrets(vault: Vault) {
  return useQuery({ queryKey: secretsKey(vault, "deleted"), queryFn: ({ signal }) => list<SecretBundle>({ ...at(vault, "/deletedsecrets"), signal }), retry: false });
}

const cli = (vault: Vault, command: string, name: string, ...more: string[]) => ["az", "keyvault", "secret", command, "--vault-name", vault.name, "--name", name, ...more];

/** Options of az for what a secret has beside its value. */
function options(s: SecretUpdateParameters | SecretSetParameters): string[] {
  const a = s.attributes ?? {};
  return [
    ...(s.contentType ? ["--content-type", s.contentType] : []), ...(a.exp === undefined ? [] : ["--expires", stamp(a.exp)]), ...(a.nbf === undefined ? [] : ["--not-before", stamp(a.nbf)]),
  ];
}

/** Makes a secret, or a new version of it. */
export function setWrite(vault: Vault, name: string, body: Omit<SecretSetParameters, "tags">, title: string): Write {
  const off = body.attributes?.enabled === false;
  return {
    call: { method: "PUT", ...at(vault, "/secrets/" + name), body },
    title, cli: cli(vault, "set", name, "--value", body.value ?? "", ...options({ ...body, tags: {} }), ...(off ? ["--disabled", "true"] : [])), secrets: [body.value ?? ""], touches: [secretsKey(vault)],
  };
}

/** Changes what a version has beside its value. */
export function updateWrite(vault: Vault, name: string, v: string, body: Omit<SecretUpdateParameters, "tags">, title: string): Write {
  const on = body.attributes?.enabled;
  return {
    call: { method: "PATCH", ...at(vault, `/secrets/${name}/${v}`), body },
    title, cli: cli(vault, "set-attributes", name, "--version", v, ...options({ ...body, tags: {} }), ...(on === undefined ? [] : ["--enabled", String(on)])), touches: [secretsKey(vault)],
  };
}

/** Deletes a secret with all its versions; it can be recovered. */
export function deleteWrite(vault: Vault, name: string, title: string): Write {
  return { call: { method: "DELETE", ...at(vault, "/secrets/" + name) }, title, cli: cli(vault, "delete", name), touches: [secretsKey(vault)] };
}

/** Brings a deleted secret back. */
export function recoverWrite(vault: Vault, name: string, title: string): Write {
  return { call: { method: "POST", ...at(vault, `/deletedsecrets/${name}/recover`) }, title, cli: cli(vault, "recover", name), touches: [secretsKey(vault)] };
}

/** Removes a deleted secret for good. */
export function purgeWrite(vault: Vault, name: string, title: string): Write {
  return { call: { method: "DELETE", ...at(vault, "/deletedsecrets/" + name) }, title, cli: cli(vault, "purge", name), touches: [secretsKey(vault)] };
}
